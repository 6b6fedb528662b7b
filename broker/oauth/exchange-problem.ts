/** What a failed token request means for somebody who is signing in. */
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import { TokenFailure, tokenFailure } from './failures.ts';
import type { TokenParty } from './token-endpoint.ts';

/** Whether the server no longer recognises the client. */
export const disownsClient = (error: unknown): boolean =>
  error instanceof TokenFailure && error.verdict === 'unsure';

/**
 * The problem to show. One that has been put into words already is passed on. `given`: the client is one that an
 * operator gave, which signing in again makes no better.
 */
export const exchangeProblem = (
  error: unknown,
  { metadata }: Pick<TokenParty, 'metadata'>,
  { given = false }: { readonly given?: boolean } = {},
): ProblemError => {
  if (error instanceof ProblemError) return error;
  const { host } = new URL(metadata.issuer);
  const failure = error instanceof TokenFailure ? error : tokenFailure('later', host);
  // Why we did not even ask says more than what came of it.
  if (failure.verdict === 'set-up' && failure.cause instanceof ProblemError) return failure.cause;
  if (failure.verdict === 'unsure' && given) return unwelcomeClient(host, failure);
  const { code, said } = rows[failure.verdict];
  return new ProblemError(code, `${host} ${said}`, {
    hint: 'sign in again',
    exception: failure.error === 'invalid_target' ? 'resource-omitted' : undefined,
    cause: failure,
  });
};

const unwelcomeClient = (host: string, cause: TokenFailure): ProblemError =>
  new ProblemError(
    'registration-refused',
    `${host} does not accept the client id and its secret or key`,
    { hint: 'check them with the operator and give them anew in the settings', cause },
  );

const rows: Readonly<Record<TokenFailure['verdict'], { code: ProblemCode; said: string }>> = {
  later: { code: 'server-trouble', said: 'failed while finishing the sign-in' },
  offline: { code: 'offline', said: 'could not be reached to finish the sign-in' },
  unsure: { code: 'registration-refused', said: 'no longer recognises Drawbridge' },
  'sign-in-again': { code: 'sign-in-refused', said: 'did not accept its own answer' },
  'set-up': { code: 'sign-in-refused', said: 'refuses the way Drawbridge asks for tokens' },
};
