/** The client that an operator gave to the person. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Secret } from '../vault/secret.ts';
import { methodWithSecret } from './client-auth.ts';
import { importClientKey } from './client-key.ts';
import type { ClientRegistration } from './client-registration.ts';
import type { ServerMetadata } from './metadata.ts';

export interface GivenClient {
  readonly id: string;
  /** The only issuer that it is good for, once it is known (A21). */
  readonly issuer?: string | undefined;
  readonly secret: Secret | undefined;
  /** Where the secret stands instead, to be looked up before it is used. */
  readonly secretFrom?: string | undefined;
  /** PEM or JWK. Used rather than a secret where both were given. */
  readonly key: Secret | undefined;
  /** See `signInExceptions`. */
  readonly basicUnencoded?: boolean;
}

/**
 * As a registration at the issuer of `metadata`. Throws `registration-unavailable`, `client-key-unusable`, and
 * `issuer-mismatch` for another issuer than the one it was used at: a server that changes its mind must not be handed
 * the client's secret.
 */
export const givenRegistration = (
  { id, issuer, secret, key, basicUnencoded }: GivenClient,
  metadata: ServerMetadata,
  redirectUri: string | undefined,
): ClientRegistration => {
  if (issuer !== undefined && issuer !== metadata.issuer) throw otherIssuer(issuer, metadata);
  const client = { issuer: metadata.issuer, clientId: id, redirectUri };
  if (key !== undefined) {
    // Read now: a person sent to sign in with a key that cannot sign would have done so in vain.
    importClientKey(key, metadata);
    return { ...client, authMethod: 'private_key_jwt', clientKey: key };
  }
  if (secret === undefined) return { ...client, authMethod: 'none' };
  const authMethod = methodWithSecret(metadata);
  if (authMethod !== undefined)
    return {
      ...client,
      authMethod,
      clientSecret: secret,
      ...(basicUnencoded === true && { basicUnencoded }),
    };
  throw new ProblemError(
    'registration-unavailable',
    `${new URL(metadata.issuer).host} takes no client secret in a way Drawbridge knows`,
    { hint: 'ask its operator for a client id without a secret, or one with a private key' },
  );
};

const otherIssuer = (issuer: string, metadata: ServerMetadata): ProblemError =>
  new ProblemError(
    'issuer-mismatch',
    `the client id is for ${new URL(issuer).host}, and the server now signs people in at ${new URL(metadata.issuer).host}`,
    { hint: 'if that is right, give the client id anew in the settings of this server' },
  );
