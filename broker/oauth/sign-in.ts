/** One sign-in, from the server's address to tokens: the authorization code flow with PKCE of OAuth 2.1. */
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { type AuthorizeDeps, askPerson, cancelled } from './authorize.ts';
import { listenForCallback } from './callback.ts';
import { askWithoutToken } from './challenge-request.ts';
import { type Discovery, discover } from './discover.ts';
import { TokenFailure, tokenFailure } from './failures.ts';
import { type GivenClient, identify, type Registrations } from './identity.ts';
import type { ClientRegistration } from './messages.ts';
import type { ServerMetadata } from './metadata.ts';
import {
  exchangeCode,
  type TokenParty,
  type Tokens,
  type ValidatedCallback,
} from './token-endpoint.ts';

export interface SignInDeps extends AuthorizeDeps {
  readonly fetch: GuardedFetch;
  readonly registrations: Registrations;
  /** What the person or their operator has settled for this server. */
  readonly settled: SettledSignIn;
}

export interface SettledSignIn {
  readonly client: GivenClient | undefined;
  /** Where our client metadata document is published, if it is. */
  readonly documentUrl: string | undefined;
  /** The one port the callback may come to, because an operator was told it. */
  readonly callbackPort: number | undefined;
  /** Asked for instead of what the server says. */
  readonly scopes: readonly string[] | undefined;
  /** Asked for as well: what a refused request has shown to be missing (A28). */
  readonly moreScopes: readonly string[];
}

export interface SignedIn extends TokenParty {
  /** The MCP server that the tokens are for. */
  readonly server: string;
  readonly tokens: Tokens;
  /** What was asked for, for servers that do not say what they granted. */
  readonly scopesAsked: readonly string[] | undefined;
}

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

  const { callbackPort } = deps.settled;
  const callback =
    callbackPort === undefined
      ? await listenForCallback(lastPort(deps.registrations.find(found.issuer)))
      : await listenForCallback(callbackPort, 'only there');
  let outcome: 'signed-in' | 'failed' = 'failed';
  try {
    const scopes = scopesFor(found, deps.settled);
    const client = await identify(
      {
        ...deps,
        given: deps.settled.client,
        documentUrl: deps.settled.documentUrl,
        onRegistering: () => deps.onStep('registering'),
      },
      found.metadata,
      callback.redirectUri,
      scopes,
    );
    const party: TokenParty = { metadata: found.metadata, client, resource: found.resource };
    // Cancelled while machines were asked: nobody has turned the client down.
    if (deps.signal.aborted) throw cancelled();
    const validated = await askPerson(deps, party, callback, scopes).catch(
      async (error: unknown) => {
        // The person may never have come back because the service no longer knows this client: do not replay it for ever.
        if (isUnanswered(error)) await deps.registrations.forget(found.issuer);
        throw error;
      },
    );
    deps.onStep('exchanging');
    const tokens = await exchange(deps, party, validated);
    outcome = 'signed-in';
    return { ...party, server: server.href, tokens, scopesAsked: scopes };
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

const lastPort = (held: ClientRegistration | undefined): number | undefined =>
  held === undefined ? undefined : Number(new URL(held.redirectUri).port);

/** What the person settled, else what was challenged or published; `offline_access` only where it is on offer (A27, A30). */
const scopesFor = (
  { scopes, metadata }: Discovery,
  settled: SettledSignIn,
): readonly string[] | undefined => {
  const offersOffline = metadata.scopes_supported?.includes('offline_access') === true;
  const asked = [...(settled.scopes ?? scopes ?? []), ...settled.moreScopes];
  if (asked.length === 0) return undefined;
  return [...new Set([...asked, ...(offersOffline ? ['offline_access'] : [])])];
};

const isUnanswered = (error: unknown): boolean =>
  error instanceof ProblemError &&
  ['sign-in-timed-out', 'sign-in-cancelled', 'sign-in-refused'].includes(error.code);

const exchange = async (
  deps: SignInDeps,
  party: TokenParty,
  validated: ValidatedCallback,
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
