/** Takes a server away, with all that is kept for it. */
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import { assertUnused } from '../servers/assert-settings.ts';
import type { Registry } from '../servers/registry.ts';
import type { Activity } from '../state/activity.ts';
import type { Capture } from '../state/capture.ts';
import type { TokenBook } from '../tokens/book.ts';
import type { MintedBook } from '../tokens/minted.ts';
import type { Settlements } from '../tokens/settle.ts';
import type { Left } from '../tokens/sign-out.ts';
import type { Taken } from './removals.ts';
import { endAll, type LeaveDeps, leaveAccount } from './take-sign-in.ts';
import { createWayBack, isOtherwiseNow, isToldAlready } from './way-back.ts';

export interface TakeServerDeps extends LeaveDeps {
  readonly registry: Pick<Registry, 'all' | 'get' | 'find' | 'remove'>;
  readonly book: Pick<TokenBook, 'facts'>;
  readonly minted: Pick<MintedBook, 'forget'>;
  readonly settlements: Pick<Settlements, 'kept' | 'keepSecrets' | 'forget'>;
  readonly local: {
    /** Takes what the vault holds for a local server, and returns the way back. Both reject like the vault. */
    readonly take: (server: ServerId) => Promise<() => Promise<void>>;
    /** Ends the programs of a local server that is there no more. */
    readonly ended: (server: ServerId) => void;
  };
  readonly activity: Pick<Activity, 'forget'>;
  readonly capture: Pick<Capture, 'forget'>;
  readonly isDemo: (server: ServerId) => boolean;
  readonly now: () => number;
}

/** Rejects with `not-found` and `in-use`, and like the vault: then nothing is taken. */
export const takeServer = async (deps: TakeServerDeps, server: ServerId): Promise<Taken> => {
  const { registry, book, minted, settlements, local, signIns } = deps;
  const record = registry.get(server);
  const { accounts, title, tokenSource, signIn, kind } = record;
  assertUnused(registry, record);
  const keys = accounts.map((account) => ({ server, account }));
  // A closed vault must not keep a server that has nothing in it.
  const hasSomething = (key: AccountKey): boolean =>
    tokenSource === 'oauth' || book.facts(key) !== undefined;
  const isDemo = deps.isDemo(server);
  const way = createWayBack();
  // Another server of that id must not get what was this one's.
  const ofThis = (step: () => Promise<void>) => async (): Promise<void> => {
    if (registry.find(server)?.addedAt !== record.addedAt) throw isOtherwiseNow();
    await step();
  };
  const left: Left[] = [];
  try {
    for (const key of keys.filter(hasSomething)) {
      const one = await leaveAccount(deps, key);
      left.push(one);
      way.add(one.putBack);
    }
    if (signIn !== undefined) way.add(ofThis(await takeSecrets(settlements, server)));
    way.add(ofThis(await local.take(server)));
    way.add(registry.remove(server));
  } catch (error) {
    await way.go().catch(isToldAlready);
    await endAll(left, title);
    throw error;
  }
  const removedAt = deps.now();
  for (const key of keys) minted.forget(key);
  if (kind === 'local') local.ended(server);
  // One that began meanwhile finds its server gone when it comes to be kept.
  await Promise.all(keys.map((key) => signIns.cancel(key)));
  deps.capture.forget(server);
  return {
    ...{ name: title, livesOn: left.some((one) => one.livesOn) },
    putBack: way.go,
    settle: async () => {
      // Not what has been asked since of another one of that id.
      if (registry.find(server)?.addedAt !== record.addedAt)
        await deps.activity.forget(server, removedAt);
      const problem = await endAll(left, title);
      // With the demo its sign-in service has gone: nobody is left to confirm anything.
      return isDemo ? undefined : problem;
    },
  };
};

const takeSecrets = async (
  settlements: TakeServerDeps['settlements'],
  server: ServerId,
): Promise<() => Promise<void>> => {
  const kept = Object.entries(settlements.kept(server));
  await settlements.forget(server);
  return () =>
    settlements.keepSecrets(server, {
      set: Object.fromEntries(kept.map(([name, secret]) => [name, secret.reveal()])),
      unset: [],
    });
};
