/** Getting a client id at an authorization server (RFC 7591), and looking after it (RFC 7592). */
import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { Secret } from '../vault/secret.ts';
import { knownMethod, methodToRegister } from './client-auth.ts';
import { introduction } from './client-document.ts';
import type { ClientRegistration } from './client-registration.ts';
import { asServer, carriedBy } from './messages.ts';
import type { ServerMetadata } from './metadata.ts';
import { askOperator } from './words.ts';

/** What a client is registered for. */
export interface RegistrationWish {
  readonly redirectUri: string | undefined;
  /** Redirects that stay welcome besides. */
  readonly otherRedirects?: readonly string[];
  /** The redirect to name to an operator, where that is another. */
  readonly redirectToTell?: string | undefined;
  readonly scopes: readonly string[] | undefined;
  /** Grant types beyond those of every registration of ours. */
  readonly grantTypes: readonly string[];
}

/** What is read of the answer (RFC 7591 section 3.2.1). Deployed servers leave out what they must send, and say 200 for 201. */
const RegisteredClient = z.object({
  client_id: z.string().regex(/^[\x20-\x7e]{1,2000}$/),
  client_secret: z.string().min(1).optional(),
  /** Unix s; 0 when it does not end. */
  client_secret_expires_at: z.number().optional().catch(undefined),
  token_endpoint_auth_method: z.string().optional(),
  registration_client_uri: z.string().optional().catch(undefined),
  registration_access_token: z.string().min(1).optional().catch(undefined),
});

/**
 * Registers Drawbridge as a native client (A19, A20).
 *
 * Rejects with `registration-unavailable` when the server offers no registration, `registration-refused` when it
 * says no, `redirect-unwelcome` when it says no to the redirect, `server-trouble` when it cannot say, and what the fetch rejects with.
 */
export const register = async (
  fetch: GuardedFetch,
  metadata: ServerMetadata,
  wish: RegistrationWish,
): Promise<ClientRegistration> => {
  const { host } = new URL(metadata.issuer);
  if (metadata.registration_endpoint === undefined) {
    throw new ProblemError(
      'registration-unavailable',
      `${host} does not register new programs by itself`,
      { hint: askOperator(toTell(wish)) },
    );
  }
  const answer = await oauth.dynamicClientRegistrationRequest(
    asServer(metadata),
    clientMetadata(metadata, wish),
    carriedBy(fetch),
  );
  return registrationIn(answer, metadata, wish);
};

/** The registration as the server has it now, changed to `wish`; undefined when the server no longer knows it or will not. */
export const update = async (
  fetch: GuardedFetch,
  metadata: ServerMetadata,
  held: ClientRegistration,
  wish: RegistrationWish,
): Promise<ClientRegistration | undefined> => {
  const answer = await manage(fetch, held, {
    method: 'PUT',
    body: JSON.stringify({
      ...clientMetadata(metadata, wish),
      token_endpoint_auth_method: held.authMethod,
      client_id: held.clientId,
      ...(held.clientSecret === undefined ? {} : { client_secret: held.clientSecret.reveal() }),
    }),
  });
  if (answer?.ok !== true) return undefined;
  const changed = await registrationIn(answer, metadata, wish, held).catch(() => undefined);
  if (changed?.clientId !== held.clientId) return undefined;
  // What an answer leaves out stays as it is.
  return { ...held, ...changed };
};

/** False when the server says that it no longer knows the registration; true as well when it cannot be asked. */
export const isAlive = async (fetch: GuardedFetch, held: ClientRegistration): Promise<boolean> => {
  const answer = await manage(fetch, held, {});
  // RFC 7592 section 2.1: the client does not exist, or its access token has been revoked with it.
  return answer === undefined || ![401, 403, 404].includes(answer.status);
};

/** Deletes the registration at the server, best effort: true when it is gone. */
export const unregister = async (
  fetch: GuardedFetch,
  held: ClientRegistration,
): Promise<boolean> => {
  const answer = await manage(fetch, held, { method: 'DELETE' });
  return answer !== undefined && [204, 401, 404].includes(answer.status);
};

/** Undefined when the registration is not managed, or the server cannot be asked: none of that is final. */
const manage = async (
  fetch: GuardedFetch,
  { management }: ClientRegistration,
  { method = 'GET', body }: { readonly method?: 'GET' | 'PUT' | 'DELETE'; readonly body?: string },
): Promise<Response | undefined> => {
  if (management === undefined) return undefined;
  return fetch(management.uri, {
    method,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: `Bearer ${management.token.reveal()}`,
    },
    ...(body === undefined ? {} : { body }),
  }).catch(() => undefined);
};

const clientMetadata = (metadata: ServerMetadata, wish: RegistrationWish) => ({
  ...introduction,
  ...comesBack(wish),
  token_endpoint_auth_method: methodToRegister(metadata),
  ...(wish.scopes === undefined ? {} : { scope: wish.scopes.join(' ') }),
});

/** RFC 7591 section 2: where no browser comes back, there is no code either, and a strict server refuses its grant. */
const comesBack = ({ redirectUri, otherRedirects = [], grantTypes }: RegistrationWish) =>
  redirectUri === undefined
    ? { redirect_uris: [], grant_types: ['refresh_token', ...grantTypes], response_types: [] }
    : {
        redirect_uris: [...new Set([redirectUri, ...otherRedirects])],
        grant_types: [...introduction.grant_types, ...grantTypes],
        response_types: introduction.response_types,
      };

const registrationIn = async (
  answer: Response,
  metadata: ServerMetadata,
  wish: RegistrationWish,
  before?: ClientRegistration,
): Promise<ClientRegistration> => {
  const { redirectUri, scopes, grantTypes } = wish;
  const { host } = new URL(metadata.issuer);
  if (answer.status === 429 || answer.status >= 500) {
    throw new ProblemError(
      'server-trouble',
      `${host} answered the registration with status ${answer.status}`,
      { hint: 'try again later' },
    );
  }
  const body: unknown = await answer.json().catch(() => undefined);
  const parsed = answer.ok ? RegisteredClient.safeParse(body) : undefined;
  if (parsed?.success !== true) throw refusal(host, errorIn(body), wish);
  const client = parsed.data;
  const granted = knownMethod(client.token_endpoint_auth_method);
  return {
    issuer: metadata.issuer,
    clientId: client.client_id,
    // The server may have chosen another method than asked; a secret without one is for basic (RFC 7591 section 2).
    authMethod:
      granted ??
      before?.authMethod ??
      (client.client_secret === undefined ? 'none' : 'client_secret_basic'),
    ...secretOf(client),
    redirectUri,
    ...(scopes === undefined ? {} : { scopes: [...scopes] }),
    ...(grantTypes.length === 0 ? {} : { grantTypes: [...grantTypes] }),
    ...managementOf(client, metadata),
  };
};

type RegisteredClient = z.infer<typeof RegisteredClient>;

const secretOf = ({
  client_secret: secret,
  client_secret_expires_at: end,
}: RegisteredClient): Partial<ClientRegistration> =>
  secret === undefined
    ? {}
    : {
        clientSecret: new Secret(secret),
        // Said even when there is none: the end of an old secret is not that of a new one.
        secretEndsAt: end === undefined || end <= 0 ? undefined : end * 1000,
      };

/** Elsewhere than where it was registered, the token of the registration would be handed to somebody else. */
const managementOf = (
  { registration_client_uri: uri, registration_access_token: token }: RegisteredClient,
  { registration_endpoint: endpoint }: ServerMetadata,
): Partial<ClientRegistration> =>
  uri !== undefined &&
  token !== undefined &&
  URL.parse(uri)?.origin === URL.parse(endpoint ?? '')?.origin
    ? { management: { uri, token: new Secret(token) } }
    : {};

const errorIn = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;

const toTell = ({ redirectToTell, redirectUri }: RegistrationWish): string | undefined =>
  redirectToTell ?? redirectUri;

const refusal = (host: string, error: unknown, wish: RegistrationWish): ProblemError =>
  error === 'invalid_redirect_uri'
    ? new ProblemError(
        'redirect-unwelcome',
        `${host} does not let a browser come back to ${wish.redirectUri ?? 'this machine'}`,
        { hint: askOperator(wish.redirectUri) },
      )
    : new ProblemError('registration-refused', `${host} refused to register Drawbridge`, {
        hint: askOperator(toTell(wish)),
      });
