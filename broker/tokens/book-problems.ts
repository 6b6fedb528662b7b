/** Why the token book gives no token, in words for a person. */
import { type Problem, ProblemError } from '../../shared/contract/problems.ts';
import type { Grant } from './grant.ts';

export const needsSignIn = (): ProblemError =>
  new ProblemError('needs-sign-in', 'nobody is signed in', { hint: 'sign in to this server' });

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
