/** What is asked of a token endpoint: tokens for a code, a refresh token or whatever else is a grant; and the end of tokens. */
import * as oauth from 'oauth4webapi';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { Secret } from '../vault/secret.ts';
import { clientAuth } from './client-auth.ts';
import type { ClientRegistration } from './client-registration.ts';
import { sortAnswer, sortError } from './failures.ts';
import { asClient, asServer, carriedBy } from './messages.ts';
import type { ServerMetadata } from './metadata.ts';
import { nameIn } from './name-in-claims.ts';

/** What a token endpoint granted. */
export interface Tokens {
  readonly accessToken: Secret;
  readonly refreshToken?: Secret;
  /** Of OpenID Connect, validated. */
  readonly idToken?: Secret | undefined;
  /** When that ends, Unix ms. */
  readonly idTokenEndsAt?: number;
  /** What the access token really is, of a token exchange (RFC 8693 section 2.2.1). */
  readonly issuedType?: string;
  /** Life of the access token in s, when told. */
  readonly expiresIn?: number;
  /** Life of the refresh token in s, when told: no standard, but several services say so. */
  readonly refreshExpiresIn?: number;
  /** The scopes granted, when told: absent means as asked (RFC 6749 section 5.1). */
  readonly scopes?: readonly string[];
  /** Who signed in, from a validated ID token or from the issuer itself. */
  readonly subject?: string;
  readonly label?: string;
}

/** What is needed to speak to a token endpoint: kept with the grant, so that it works without discovery. */
export interface TokenParty {
  readonly metadata: ServerMetadata;
  readonly client: ClientRegistration;
  /** Undefined for a server of 2025-03-26. */
  readonly resource?: string | undefined;
  /** Nobody says who asks: what is shown is enough (RFC 8693 section 2.1). */
  readonly anonymous?: true | undefined;
}

/** A callback that `oauth4webapi` has validated: state, issuer, no error. */
export interface ValidatedCallback {
  readonly parameters: URLSearchParams;
  /** What protects the code (RFC 7636); undefined for a service that refuses that, which is on record. */
  readonly codeVerifier: string | undefined;
}

/** Exchanges an authorization code (RFC 6749 section 4.1.3, RFC 7636, RFC 8707). Rejects with `TokenFailure`. */
export const exchangeCode = (
  fetch: GuardedFetch,
  party: TokenParty,
  { parameters, codeVerifier }: ValidatedCallback,
  now: number,
): Promise<Tokens> =>
  ask(
    party,
    now,
    async ({ server, client, auth, options }) => ({
      answer: await oauth.authorizationCodeGrantRequest(
        server,
        client,
        auth,
        parameters,
        party.client.redirectUri ?? '',
        // oxlint-disable-next-line typescript/no-deprecated -- marked so to stand out; an exception on record asks for it
        codeVerifier ?? oauth.nopkce,
        { ...options, additionalParameters: resourceOf(party) },
      ),
      process: (answer) => oauth.processAuthorizationCodeResponse(server, client, answer),
    }),
    fetch,
  );

/** Renews with a refresh token (RFC 6749 section 6). Rejects with `TokenFailure`. */
export const refresh = (
  fetch: GuardedFetch,
  party: TokenParty,
  refreshToken: Secret,
  now: number,
): Promise<Tokens> =>
  ask(
    party,
    now,
    async ({ server, client, auth, options }) => ({
      answer: await oauth.refreshTokenGrantRequest(server, client, auth, refreshToken.reveal(), {
        ...options,
        additionalParameters: resourceOf(party),
      }),
      process: (answer) => oauth.processRefreshTokenResponse(server, client, answer),
    }),
    fetch,
  );

/** What a grant of any other type is asked for with (RFC 6749 section 4.5). */
export interface OtherGrant {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Token types besides `Bearer` that the answer may have. */
  readonly tokenTypes?: oauth.RecognizedTokenTypes;
}

/** Asks for tokens with a grant of another type. Rejects with `TokenFailure`. */
export const askTokens = (
  fetch: GuardedFetch,
  party: TokenParty,
  { type, parameters, tokenTypes = {} }: OtherGrant,
  now: number,
): Promise<Tokens> =>
  ask(
    party,
    now,
    async ({ server, client, auth, options }) => ({
      answer: await oauth.genericTokenEndpointRequest(
        server,
        client,
        auth,
        type,
        { ...resourceOf(party), ...parameters },
        options,
      ),
      process: (answer) =>
        oauth.processGenericTokenEndpointResponse(server, client, answer, {
          recognizedTokenTypes: tokenTypes,
        }),
    }),
    fetch,
  );

/** Asks that a token be made worthless (RFC 7009). False when the server did not confirm it. */
export const revoke = async (
  fetch: GuardedFetch,
  party: TokenParty,
  token: Secret,
): Promise<boolean> => {
  if (party.metadata.revocation_endpoint === undefined) return false;
  try {
    const answer = await oauth.revocationRequest(
      asServer(party.metadata),
      asClient(party.client),
      clientAuth(party.client, party.metadata),
      token.reveal(),
      carriedBy(fetch),
    );
    await oauth.processRevocationResponse(answer);
    return true;
  } catch {
    // Best effort: the tokens are wiped here in any case, and the outcome is shown.
    return false;
  }
};

const resourceOf = ({ resource }: TokenParty): Record<string, string> =>
  resource === undefined ? {} : { resource };

interface Asking {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly auth: oauth.ClientAuth;
  readonly options: ReturnType<typeof carriedBy>;
}

interface Asked {
  readonly answer: Response;
  readonly process: (answer: Response) => Promise<oauth.TokenEndpointResponse>;
}

const ask = async (
  party: TokenParty,
  now: number,
  request: (asking: Asking) => Promise<Asked>,
  fetch: GuardedFetch,
): Promise<Tokens> => {
  const { host } = new URL(party.metadata.issuer);
  try {
    const { answer, process } = await request({
      server: asServer(party.metadata),
      client: asClient(party.client),
      auth: party.anonymous ? () => undefined : clientAuth(party.client, party.metadata),
      options: carriedBy(fetch),
    });
    const failure = await sortAnswer(answer, host, now);
    if (failure !== undefined) throw failure;
    return toTokens(await process(answer));
  } catch (error) {
    throw sortError(error, host);
  }
};

/** No server takes a longer header, and a hostile one must not fill our memory with them. Characters. */
const LONGEST_TOKEN = 16 * 1024;

const toTokens = (answer: oauth.TokenEndpointResponse): Tokens => {
  const { access_token, refresh_token = '', id_token = '' } = answer;
  if (
    Math.max(...[access_token, refresh_token, id_token].map(({ length }) => length)) > LONGEST_TOKEN
  ) {
    throw new ProblemError('answer-too-large', 'a token of more than 16 kB came back');
  }
  // RFC 6749 appendix A.12: anything else could end a header early, and no request with it would ever leave.
  if (!/^[\x20-\x7e]+$/.test(access_token)) throw new Error('a token that no header can carry');
  const claims = oauth.getValidatedIdTokenClaims(answer);
  const label = claims && nameIn(claims);
  return {
    accessToken: new Secret(answer.access_token),
    ...(answer.refresh_token === undefined
      ? {}
      : { refreshToken: new Secret(answer.refresh_token) }),
    ...(typeof answer['issued_token_type'] === 'string'
      ? { issuedType: answer['issued_token_type'] }
      : {}),
    ...(answer.id_token === undefined ? {} : { idToken: new Secret(answer.id_token) }),
    ...(claims === undefined ? {} : { idTokenEndsAt: claims.exp * 1000 }),
    ...(answer.expires_in === undefined ? {} : { expiresIn: answer.expires_in }),
    ...refreshLife(answer),
    ...(answer.scope === undefined
      ? {}
      : { scopes: answer.scope.split(' ').filter((scope) => scope !== '') }),
    ...(claims === undefined ? {} : { subject: claims.sub }),
    ...(label === undefined ? {} : { label }),
  };
};

/** The names that services have for it. */
const refreshLifeNames = ['refresh_expires_in', 'refresh_token_expires_in'];

const refreshLife = (answer: oauth.TokenEndpointResponse): Pick<Tokens, 'refreshExpiresIn'> => {
  const told = refreshLifeNames.map((name) => Number(answer[name])).find((life) => life > 0);
  return told === undefined || answer.refresh_token === undefined ? {} : { refreshExpiresIn: told };
};
