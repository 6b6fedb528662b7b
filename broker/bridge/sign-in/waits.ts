/** When does a call go on that waits for a sign-in? Once the account can be used, or the sign-in has failed. */
import { type AccountKey, keyText } from '../../../shared/contract/ids.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import type { SignIns } from '../../tokens/sign-ins.ts';

export interface SignInWaits {
  /** Somebody is asked to sign in: from now on a failure is one of theirs. */
  readonly asked: (key: AccountKey) => void;
  /** Calls `then` once, later: without a problem the account can be used. Returns a function that stops it. */
  readonly wait: (key: AccountKey, then: (problem?: Problem) => void) => () => void;
  /** What is known already: without a problem the account can be used. Undefined while nothing is. */
  readonly outcome: (key: AccountKey) => { readonly problem?: Problem } | undefined;
  /** A sign-in may have ended. */
  readonly look: () => void;
}

export interface SignInWaitsDeps {
  readonly isUsable: (key: AccountKey) => boolean;
  readonly onUsable: (key: AccountKey, deed: () => void) => () => void;
  readonly ended: SignIns['ended'];
}

interface Wait {
  readonly key: AccountKey;
  readonly end: (problem?: Problem) => void;
}

export const createSignInWaits = ({ isUsable, onUsable, ended }: SignInWaitsDeps): SignInWaits => {
  const waits = new Set<Wait>();
  /** How the last sign-in before the question had ended. */
  const before = new Map<string, ReturnType<SignIns['ended']>>();

  const failure = (key: AccountKey): Problem | undefined => {
    const end = ended(key);
    return end === before.get(keyText(key)) ? undefined : end?.problem;
  };

  return {
    asked: (key) => void before.set(keyText(key), ended(key)),
    wait: (key, then) => {
      const stop = (): void => {
        waits.delete(wait);
        stopUsable();
      };
      const wait: Wait = {
        key,
        end: (problem) => {
          stop();
          then(problem);
        },
      };
      const stopUsable = onUsable(key, () => wait.end());
      waits.add(wait);
      return stop;
    },
    outcome: (key) => {
      if (isUsable(key)) return {};
      const problem = failure(key);
      return problem && { problem };
    },
    look: () => {
      for (const { key, end } of [...waits]) {
        const problem = failure(key);
        if (problem !== undefined) end(problem);
      }
    },
  };
};
