/** One sign-in, from the server's address to tokens: the authorization code flow with PKCE of OAuth 2.1. */
import * as oauth from 'oauth4webapi';
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import type { SignInStep } from '../../shared/contract/snapshot.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { isLoopbackHost } from '../net/zone.ts';
import type { Clock } from '../ports.ts';
import { type Callback, listenForCallback } from './callback.ts';
import { askWithoutToken } from './challenge-request.ts';
import { type Discovery, discover } from './discover.ts';
import { TokenFailure, tokenFailure } from './failures.ts';
import { asClient, asServer, type ClientRegistration } from './messages.ts';
import type { ServerMetadata } from './metadata.ts';
import { register } from './register.ts';
import { exchangeCode, type TokenParty, type Tokens } from './token-endpoint.ts';

/** Client registrations by issuer, wherever they are kept. */
export interface Registrations {
  readonly find: (issuer: string) => ClientRegistration | undefined;
  readonly keep: (registration: ClientRegistration) => Promise<void>;
  /** It may be dead: the next sign-in makes another. */
  readonly forget: (issuer: string) => Promise<void>;
}

export interface SignInDeps {
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly registrations: Registrations;
  /** The person's browser, or undefined when they open the link themselves. */
  readonly openBrowser: ((address: URL) => Promise<void>) | undefined;
  readonly onStep: (step: SignInStep) => void;
  /** The address to open, as soon as it is known. */
  readonly onLink: (link: string) => void;
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal;
}

export interface SignedIn extends TokenParty {
  readonly tokens: Tokens;
  /** What was asked for, for servers that do not say what they granted. */
  readonly scopesAsked: readonly string[] | undefined;
}

/** How long a person may take in the browser. Machines have limits of their own, in the fetch. */
const PERSON_MS = 10 * 60_000;

/**
 * Signs in to `server` and resolves with tokens that nobody has saved yet.
 *
 * Rejects with a `ProblemError`; whatever happens, the listener is closed when it settles.
 */
export const signIn = async (server: URL, deps: SignInDeps): Promise<SignedIn> => {
  deps.onStep('discovering');
  const challenge = await askWithoutToken(deps.fetch, server);
  const holdsClient = (issuer: string): boolean => deps.registrations.find(issuer) !== undefined;
  const found = await discover(deps.fetch, server, challenge, holdsClient);
  assertUsable(found.metadata);

  const held = deps.registrations.find(found.issuer);
  const callback = await listenForCallback(held && Number(new URL(held.redirectUri).port));
  let outcome: 'signed-in' | 'failed' = 'failed';
  try {
    const scopes = scopesFor(found);
    const client = await clientFor(deps, found, callback, held, scopes);
    const party: TokenParty = { metadata: found.metadata, client, resource: found.resource };
    const validated = await askPerson(deps, party, callback, scopes);
    deps.onStep('exchanging');
    const tokens = await exchange(deps, party, validated);
    outcome = 'signed-in';
    return { ...party, tokens, scopesAsked: scopes };
  } finally {
    await callback.finish(outcome);
  }
};

const assertUsable = (metadata: ServerMetadata): void => {
  const { host } = new URL(metadata.issuer);
  // Absent means unsupported, and the flow stops: without PKCE a stolen code is a stolen sign-in (A15).
  if (metadata.code_challenge_methods_supported?.includes('S256') !== true) {
    throw new ProblemError(
      'pkce-unsupported',
      `${host} does not offer a protected sign-in (PKCE with S256)`,
      {
        hint: 'ask its operator to switch PKCE on',
      },
    );
  }
  if (metadata.authorization_endpoint === undefined) {
    throw new ProblemError('no-sign-in-service', `${host} has no page to sign in at`);
  }
};

/** What was challenged or published, and `offline_access` only where it is on offer (A27, A30). */
const scopesFor = ({ scopes, metadata }: Discovery): readonly string[] | undefined => {
  const offersOffline = metadata.scopes_supported?.includes('offline_access') === true;
  return scopes === undefined || !offersOffline
    ? scopes
    : [...new Set([...scopes, 'offline_access'])];
};

const clientFor = async (
  { fetch, registrations, onStep }: SignInDeps,
  { metadata }: Discovery,
  { redirectUri }: Callback,
  held: ClientRegistration | undefined,
  scopes: readonly string[] | undefined,
): Promise<ClientRegistration> => {
  // Registered with another port than the one we could get: a server that compares exactly would refuse it.
  if (held?.redirectUri === redirectUri) return held;
  onStep('registering');
  const client = await register(fetch, metadata, redirectUri, scopes);
  await registrations.keep(client);
  return client;
};

interface Validated {
  readonly parameters: URLSearchParams;
  readonly codeVerifier: string;
}

const askPerson = async (
  deps: SignInDeps,
  party: TokenParty,
  callback: Callback,
  scopes: readonly string[] | undefined,
): Promise<Validated> => {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const address = await authorizationAddress(party, scopes, state, codeVerifier);
  // Cancelled while a machine was asked: no browser may open after that.
  if (deps.signal.aborted) throw cancelled();
  try {
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
  } catch (error) {
    // The person may never have come back because the service no longer knows this client: do not replay it for ever.
    if (isUnanswered(error)) await deps.registrations.forget(party.client.issuer);
    throw error;
  }
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
    resource,
    ...(scopes === undefined || scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    // OpenID Connect Core section 11: without it, offline_access is ignored.
    ...(scopes?.includes('offline_access') === true ? { prompt: 'consent' } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address;
};

const withinPatience = async (
  { clock, signal }: SignInDeps,
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

const cancelled = (): ProblemError =>
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
    { code: 'sign-in-refused', said: 'was told no', hint: 'sign in again and allow the access' },
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

const isUnanswered = (error: unknown): boolean =>
  error instanceof ProblemError &&
  ['sign-in-timed-out', 'sign-in-cancelled', 'sign-in-refused'].includes(error.code);

const exchange = async (
  deps: SignInDeps,
  party: TokenParty,
  validated: Validated,
): Promise<Tokens> => {
  try {
    return await exchangeCode(deps.fetch, party, validated, deps.clock.now());
  } catch (error) {
    const failure =
      error instanceof TokenFailure
        ? error
        : tokenFailure('later', new URL(party.metadata.issuer).host);
    // Why we did not even ask says more than what came of it.
    if (failure.verdict === 'set-up' && failure.cause instanceof ProblemError) throw failure.cause;
    if (failure.verdict === 'unsure') await deps.registrations.forget(party.client.issuer);
    throw new ProblemError(
      exchangeCodes[failure.verdict],
      exchangeSays[failure.verdict](new URL(party.metadata.issuer).host),
      {
        hint: 'sign in again',
        cause: failure,
      },
    );
  }
};

const exchangeCodes = {
  later: 'server-trouble',
  offline: 'offline',
  unsure: 'registration-refused',
  'sign-in-again': 'sign-in-refused',
  'set-up': 'sign-in-refused',
} as const satisfies Record<TokenFailure['verdict'], ProblemCode>;

const exchangeSays: Readonly<Record<TokenFailure['verdict'], (host: string) => string>> = {
  later: (host) => `${host} failed while finishing the sign-in`,
  offline: (host) => `${host} could not be reached to finish the sign-in`,
  unsure: (host) => `${host} no longer recognises Drawbridge`,
  'sign-in-again': (host) => `${host} did not accept its own answer`,
  'set-up': (host) => `${host} refuses the way Drawbridge asks for tokens`,
};
