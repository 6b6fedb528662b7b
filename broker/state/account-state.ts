/** The state of an account, derived from facts by one ordered table. It is stored nowhere, so it cannot be stale. */
import type { Problem } from '../../shared/contract/problems.ts';
import type { AccountState } from '../../shared/contract/snapshot.ts';

export interface AccountFacts {
  /** The server wants no sign-in. */
  readonly open: boolean;
  readonly signingIn: boolean;
  /** Why the last sign-in failed. */
  readonly signInFailure: Problem | undefined;
  /** Why the vault cannot tell whether there is a grant. */
  readonly vaultClosed: Problem | undefined;
  /** What a server refused for want of scope, while the person can be asked for it. */
  readonly moreAccess: Problem | undefined;
  readonly grant: GrantState | undefined;
  /** Of a local server. */
  readonly program?:
    | {
        /** Why it does not run. */
        readonly problem: Problem | undefined;
        /** It is not started without what a vault holds. */
        readonly hasSecrets: boolean;
      }
    | undefined;
}

export interface GrantState {
  readonly renewing: boolean;
  /** A final answer: it cannot be renewed any more. */
  readonly ended: Problem | undefined;
  /** A passing failure of renewal. */
  readonly trouble: Problem | undefined;
  readonly unsaved: Problem | undefined;
  /** Its access token has run out and nothing can renew it. */
  readonly lapsed: boolean;
}

interface Rule {
  readonly when: (facts: AccountFacts) => unknown;
  readonly state: AccountState;
  readonly problem?: (facts: AccountFacts) => Problem | undefined;
}

/** Sign-ins that fail this way fail again until somebody mends the set-up. */
const setUpCodes: ReadonlySet<Problem['code']> = new Set([
  'no-sign-in-service',
  'resource-mismatch',
  'issuer-mismatch',
  'pkce-unsupported',
  'registration-unavailable',
  'registration-refused',
  'redirect-unwelcome',
  'client-key-unusable',
  'client-certificate-unusable',
  'identity-provider',
  'no-id-token',
  'reference-unresolved',
  'insecure-url',
  'address-refused',
]);

/** Troubles of a renewal that pass by themselves; of any other, the answer will be the same next time. */
const passing: ReadonlySet<Problem['code']> = new Set(['retrying', 'offline']);

/** The first rule that applies gives the state. */
const rules: readonly Rule[] = [
  {
    when: ({ program, vaultClosed }) => program?.hasSecrets && vaultClosed,
    state: 'offline',
    problem: ({ vaultClosed }) => vaultClosed,
  },
  {
    when: ({ program }) => program?.problem,
    state: 'does-not-run',
    problem: ({ program }) => program?.problem,
  },
  { when: ({ open }) => open, state: 'open' },
  { when: ({ signingIn }) => signingIn, state: 'signing-in' },
  {
    when: ({ grant }) => grant?.unsaved,
    state: 'cannot-save',
    problem: ({ grant }) => grant?.unsaved,
  },
  {
    // Nothing is wrong with the account: it is out of reach, and a sign-in could not be kept either.
    when: ({ grant, vaultClosed }) => grant === undefined && vaultClosed,
    state: 'offline',
    problem: ({ vaultClosed }) => vaultClosed,
  },
  {
    when: ({ signInFailure }) => signInFailure !== undefined && setUpCodes.has(signInFailure.code),
    state: 'needs-setup',
    problem: ({ signInFailure }) => signInFailure,
  },
  {
    when: ({ grant }) => grant === undefined,
    state: 'needs-sign-in',
    problem: ({ signInFailure }) => signInFailure,
  },
  {
    when: ({ grant }) => grant?.ended !== undefined || grant?.lapsed,
    state: 'needs-sign-in',
    problem: ({ signInFailure, grant }) => signInFailure ?? grant?.ended ?? lapsed,
  },
  {
    when: ({ moreAccess }) => moreAccess,
    state: 'needs-sign-in',
    problem: ({ signInFailure, moreAccess }) => signInFailure ?? moreAccess,
  },
  // Before "renewing", or each try would leave this state and enter it again, with a notice every time.
  {
    when: ({ grant }) => grant?.trouble !== undefined && !passing.has(grant.trouble.code),
    state: 'needs-setup',
    problem: ({ grant }) => grant?.trouble,
  },
  { when: ({ grant }) => grant?.renewing, state: 'renewing' },
  {
    when: ({ grant }) => grant?.trouble?.code === 'offline',
    state: 'offline',
    problem: ({ grant }) => grant?.trouble,
  },
  {
    when: ({ grant }) => grant?.trouble,
    state: 'retrying',
    problem: ({ grant }) => grant?.trouble,
  },
  { when: () => true, state: 'signed-in', problem: ({ signInFailure }) => signInFailure },
];

const lapsed: Problem = {
  code: 'needs-sign-in',
  message: 'the sign-in has run out, and the server gave nothing to renew it with',
  hint: 'sign in again',
};

/** The state that the facts amount to, and the problem that goes with it. */
export const accountState = (
  facts: AccountFacts,
): { state: AccountState; problem: Problem | undefined } => {
  const rule = rules.find(({ when }) => Boolean(when(facts)));
  return { state: rule?.state ?? 'signed-in', problem: rule?.problem?.(facts) };
};
