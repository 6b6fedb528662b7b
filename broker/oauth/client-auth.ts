/** Proof of being the client, the way the registration says (A22). */
import * as oauth from 'oauth4webapi';
import { importClientKey } from './client-key.ts';
import type { ClientRegistration } from './client-registration.ts';
import type { ServerMetadata } from './metadata.ts';

type AuthMethod = ClientRegistration['authMethod'];

/** Throws `client-key-unusable`. */
export const clientAuth = (
  { authMethod, clientSecret, clientKey, basicUnencoded }: ClientRegistration,
  metadata: ServerMetadata,
): oauth.ClientAuth => {
  if (authMethod === 'private_key_jwt' && clientKey !== undefined) {
    const { key, kid, alg } = importClientKey(clientKey, metadata);
    return oauth.PrivateKeyJwt(kid === undefined ? { key } : { key, kid }, {
      // The library always writes the newer of two names that Ed25519 has there (RFC 9864).
      [oauth.modifyAssertion]: (header) => void Object.assign(header, { alg }),
    });
  }
  if (authMethod === 'none' || clientSecret === undefined) return oauth.None();
  return authMethod === 'client_secret_basic'
    ? basic(clientSecret.reveal(), basicUnencoded === true ? asItIs : formEncoded)
    : oauth.ClientSecretPost(clientSecret.reveal());
};

/**
 * RFC 6749 section 2.3.1, with the form encoding of its appendix B. The library escapes `-`, `_` and `.` as well, which
 * is allowed, and which servers that do not decode take for another client.
 */
const basic =
  (clientSecret: string, encoded: (text: string) => string): oauth.ClientAuth =>
  (_server, { client_id }, _body, headers) => {
    const pair = `${encoded(client_id)}:${encoded(clientSecret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };

const asItIs = (text: string): string => text;

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

/** The ways that a client registered by itself can prove itself, the one for public clients first. */
const registrable = ['none', 'client_secret_basic', 'client_secret_post'] as const;
const withSecret = ['client_secret_basic', 'client_secret_post'] as const;

/** One of our methods by its name, if it is one. */
export const knownMethod = (name: string | undefined): AuthMethod | undefined =>
  registrable.find((method) => method === name);

/** How to register: as a public client where that is possible. */
export const methodToRegister = ({
  token_endpoint_auth_methods_supported: offered,
}: ServerMetadata): AuthMethod =>
  offered === undefined
    ? 'none'
    : (registrable.find((method) => offered.includes(method)) ?? 'none');

/** How a client with a secret proves itself; a server that does not say takes basic (RFC 8414 section 2). */
export const methodWithSecret = ({
  token_endpoint_auth_methods_supported: offered,
}: ServerMetadata): AuthMethod | undefined =>
  offered === undefined
    ? 'client_secret_basic'
    : withSecret.find((method) => offered.includes(method));
