/** Asking the person in their browser: the authorization request and the answer that comes back (RFC 6749 section 4.1). */
import * as oauth from 'oauth4webapi';
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import type { SignInStep } from '../../shared/contract/snapshot.ts';
import { isLoopbackHost } from '../net/zone.ts';
import type { Clock } from '../ports.ts';
import type { Callback } from './callback.ts';
import { asClient, asServer } from './messages.ts';
import type { TokenParty, ValidatedCallback } from './token-endpoint.ts';

export interface AuthorizeDeps {
  readonly clock: Clock;
  /** The person's browser, or undefined when they open the link themselves. */
  readonly openBrowser: ((address: URL) => Promise<void>) | undefined;
  readonly onStep: (step: SignInStep) => void;
  /** The address to open, as soon as it is known. */
  readonly onLink: (link: string) => void;
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal;
}

/** How long a person may take in the browser. Machines have limits of their own, in the fetch. */
const PERSON_MS = 10 * 60_000;

/**
 * Sends the person to the authorization server and resolves with the validated answer.
 *
 * Rejects with `access-denied`, `sign-in-refused`, `sign-in-cancelled`, `sign-in-timed-out`, `sign-in-mismatch`, `server-trouble`
 * and, before anything is opened, `address-refused`.
 */
export const askPerson = async (
  deps: AuthorizeDeps,
  party: TokenParty,
  callback: Callback,
  scopes: readonly string[] | undefined,
): Promise<ValidatedCallback> => {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const address = await authorizationAddress(party, scopes, state, codeVerifier);
  // Cancelled while a machine was asked: no browser may open after that.
  if (deps.signal.aborted) throw cancelled();
  // Waited for before the browser opens: it may be back sooner than it is known to have opened, or never be known to.
  const arrival = withinPatience(
    deps,
    callback.wait((parameters) => parameters.get('state') === state),
  );
  deps.onStep('opening-browser');
  deps.onLink(address.href);
  // A browser that does not open is no failure: the link is there, and the person may follow it.
  await Promise.race([deps.openBrowser?.(address).catch(() => undefined), arrival]);
  deps.onStep('waiting-for-browser');
  return { parameters: validate(party, await arrival, state), codeVerifier };
};

const authorizationAddress = async (
  { metadata, client, resource }: TokenParty,
  scopes: readonly string[] | undefined,
  state: string,
  codeVerifier: string,
): Promise<URL> => {
  const address = new URL(metadata.authorization_endpoint ?? '');
  // Stops addresses that would run a program when handed to the system (CVE-2025-6514): https, or this machine.
  if (
    address.protocol !== 'https:' &&
    !(address.protocol === 'http:' && isLoopbackHost(address.hostname))
  ) {
    throw new ProblemError('address-refused', 'the server names an unsafe address to sign in at');
  }
  const parameters = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    state,
    ...(resource === undefined ? {} : { resource }),
    ...(scopes === undefined || scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    // OpenID Connect Core section 11: without it, offline_access is ignored.
    ...(scopes?.includes('offline_access') === true ? { prompt: 'consent' } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address;
};

const withinPatience = async (
  { clock, signal }: AuthorizeDeps,
  arrival: Promise<URLSearchParams>,
): Promise<URLSearchParams> => {
  const ended = Promise.withResolvers<never>();
  const stop = clock.after(PERSON_MS, () =>
    ended.reject(
      new ProblemError(
        'sign-in-timed-out',
        `nobody came back from the browser within ${PERSON_MS / 60_000} minutes`,
        {
          hint: 'sign in again when you are ready',
        },
      ),
    ),
  );
  const cancel = (): void => ended.reject(cancelled());
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await Promise.race([arrival, ended.promise]);
  } finally {
    stop();
    signal.removeEventListener('abort', cancel);
  }
};

/** What a person's cancelling amounts to. */
export const cancelled = (): ProblemError =>
  new ProblemError('sign-in-cancelled', 'the sign-in was cancelled');

/** State and issuer before anything else is looked at, errors included (RFC 9207; A35, A36). */
const validate = (
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
    if (!(cause instanceof oauth.AuthorizationResponseError)) {
      throw new ProblemError(
        'sign-in-mismatch',
        `an answer came that ${host} should not have given`,
        {
          hint: 'sign in again; if it happens again, do not trust this server',
        },
      );
    }
    const { code, said, hint } = refusals.get(cause.error) ?? otherRefusal;
    throw new ProblemError(code, `${host} ${said}`, hint === undefined ? {} : { hint });
  }
};

interface Refusal {
  readonly code: ProblemCode;
  readonly said: string;
  readonly hint?: string;
}

/** RFC 6749 section 4.1.2.1, in our words. A map, because the server chooses the key. */
const refusals: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  [
    'access_denied',
    { code: 'access-denied', said: 'was told no', hint: 'sign in again and allow the access' },
  ],
  [
    'invalid_scope',
    { code: 'sign-in-refused', said: 'does not grant the access that was asked for' },
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
