/** Why the token book gives no token, in words for a person. */
import { type Problem, ProblemError } from '../../shared/contract/problems.ts';
import type { Grant } from './grant.ts';

export const needsSignIn = (): ProblemError =>
  new ProblemError('needs-sign-in', 'nobody is signed in', { hint: 'sign in to this server' });

export const serverGone = (): ProblemError =>
  new ProblemError('not-found', 'the server was removed before the sign-in was done');

/** Tokens of one person must never be used as another's. */
export const somebodyElse = ({ label }: Pick<Grant, 'label'>): ProblemError =>
  new ProblemError(
    'other-person',
    label === undefined
      ? 'somebody else is signed in to this account'
      : `this account is ${label}, and somebody else signed in`,
    { hint: 'sign out first, or add another account for them' },
  );

/** A renewal that comes back with another person is none. */
export const renewedAsAnother = ({ metadata }: Grant): Problem => ({
  code: 'other-person',
  message: `${new URL(metadata.issuer).host} renewed the sign-in of somebody else`,
  hint: 'sign in again',
});

export const movedAway = ({ metadata }: Grant): Problem => ({
  code: 'needs-sign-in',
  message: `the server no longer signs people in at ${new URL(metadata.issuer).host}`,
  hint: 'sign in again',
});

export const refusedThoughFresh = ({ metadata }: Grant): ProblemError =>
  new ProblemError(
    'token-refused',
    `the server refuses a token that ${new URL(metadata.issuer).host} has only just issued`,
    {
      hint: 'sign out and in again; if that does not help, the server and its sign-in service disagree',
    },
  );
