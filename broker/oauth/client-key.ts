/** A private key that a client signs with, from the text a person has of it. */
import { createPrivateKey, type KeyObject, type webcrypto } from 'node:crypto';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Secret } from '../vault/secret.ts';
import type { ServerMetadata } from './metadata.ts';

interface ClientKey {
  readonly key: webcrypto.CryptoKey;
  readonly kid: string | undefined;
  /** JWS name (RFC 7518, RFC 8037). */
  readonly alg: string;
}

type ImportAlgorithm = Parameters<KeyObject['toCryptoKey']>[0];

interface Row {
  readonly alg: string;
  readonly fits: (key: KeyObject) => boolean;
  readonly algorithm: ImportAlgorithm;
}

const rsa = ({ asymmetricKeyType }: KeyObject): boolean => asymmetricKeyType === 'rsa';
const curve =
  (name: string) =>
  ({ asymmetricKeyDetails }: KeyObject): boolean =>
    asymmetricKeyDetails?.namedCurve === name;
const ed25519 = ({ asymmetricKeyType }: KeyObject): boolean => asymmetricKeyType === 'ed25519';

/** In the order of preference where a server takes several. */
const rows: readonly Row[] = [
  { alg: 'ES256', fits: curve('prime256v1'), algorithm: { name: 'ECDSA', namedCurve: 'P-256' } },
  { alg: 'ES384', fits: curve('secp384r1'), algorithm: { name: 'ECDSA', namedCurve: 'P-384' } },
  { alg: 'ES512', fits: curve('secp521r1'), algorithm: { name: 'ECDSA', namedCurve: 'P-521' } },
  { alg: 'EdDSA', fits: ed25519, algorithm: { name: 'Ed25519' } },
  { alg: 'Ed25519', fits: ed25519, algorithm: { name: 'Ed25519' } },
  { alg: 'PS256', fits: rsa, algorithm: { name: 'RSA-PSS', hash: 'SHA-256' } },
  { alg: 'RS256', fits: rsa, algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } },
];

/** What a server that does not say can be expected to take: every library knows it. */
const widest: ReadonlySet<string> = new Set(['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA']);

/**
 * Reads PEM (PKCS #8, PKCS #1, SEC 1) or a JWK, and chooses an algorithm that the server takes (RFC 8414,
 * `token_endpoint_auth_signing_alg_values_supported`). Throws `client-key-unusable`.
 */
export const importClientKey = (
  text: Secret,
  {
    issuer,
    token_endpoint_auth_signing_alg_values_supported: offered,
  }: Pick<ServerMetadata, 'issuer' | 'token_endpoint_auth_signing_alg_values_supported'>,
): ClientKey => {
  const { key, kid, fitting } = readKey(text);
  const row = fitting.find(({ alg }) => (offered ?? [...widest]).includes(alg));
  if (row === undefined) {
    throw unusable(`${new URL(issuer).host} takes no signature of this kind of private key`);
  }
  return { key: key.toCryptoKey(row.algorithm, false, ['sign']), kid, alg: row.alg };
};

/** That a key can be read and be used for signing in, whoever it is for. Throws `client-key-unusable`. */
export const assertClientKey = (text: Secret): void => void readKey(text);

const Jwk = z.looseObject({ kty: z.string(), kid: z.string().optional() });

const SHORTEST_RSA = 2048;

interface ReadKey {
  readonly key: KeyObject;
  readonly kid: string | undefined;
  readonly fitting: readonly Row[];
}

const readKey = (text: Secret): ReadKey => {
  const trimmed = text.reveal().trim();
  const { key, kid } = trimmed.startsWith('{') ? readJwk(trimmed) : readPem(trimmed);
  if (rsa(key) && (key.asymmetricKeyDetails?.modulusLength ?? 0) < SHORTEST_RSA) {
    throw unusable('the private key is too short', { hint: '2048 bits at least' });
  }
  const fitting = rows.filter(({ fits }) => fits(key));
  if (fitting.length === 0) {
    throw unusable('the private key is of a kind that is not used for signing in', {
      hint: 'RSA (2048 bits or more), P-256, P-384, P-521 and Ed25519 keys are',
    });
  }
  return { key, kid, fitting };
};

const readPem = (text: string): { key: KeyObject; kid: undefined } => {
  if (text.includes('ENCRYPTED')) {
    throw unusable('the private key is locked with a passphrase', {
      hint: 'give it without one; the vault keeps it sealed',
    });
  }
  try {
    return { key: createPrivateKey(text), kid: undefined };
  } catch {
    // What OpenSSL says of it could quote it.
    throw unreadable();
  }
};

const readJwk = (text: string): { key: KeyObject; kid: string | undefined } => {
  try {
    const jwk = Jwk.parse(JSON.parse(text));
    return { key: createPrivateKey({ key: jwk, format: 'jwk' }), kid: jwk.kid };
  } catch {
    throw unreadable();
  }
};

const unusable = (message: string, options: { hint?: string } = {}): ProblemError =>
  new ProblemError('client-key-unusable', message, options);

const unreadable = (): ProblemError =>
  unusable('the private key cannot be read', { hint: 'PEM or a JWK with its private part' });
