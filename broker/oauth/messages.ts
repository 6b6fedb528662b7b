/** How OAuth messages leave: oauth4webapi speaks, the guarded fetch carries. */
import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { ServerMetadata } from './metadata.ts';

/** A client id at one issuer, and how it proves itself there. Never used at another issuer (A21). */
export const ClientRegistration = z.object({
  issuer: z.string(),
  clientId: z.string(),
  clientSecret: z.string().optional(),
  authMethod: z.enum(['none', 'client_secret_basic', 'client_secret_post']),
  redirectUri: z.string(),
  /** What it was registered for, where that was said: a strict server grants it nothing else. */
  scopes: z.array(z.string()).optional(),
});
export type ClientRegistration = z.infer<typeof ClientRegistration>;

/** Options that every oauth4webapi request here takes. */
export const carriedBy = (fetch: GuardedFetch) => ({
  // The guarded fetch refuses plain http itself, except on this machine, and says so in words for a person.
  // oxlint-disable-next-line typescript/no-deprecated -- marked so to stand out; there is no other switch
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: (
    url: string,
    options: {
      method: string;
      headers: Record<string, string>;
      body?: URLSearchParams | string | null;
    },
  ) =>
    fetch(url, {
      method: options.method,
      headers: options.headers,
      ...(options.body ? { body: options.body.toString() } : {}),
    }),
});

export const asServer = (metadata: ServerMetadata): oauth.AuthorizationServer =>
  metadata as oauth.AuthorizationServer;

export const asClient = (registration: ClientRegistration): oauth.Client => ({
  client_id: registration.clientId,
});

/** Proof of being the client, the way the registration says (A22). */
export const clientAuth = ({ authMethod, clientSecret }: ClientRegistration): oauth.ClientAuth => {
  if (authMethod === 'none' || clientSecret === undefined) return oauth.None();
  return authMethod === 'client_secret_basic'
    ? basic(clientSecret)
    : oauth.ClientSecretPost(clientSecret);
};

/**
 * RFC 6749 section 2.3.1, with the form encoding of its appendix B. The library escapes `-`, `_` and `.` as well, which
 * is allowed, and which servers that do not decode take for another client.
 */
const basic =
  (clientSecret: string): oauth.ClientAuth =>
  (_server, { client_id }, _body, headers) => {
    const pair = `${formEncoded(client_id)}:${formEncoded(clientSecret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

/** The ways to prove being a client that we know, the one for public clients first. */
const knownMethods = ['none', 'client_secret_basic', 'client_secret_post'] as const;
const withSecret = ['client_secret_basic', 'client_secret_post'] as const;

/** One of our methods by its name, if it is one. */
export const knownMethod = (
  name: string | undefined,
): ClientRegistration['authMethod'] | undefined => knownMethods.find((method) => method === name);

/** How to register: as a public client where that is possible. */
export const methodToRegister = ({
  token_endpoint_auth_methods_supported: offered,
}: ServerMetadata): ClientRegistration['authMethod'] =>
  offered === undefined
    ? 'none'
    : (knownMethods.find((method) => offered.includes(method)) ?? 'none');

/** How a client with a secret proves itself; a server that does not say takes basic (RFC 8414 section 2). */
export const chooseAuthMethod = ({
  token_endpoint_auth_methods_supported: offered,
}: ServerMetadata): ClientRegistration['authMethod'] =>
  offered === undefined
    ? 'client_secret_basic'
    : (withSecret.find((method) => offered.includes(method)) ?? 'none');
