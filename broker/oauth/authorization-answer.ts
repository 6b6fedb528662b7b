/** What comes back from an authorization server after it was asked to let a person in. */
import * as oauth from 'oauth4webapi';
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import type { SignInException } from '../../shared/contract/sign-in-settings.ts';
import { sortAnswer } from './failures.ts';
import { asClient, asServer } from './messages.ts';
import type { TokenParty } from './token-endpoint.ts';

/**
 * State and issuer before anything else is looked at, errors included (RFC 9207; A35, A36).
 *
 * Throws `sign-in-mismatch` for an answer that is not this server's, and what `refused` makes of an error.
 */
export const validateAnswer = (
  party: TokenParty,
  parameters: URLSearchParams,
  state: string,
): URLSearchParams => {
  const { host } = new URL(party.metadata.issuer);
  try {
    return oauth.validateAuthResponse(
      asServer(party.metadata),
      asClient(party.client),
      parameters,
      state,
    );
  } catch (cause) {
    if (cause instanceof oauth.AuthorizationResponseError) throw refused(host, cause.error);
    throw new ProblemError(
      'sign-in-mismatch',
      `an answer came that ${host} should not have given`,
      { hint: 'sign in again; if it happens again, do not trust this server' },
    );
  }
};

/**
 * That a request which begins a sign-in was taken, at whichever endpoint (RFC 8628 section 3.2, RFC 9126 section 2.3).
 *
 * Rejects with a `TokenFailure` when it is the client that is not recognised, else with what `refused` makes of it: a
 * page of a firewall or a proxy says nothing about the sign-in, and is a passing trouble. `now` is in Unix ms.
 */
export const assertTaken = async (answer: Response, host: string, now: number): Promise<void> => {
  const failure = await sortAnswer(answer, host, now);
  if (failure === undefined) return;
  if (failure.verdict === 'unsure') throw failure;
  throw refused(host, failure.verdict === 'later' ? 'temporarily_unavailable' : failure.error);
};

/** An OAuth error code of `host` in our words, whichever endpoint said it. */
export const refused = (host: string, error: string | undefined): ProblemError => {
  const { code, said, ...rest } = refusals.get(error ?? '') ?? otherRefusal;
  return new ProblemError(code, `${host} ${said}`, rest);
};

interface Refusal {
  readonly code: ProblemCode;
  readonly said: string;
  readonly hint?: string;
  readonly exception?: SignInException;
}

/** RFC 6749 section 4.1.2.1, RFC 8628 section 3.5, RFC 9126 section 2.3. A map, because the server chooses the key. */
const refusals: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  [
    'access_denied',
    { code: 'access-denied', said: 'was told no', hint: 'sign in again and allow the access' },
  ],
  [
    'expired_token',
    {
      code: 'sign-in-timed-out',
      said: 'waited for the code in vain',
      hint: 'sign in again when you are ready',
    },
  ],
  [
    'invalid_scope',
    { code: 'sign-in-refused', said: 'does not grant the access that was asked for' },
  ],
  [
    'invalid_target',
    {
      code: 'sign-in-refused',
      said: 'does not know the server that was asked for',
      exception: 'resource-omitted',
    },
  ],
  [
    'temporarily_unavailable',
    { code: 'server-trouble', said: 'cannot sign anybody in right now', hint: 'try again later' },
  ],
  ['server_error', { code: 'server-trouble', said: 'failed on its side', hint: 'try again later' }],
]);

const otherRefusal: Refusal = {
  code: 'sign-in-refused',
  said: 'refused the sign-in',
  hint: 'try again; Drawbridge registers anew',
};
