/** A token for Drawbridge itself, as a client of an authorization server (RFC 6749 section 4.4), Microsoft Entra among them. */
import { randomUUID, X509Certificate } from 'node:crypto';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import { importClientKey } from '../../oauth/client-key.ts';
import type { ServerMetadata } from '../../oauth/metadata.ts';
import type { Secret } from '../../vault/secret.ts';
import { signJwt } from './signed-jwt.ts';
import type { Source, SourceDeps } from './source.ts';
import {
  clientWithSecret,
  requestToken,
  type TokenRequest,
  tokenEndpointOf,
} from './token-request.ts';
import { wordOf } from './word.ts';

type Deps = Pick<SourceDeps, 'resolve' | 'conceal' | 'run' | 'env' | 'fetch' | 'now'>;

/** RFC 7523 section 2.2. */
const JWT_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_LIFE_S = 5 * 60;

/** A client that asks for itself, and how it proves that. */
interface Asking {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly clientAssertion?: string | undefined;
  readonly clientAssertionCommand?: readonly string[] | undefined;
  /** Who is meant to check what `clientKey` signs. */
  readonly checkedBy: string;
  /** Names the certificate of the key, where keys are known by theirs. */
  readonly header?: Readonly<Record<string, string>> | undefined;
}

export const clientCredentialsSource = (
  settings: TokenSourceOf<'client-credentials'>,
  deps: Deps,
): Source => ({
  isCheap: false,
  mint: async (signal) => {
    const metadata = await tokenEndpointOf(settings, deps);
    // Where nobody has named the issuer, its token endpoint is as good (RFC 7523 section 3).
    const checkedBy = settings.issuer === undefined ? metadata.token_endpoint : metadata.issuer;
    const request = await requestOf({ ...settings, checkedBy }, metadata, deps, signal);
    return requestToken(settings, request, deps);
  },
});

/** By its documented addresses, so that nothing has to be discovered. */
export const entraSource = (settings: TokenSourceOf<'entra'>, deps: Deps): Source => ({
  isCheap: false,
  mint: async (signal) => {
    const { tenant, resource, certificate } = settings;
    const base = `${settings.authority.replace(/\/+$/, '')}/${tenant}`;
    const metadata = {
      ...{ issuer: `${base}/v2.0`, token_endpoint: `${base}/oauth2/v2.0/token` },
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['PS256'],
    };
    const header =
      certificate === undefined
        ? undefined
        : { 'x5t#S256': thumbprint(await deps.resolve(certificate)) };
    const asking = { ...settings, checkedBy: metadata.token_endpoint, header };
    const request = await requestOf(asking, metadata, deps, signal);
    // Entra grants an application what it has been assigned, and no scope of it alone.
    const scope = resource.endsWith('/.default') ? resource : `${resource}/.default`;
    return requestToken({ scopes: [scope] }, request, deps);
  },
});

const requestOf = async (
  asking: Asking,
  metadata: ServerMetadata,
  deps: Deps,
  signal: AbortSignal,
): Promise<TokenRequest> => {
  const plain = { metadata, type: 'client_credentials' } as const;
  const client = await clientWithSecret(asking, metadata, deps);
  const assertion = await assertionOf(asking, metadata, deps, signal);
  if (assertion === undefined) return { ...plain, client, parameters: {} };
  deps.conceal(assertion);
  const parameters = {
    client_id: asking.clientId,
    ...{ client_assertion_type: JWT_ASSERTION, client_assertion: assertion.reveal() },
  };
  // The parameters say who asks.
  return { ...plain, client, anonymous: true, parameters };
};

const assertionOf = async (
  { clientId, clientKey, clientAssertion, clientAssertionCommand, checkedBy, header }: Asking,
  metadata: ServerMetadata,
  deps: Deps,
  signal: AbortSignal,
): Promise<Secret | undefined> => {
  const { resolve, now } = deps;
  if (clientKey === undefined) return wordOf(clientAssertion, clientAssertionCommand, deps, signal);
  const { alg, key, kid } = importClientKey(await resolve(clientKey), metadata);
  const iat = Math.floor(now() / 1000);
  const claims = {
    ...{ iss: clientId, sub: clientId, aud: checkedBy, jti: randomUUID() },
    ...{ iat, nbf: iat, exp: iat + ASSERTION_LIFE_S },
  };
  return signJwt(claims, { algorithm: alg, key, keyId: kid, header });
};

/** RFC 7515 section 4.1.8. */
const thumbprint = (certificate: Secret): string => {
  try {
    const { fingerprint256 } = new X509Certificate(certificate.reveal());
    return Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  } catch {
    // It may stand in one file with the key, which must not be quoted.
    throw new ProblemError('client-key-unusable', 'the certificate cannot be read', {
      hint: 'PEM: what begins with -----BEGIN CERTIFICATE-----',
    });
  }
};
