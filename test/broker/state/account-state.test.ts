import { describe, expect, it } from 'vitest';
import {
  type AccountFacts,
  accountState,
  type GrantState,
} from '../../../broker/state/account-state.ts';
import type { Problem, ProblemCode } from '../../../shared/contract/problems.ts';
import type { AccountState } from '../../../shared/contract/snapshot.ts';

const problem = (code: ProblemCode, message = code as string): Problem => ({ code, message });

const nothing: AccountFacts = {
  open: false,
  signingIn: false,
  signInFailure: undefined,
  vaultClosed: undefined,
  moreAccess: undefined,
  grant: undefined,
};
const good: GrantState = {
  renewing: false,
  ended: undefined,
  trouble: undefined,
  unsaved: undefined,
  lapsed: false,
};
const grant = (change: Partial<GrantState> = {}): Partial<AccountFacts> => ({
  grant: { ...good, ...change },
});

const locked = problem('vault-locked');
const full = problem('cannot-save');
const ended = problem('needs-sign-in', 'ended');
const setUp = problem('pkce-unsupported');
const refused = problem('sign-in-refused', 'the person said no');
const trouble = problem('retrying');

const crashed = problem('program-failed');
const program = (hasSecrets = false, why?: Problem): AccountFacts['program'] => ({
  ...{ hasSecrets, problem: why },
});

/** From a bare account to one with everything at once: each row beats the rows below it. */
const table: [facts: Partial<AccountFacts>, state: AccountState, problem: Problem | undefined][] = [
  [{ open: true }, 'open', undefined],
  [{ open: true, program: program() }, 'open', undefined],
  [{ open: true, program: program(), vaultClosed: locked }, 'open', undefined],
  [{ open: true, program: program(true), vaultClosed: locked }, 'offline', locked],
  [{ open: true, program: program(true, crashed), vaultClosed: locked }, 'offline', locked],
  [{ open: true, program: program(true, crashed) }, 'does-not-run', crashed],
  [{ signingIn: true }, 'signing-in', undefined],
  [grant({ unsaved: full }), 'cannot-save', full],
  [{ vaultClosed: locked }, 'offline', locked],
  [{ signInFailure: setUp }, 'needs-setup', setUp],
  [{ signInFailure: setUp, ...grant() }, 'needs-setup', setUp],
  [{}, 'needs-sign-in', undefined],
  [{ signInFailure: refused }, 'needs-sign-in', refused],
  [grant({ ended }), 'needs-sign-in', ended],
  [grant({ lapsed: true }), 'needs-sign-in', expect.objectContaining({ code: 'needs-sign-in' })],
  [{ signInFailure: refused, ...grant({ ended }) }, 'needs-sign-in', refused],
  [grant({ trouble: refused }), 'needs-setup', refused],
  [grant({ trouble: refused, renewing: true }), 'needs-setup', refused],
  [grant({ renewing: true }), 'renewing', undefined],
  [grant({ trouble: problem('offline') }), 'offline', problem('offline')],
  [grant({ trouble }), 'retrying', trouble],
  [grant(), 'signed-in', undefined],
  [{ signInFailure: refused, ...grant() }, 'signed-in', refused],
];

describe('the state of an account', () => {
  it.each(table)('%o is %s', (facts, state, shown) => {
    expect(accountState({ ...nothing, ...facts })).toEqual({ state, problem: shown });
  });

  it.each<[what: string, facts: Partial<AccountFacts>, state: AccountState]>([
    [
      'open beats all',
      {
        open: true,
        signingIn: true,
        vaultClosed: locked,
        signInFailure: setUp,
        ...grant({ unsaved: full }),
      },
      'open',
    ],
    ['signing in beats a closed vault', { signingIn: true, vaultClosed: locked }, 'signing-in'],
    [
      'signing in beats what is being replaced',
      { signingIn: true, ...grant({ ended, unsaved: full }) },
      'signing-in',
    ],
    [
      'what cannot be saved beats an end',
      grant({ unsaved: full, ended, trouble, renewing: true }),
      'cannot-save',
    ],
    ['a living grant beats a vault that closed', { vaultClosed: locked, ...grant() }, 'signed-in'],
    [
      'a closed vault beats a failed sign-in',
      { vaultClosed: locked, signInFailure: refused },
      'offline',
    ],
    ['an end beats a renewal under way', grant({ ended, renewing: true }), 'needs-sign-in'],
    [
      'a renewal under way beats the failure before it',
      grant({ renewing: true, trouble }),
      'renewing',
    ],
  ])('%s', (_what, facts, state) => {
    expect(accountState({ ...nothing, ...facts }).state).toBe(state);
  });

  it.each<[ProblemCode, AccountState]>([
    ['no-sign-in-service', 'needs-setup'],
    ['resource-mismatch', 'needs-setup'],
    ['issuer-mismatch', 'needs-setup'],
    ['pkce-unsupported', 'needs-setup'],
    ['registration-unavailable', 'needs-setup'],
    ['registration-refused', 'needs-setup'],
    ['insecure-url', 'needs-setup'],
    ['address-refused', 'needs-setup'],
    ['sign-in-refused', 'needs-sign-in'],
    ['sign-in-timed-out', 'needs-sign-in'],
    ['server-unreachable', 'needs-sign-in'],
    ['cannot-save', 'needs-sign-in'],
    ['vault-locked', 'needs-sign-in'],
    ['internal', 'needs-sign-in'],
  ])('after a sign-in that failed with %s is %s', (code, state) => {
    expect(accountState({ ...nothing, signInFailure: problem(code) })).toEqual({
      state,
      problem: problem(code),
    });
  });
});
