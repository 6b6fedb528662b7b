/** JWTs that Drawbridge signs itself (RFC 7519): with any claims, or with those that Snowflake wants. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomUUID,
  type webcrypto,
} from 'node:crypto';
import { SignJWT } from 'jose';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import { Secret } from '../../vault/secret.ts';
import type { Source, SourceDeps } from './source.ts';

type Claims = Readonly<Record<string, unknown>>;

interface Signing {
  readonly algorithm: string;
  readonly key: KeyObject | webcrypto.CryptoKey | Uint8Array;
  readonly keyId?: string | undefined;
  /** More members of the header. */
  readonly header?: Readonly<Record<string, string>> | undefined;
}

/** Signs `claims`. Rejects with `client-key-unusable` when the key is not of the algorithm's kind. */
export const signJwt = async (
  claims: Claims,
  { algorithm, key, keyId, header: more }: Signing,
): Promise<Secret> => {
  try {
    const named = keyId === undefined ? {} : { kid: keyId };
    const header = { alg: algorithm, typ: 'JWT', ...named, ...more };
    return new Secret(await new SignJWT(claims).setProtectedHeader(header).sign(key));
  } catch {
    // What a library says of a key could quote it.
    throw new ProblemError('client-key-unusable', `this key cannot sign with ${algorithm}`, {
      hint: 'RSA keys sign with RS256 or PS256, P-256 keys with ES256, Ed25519 keys with EdDSA',
    });
  }
};

/** Any claims; `iat`, `nbf`, `exp` and `jti` are set, unless they are given. */
export const jwtSource = (
  { algorithm, key, keyId, claims, lifeS }: TokenSourceOf<'jwt'>,
  { resolve, now }: Pick<SourceDeps, 'resolve' | 'now'>,
): Source => ({
  isCheap: false,
  mint: async () => {
    const text = await resolve(key);
    const iat = Math.floor(now() / 1000);
    const filled = { iat, nbf: iat, exp: iat + lifeS, jti: randomUUID(), ...claims };
    const signing = algorithm.startsWith('HS')
      ? { algorithm, keyId, key: sharedSecret(text, algorithm) }
      : { algorithm, ...privateKey(text), ...(keyId === undefined ? {} : { keyId }) };
    return {
      token: await signJwt(filled, signing),
      expiresAt: typeof filled.exp === 'number' ? filled.exp * 1000 : undefined,
    };
  },
});

/** Snowflake takes no longer life than an hour. */
const SNOWFLAKE_LIFE_S = 59 * 60;

/** Key-pair sign-in: the issuer of the JWT names account, user and the fingerprint of the public key. */
export const snowflakeSource = (
  { account, user, key, keyPassphrase }: TokenSourceOf<'snowflake'>,
  { resolve, now }: Pick<SourceDeps, 'resolve' | 'now'>,
): Source => ({
  isCheap: false,
  mint: async () => {
    const passphrase = keyPassphrase === undefined ? undefined : await resolve(keyPassphrase);
    const { key: signing } = privateKey(await resolve(key), passphrase);
    const iat = Math.floor(now() / 1000);
    const exp = iat + SNOWFLAKE_LIFE_S;
    const subject = `${snowflakeAccount(account)}.${snowflakeUser(user)}`;
    const claims = { iss: `${subject}.${fingerprint(signing)}`, sub: subject, iat, exp };
    return {
      token: await signJwt(claims, { algorithm: 'RS256', key: signing }),
      headers: { 'x-snowflake-authorization-token-type': new Secret('KEYPAIR_JWT') },
      expiresAt: exp * 1000,
    };
  },
});

/** As Snowflake wants it in a JWT: upper case, without the region and the cloud that its address has. */
export const snowflakeAccount = (account: string): string => {
  const name = account.trim().replace(/\.snowflakecomputing\.(com|cn)$/i, '');
  const bare = name.includes('.global') ? name.split('-')[0] : name.split('.')[0];
  return (bare ?? name).toUpperCase();
};

/** Names without quotes are in upper case there. */
export const snowflakeUser = (user: string): string =>
  /^".*"$/.test(user) ? user : user.trim().toUpperCase();

const fingerprint = (key: KeyObject): string => {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(der).digest('base64')}`;
};

/** RFC 7518 section 3.2: no shorter than the hash. */
const sharedSecret = (text: Secret, algorithm: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text.reveal());
  if (bytes.length * 8 >= Number(algorithm.slice(2))) return bytes;
  throw new ProblemError('client-key-unusable', `the shared secret is too short for ${algorithm}`, {
    hint: `${Number(algorithm.slice(2)) / 8} bytes at least`,
  });
};

/** From PEM or a JWK. Throws `client-key-unusable`. */
export const privateKey = (
  text: Secret,
  passphrase?: Secret,
): { readonly key: KeyObject; readonly keyId?: string } => {
  const trimmed = text.reveal().trim();
  try {
    if (trimmed.startsWith('{')) {
      const jwk = JSON.parse(trimmed) as { kid?: unknown };
      const key = createPrivateKey({ key: jwk, format: 'jwk' });
      return { key, ...(typeof jwk.kid === 'string' ? { keyId: jwk.kid } : {}) };
    }
    return { key: createPrivateKey({ key: trimmed, passphrase: passphrase?.reveal() }) };
  } catch {
    throw new ProblemError('client-key-unusable', 'the private key cannot be read', {
      hint: trimmed.includes('ENCRYPTED')
        ? 'it is locked with a passphrase, which is missing or another one'
        : 'PEM, or a JWK with its private part',
    });
  }
};
