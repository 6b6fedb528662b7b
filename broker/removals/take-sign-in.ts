/** Takes a sign-in away: of an account that stays, or that goes with it. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import type { Registry } from '../servers/registry.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import type { Left } from '../tokens/sign-out.ts';
import type { Taken } from './removals.ts';

export interface LeaveDeps {
  readonly signIns: Pick<SignIns, 'cancel' | 'forget'>;
  /** Rejects like `TokenBook.drop`. */
  readonly leave: (key: AccountKey) => Promise<Left>;
}

/** What is under way ends too. */
export const leaveAccount = async (
  { signIns, leave }: LeaveDeps,
  key: AccountKey,
): Promise<Left> => {
  await signIns.cancel(key);
  signIns.forget(key);
  const left = await leave(key);
  return {
    ...left,
    putBack: async () => {
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
  readonly registry: Pick<Registry, 'get' | 'markSignedOut'>;
  /** The account as people call it. */
  readonly nameOf: (key: AccountKey) => string;
}

/** The account stays. Rejects like `TokenBook.drop`. */
export const takeSignIn = async (deps: TakeSignInDeps, key: AccountKey): Promise<Taken> => {
  const { registry, nameOf } = deps;
  const wasOut = registry.get(key.server).signedOut.includes(key.account);
  const name = nameOf(key);
  const { title } = registry.get(key.server);
  registry.markSignedOut(key, true);
  const left = await leaveAccount(deps, key);
  return {
    ...{ name, livesOn: left.livesOn },
    putBack: async () => {
      await left.putBack();
      registry.markSignedOut(key, wasOut);
    },
    settle: () => endAll([left], title),
  };
};

export interface TakeAccountDeps extends TakeSignInDeps {
  readonly registry: Pick<Registry, 'assertCanGo' | 'get' | 'markSignedOut' | 'removeAccount'>;
}

/** With its account. Rejects like `Registry.removeAccount`, and like `TokenBook.drop`. */
export const takeAccount = async (deps: TakeAccountDeps, key: AccountKey): Promise<Taken> => {
  const { registry, signIns, nameOf } = deps;
  registry.assertCanGo(key);
  const { title } = registry.get(key.server);
  const name = nameOf(key);
  const left = await leaveAccount(deps, key);
  const addBack = registry.removeAccount(key);
  // One that began meanwhile finds its account gone when it comes to be kept.
  await signIns.cancel(key);
  return {
    ...{ name, livesOn: left.livesOn },
    putBack: async () => {
      addBack();
      await left.putBack();
    },
    settle: () => endAll([left], title),
  };
};

const notEnded = (): { readonly revoked: 'no' } => ({ revoked: 'no' });

const notRevoked = (title: string): Problem => ({
  code: 'not-revoked',
  message: `the sign-in at ${title} is wiped here, but the server did not confirm that it has ended there`,
  hint: 'end it in the settings of your account there',
});
