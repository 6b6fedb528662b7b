/** Wiping everything: no secret stays here, and at the servers as little of them as those allow. */
import { type AccountKey, keyText, type ServerId } from '../../shared/contract/ids.ts';
import { type Problem, toProblem } from '../../shared/contract/problems.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { Logger } from '../log/logger.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Zone } from '../net/zone.ts';
import type { ClientRegistration } from '../oauth/client-registration.ts';
import { unregister } from '../oauth/register.ts';
import type { Clock } from '../ports.ts';
import type { Vault } from '../vault/vault.ts';
import type { TokenBook } from './book.ts';
import type { Grant } from './grant.ts';
import type { KeptRegistrations } from './registrations.ts';
import type { SignIns } from './sign-ins.ts';
import { revokeGrant } from './sign-out.ts';

/** What has to be known of a server. */
export interface WipedServer {
  readonly id: string;
  readonly accounts: readonly string[];
  readonly signedOut: readonly string[];
  readonly tokenSource: 'none' | 'oauth' | 'minted';
  readonly zone: Zone;
}

export interface WipeDeps {
  readonly registry: {
    readonly all: () => readonly WipedServer[];
    readonly find: (id: string) => WipedServer | undefined;
    readonly markSignedOut: (key: AccountKey, signedOut: boolean) => void;
  };
  readonly book: Pick<TokenBook, 'dropAll'>;
  readonly signIns: Pick<SignIns, 'stop'>;
  readonly registrations: Pick<KeptRegistrations, 'all'>;
  readonly vault: Pick<Vault, 'view' | 'destroy'>;
  readonly fetchFor: (zone: Zone, server?: ServerId) => GuardedFetch;
  /** What is remembered of an account's failures and wishes. */
  readonly forget: (key: AccountKey) => void;
  readonly removeDoorKeys: () => void;
  /** Programs that were started with secrets still know them. */
  readonly endPrograms: () => Promise<void>;
  /** Forgets what AI clients asked. */
  readonly removeActivity: () => Promise<void>;
  /** Keeps the way to the network as it is until the function returned is called. */
  readonly holdNetwork: () => () => void;
  readonly openVault: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onChange: () => void;
}

export type WipeOutcome = RouteReply<'wipe'>;

interface Dropped {
  readonly key: AccountKey;
  readonly grant: Grant;
}

/** For one question to a server, ms. */
const EACH_MS = 6_000;
/** For all of them together, ms. */
const WHOLE_MS = 20_000;
/** For the fresh vault, ms; a keychain that asks for its password first takes longer, and every surface shows it. */
const OPEN_MS = 3_000;

/**
 * A function that wipes everything. Never rejects; calls while one runs share its outcome.
 *
 * The vault goes at once, while the tokens stay in memory to be revoked with: a server that hangs must not keep them on
 * the disk, nor a crash. Accounts count as signed out by the person, or those that need nobody would sign in again.
 */
export const createWipe = (deps: WipeDeps): (() => Promise<WipeOutcome>) => {
  const { registry, book, vault, clock, log } = deps;
  let running: Promise<WipeOutcome> | undefined;

  const fetchOf = ({ server }: AccountKey): GuardedFetch =>
    deps.fetchFor(registry.find(server)?.zone ?? 'public', server);

  /** The accounts whose sign-ins a closed vault hides. */
  const hidden = (): AccountKey[] =>
    vault.view().state === 'open'
      ? []
      : registry
          .all()
          .filter(({ tokenSource }) => tokenSource === 'oauth')
          .flatMap(({ id, accounts, signedOut }) =>
            accounts
              .filter((account) => !signedOut.includes(account))
              .map((account) => ({ server: id, account })),
          );

  const forgetAccounts = (): void => {
    for (const { id, accounts, tokenSource } of registry.all()) {
      for (const account of accounts) {
        deps.forget({ server: id, account });
        if (tokenSource === 'oauth') registry.markSignedOut({ server: id, account }, true);
      }
    }
  };

  const wipe = async (): Promise<WipeOutcome> => {
    const release = deps.holdNetwork();
    const over = new AbortController();
    const cancel = clock.after(WHOLE_MS, () => over.abort());
    const bounded = bound(over.signal);
    const unknown = hidden();
    const registered = deps.registrations.all();
    const outcomes = new Map<string, WipeOutcome['accounts'][number]>(
      unknown.map((key) => [keyText(key), { ...key, revoked: 'unknown' }]),
    );
    const end = async (dropped: readonly Dropped[]): Promise<void> => {
      const ended = await Promise.all(
        dropped.map(async ({ key, grant }) => ({
          ...key,
          revoked: await revokeGrant(bounded(fetchOf(key)), grant),
        })),
      );
      for (const outcome of ended) outcomes.set(keyText(outcome), outcome);
    };
    const endIssuer = async (issuer: string, dropped: readonly Dropped[]): Promise<void> => {
      await end(dropped);
      const held = registered.find((registration) => registration.issuer === issuer);
      if (held !== undefined) await endRegistration(held, dropped[0]?.key);
    };
    const endRegistration = async (held: ClientRegistration, by?: AccountKey): Promise<void> => {
      await unregister(bounded(by === undefined ? deps.fetchFor('public') : fetchOf(by)), held);
    };

    // Aborts them now; what they still hold is seen to below.
    const ended = deps.signIns.stop();
    const byIssuer = Map.groupBy(book.dropAll(), ({ grant }) => grant.metadata.issuer);
    const destroyed = vault.destroy();
    const activityRemoved = problemsOf(deps.removeActivity());
    const programsEnded = problemsOf(deps.endPrograms());
    const left = [...problemOf(deps.removeDoorKeys), ...problemOf(forgetAccounts)];
    const revoked = Promise.all([
      ...[...byIssuer].map(([issuer, dropped]) => endIssuer(issuer, dropped)),
      ...registered
        .filter(({ issuer }) => !byIssuer.has(issuer))
        .map((held) => endRegistration(held)),
    ]);
    left.push(...(await destroyed.catch((error: unknown) => [toProblem(error)])));
    left.push(...(await activityRemoved), ...(await programsEnded));
    await ended;
    // What a sign-in had saved, or a vault that was just opening had read, before the files were gone.
    await end(book.dropAll());
    await revoked;
    cancel();
    release();
    log.info('wiped', { left: left.map(({ code }) => code) });
    await within(clock, OPEN_MS, deps.openVault());
    deps.onChange();
    return { accounts: [...outcomes.values()], left };
  };

  return () => {
    running ??= wipe().finally(() => (running = undefined));
    return running;
  };
};

/** The same fetch within the limits of a wipe. */
const bound =
  (over: AbortSignal) =>
  (fetch: GuardedFetch): GuardedFetch =>
  (address, request = {}) =>
    fetch(address, {
      ...request,
      timeoutMs: EACH_MS,
      signal: request.signal === undefined ? over : AbortSignal.any([request.signal, over]),
    });

/** Resolves with the deed or after so many ms, whichever comes first. */
const within = (clock: Clock, ms: number, deed: Promise<void>): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    void deed.finally(() => {
      cancel();
      resolve();
    });
  });

const problemsOf = (deed: Promise<void>): Promise<Problem[]> =>
  deed.then(
    () => [],
    (error: unknown) => [toProblem(error)],
  );

/** A deed that must not keep the others from being done. */
const problemOf = (deed: () => void): Problem[] => {
  try {
    deed();
    return [];
  } catch (error) {
    return [toProblem(error)];
  }
};
