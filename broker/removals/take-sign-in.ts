/** Takes a sign-in away: of an account that stays, or that goes with it. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import type { Registry } from '../servers/registry.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import type { Left } from '../tokens/sign-out.ts';
import type { Taken } from './removals.ts';
import { createWayBack, isOtherwiseNow, isToldAlready } from './way-back.ts';

export interface LeaveDeps {
  readonly registry: Pick<Registry, 'find'>;
  readonly signIns: Pick<SignIns, 'cancel' | 'forget'>;
  /** Rejects like `TokenBook.drop`. */
  readonly leave: (key: AccountKey) => Promise<Left>;
}

/** What is under way ends too. */
export const leaveAccount = async (
  { registry, signIns, leave }: LeaveDeps,
  key: AccountKey,
): Promise<Left> => {
  const before = registry.find(key.server);
  await signIns.cancel(key);
  signIns.forget(key);
  const left = await leave(key);
  return {
    ...left,
    putBack: async () => {
      const now = registry.find(key.server);
      const isSame = now !== undefined && now.addedAt === before?.addedAt;
      if (!isSame || now.tokenSource !== 'oauth' || !now.accounts.includes(key.account))
        throw isOtherwiseNow();
      await signIns.cancel(key);
      await left.putBack();
    },
  };
};

/** What the person may have to do where a server did not confirm, for whom. */
export const endAll = async (
  left: readonly Left[],
  title: string,
): Promise<Problem | undefined> => {
  const outcomes = await Promise.all(left.map(({ end }) => end().catch(notEnded)));
  const isAlive = outcomes.some(({ revoked }) => revoked === 'no');
  return isAlive ? notRevoked(title) : undefined;
};

export interface TakeSignInDeps extends LeaveDeps {
  readonly registry: Pick<Registry, 'find' | 'get' | 'markSignedOut'>;
  /** The account as people call it. */
  readonly nameOf: (key: AccountKey) => string;
}

/** The account stays. Rejects like `TokenBook.drop`: then nothing is taken. */
export const takeSignIn = async (deps: TakeSignInDeps, key: AccountKey): Promise<Taken> => {
  const { registry, nameOf } = deps;
  const name = nameOf(key);
  const { title, signedOut } = registry.get(key.server);
  const way = createWayBack();
  // Where that was so before, it is nothing that could come back.
  if (!signedOut.includes(key.account)) way.add(() => registry.markSignedOut(key, false));
  registry.markSignedOut(key, true);
  const left = await leaveAccount(deps, key).catch(async (error: unknown) => {
    await way.go();
    throw error;
  });
  way.add(left.putBack);
  return {
    ...{ name, livesOn: left.livesOn, signIns: [key] },
    putBack: way.go,
    settle: () => endAll([left], title),
  };
};

export interface TakeAccountDeps extends TakeSignInDeps {
  readonly registry: Pick<
    Registry,
    'assertCanGo' | 'find' | 'get' | 'markSignedOut' | 'removeAccount'
  >;
}

/** With its account. Rejects like `Registry.removeAccount`, and like `TokenBook.drop`: then nothing is taken. */
export const takeAccount = async (deps: TakeAccountDeps, key: AccountKey): Promise<Taken> => {
  const { registry, signIns, nameOf } = deps;
  registry.assertCanGo(key);
  const { title } = registry.get(key.server);
  const name = nameOf(key);
  const left = await leaveAccount(deps, key);
  const way = createWayBack();
  way.add(left.putBack);
  try {
    way.add(registry.removeAccount(key));
  } catch (error) {
    await way.go().catch(isToldAlready);
    await endAll([left], title);
    throw error;
  }
  // One that began meanwhile finds its account gone when it comes to be kept.
  await signIns.cancel(key);
  return {
    ...{ name, livesOn: left.livesOn, signIns: [key] },
    putBack: way.go,
    settle: () => endAll([left], title),
  };
};

const notEnded = (): { readonly revoked: 'no' } => ({ revoked: 'no' });

const notRevoked = (title: string): Problem => ({
  code: 'not-revoked',
  message: `the sign-in at ${title} is wiped here, but the server did not confirm that it has ended there`,
  hint: 'end it in the settings of your account there',
});
