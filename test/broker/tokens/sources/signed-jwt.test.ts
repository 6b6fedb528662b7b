/** Do the JWTs that Drawbridge signs itself hold for whoever checks them to the letter? */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTVerifyResult, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  jwtSource,
  snowflakeAccount,
  snowflakeSource,
  snowflakeUser,
} from '../../../../broker/tokens/sources/signed-jwt.ts';
import type { Source } from '../../../../broker/tokens/sources/source.ts';
import { Secret } from '../../../../broker/vault/secret.ts';
import { TokenSource, type TokenSourceOf } from '../../../../shared/contract/token-sources.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const now = (): number => NOW;
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = {
  RS256: rsa,
  PS256: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const SHARED = 'a shared secret that is long enough for every hash there is: 64 bytes!';

const deps = (values: Readonly<Record<string, string>>) => ({
  resolve: (value: string) => Promise.resolve(new Secret(values[value] ?? value)),
  now,
});
const tokenOf = async (source: Source): Promise<string> => {
  const minted = await source.mint(new AbortController().signal);
  return 'token' in minted ? minted.token.reveal() : '';
};
const verify = (token: string, key: KeyObject | Uint8Array): Promise<JWTVerifyResult> =>
  jwtVerify(token, key, { currentDate: new Date(NOW) });
const settings = <K extends 'jwt' | 'snowflake'>(kind: K, rest: object): TokenSourceOf<K> =>
  TokenSource.parse({ kind, key: '${vault:KEY}', ...rest }) as TokenSourceOf<K>;
const claims = { iss: 'https://issuer.example', sub: 'me', roles: ['a', { b: 1 }] };

describe('a signed JWT', () => {
  it.each(Object.entries(keys))('with %s', async (algorithm, { privateKey, publicKey }) => {
    const source = jwtSource(
      settings('jwt', { algorithm, claims, keyId: 'one', lifeS: 120 }),
      deps({ '${vault:KEY}': pem(privateKey) }),
    );
    const { payload, protectedHeader } = await verify(await tokenOf(source), publicKey);
    expect(protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', kid: 'one' });
    expect(payload).toEqual({
      ...claims,
      ...{ iat: NOW / 1000, nbf: NOW / 1000, exp: NOW / 1000 + 120, jti: expect.any(String) },
    });
  });

  it('is another one each time, and says when it ends', async () => {
    const source = jwtSource(
      settings('jwt', { algorithm: 'ES256', claims }),
      deps({ '${vault:KEY}': pem(keys.ES256.privateKey) }),
    );
    expect(await tokenOf(source)).not.toBe(await tokenOf(source));
    expect((await source.mint(new AbortController().signal)).expiresAt).toBe(NOW + 300_000);
  });

  it.each(['HS256', 'HS384', 'HS512'])('with a shared secret and %s', async (algorithm) => {
    const source = jwtSource(
      settings('jwt', { algorithm, claims }),
      deps({ '${vault:KEY}': SHARED }),
    );
    const { payload } = await verify(await tokenOf(source), new TextEncoder().encode(SHARED));
    expect(payload).toMatchObject(claims);
  });

  it('with a JWK, whose id it names', async () => {
    const jwk = { ...keys.ES256.privateKey.export({ format: 'jwk' }), kid: 'of-the-jwk' };
    const source = jwtSource(
      settings('jwt', { algorithm: 'ES256', claims }),
      deps({ '${vault:KEY}': JSON.stringify(jwk) }),
    );
    const { protectedHeader } = await verify(await tokenOf(source), keys.ES256.publicKey);
    expect(protectedHeader.kid).toBe('of-the-jwk');
  });

  it.each([
    ['a key of another kind', 'RS256', pem(keys.ES256.privateKey)],
    ['a public key for a shared secret that is too short', 'HS512', 'short'],
    ['what is no key', 'ES256', 'canary-of-a-key'],
    ['half a JWK', 'ES256', '{"kty":"EC","d":"canary-of-a-key"}'],
    [
      'a public key',
      'ES256',
      keys.ES256.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ],
  ])('%s signs nothing, and is not quoted', async (_what, algorithm, key) => {
    const source = jwtSource(settings('jwt', { algorithm, claims }), deps({ '${vault:KEY}': key }));
    const error: unknown = await tokenOf(source).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'client-key-unusable' });
    expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('canary');
  });
});

describe('Snowflake', () => {
  /** As Snowflake checks it: issuer with the fingerprint, subject, an hour at most. */
  const check = async (token: string, publicKey: KeyObject) => {
    const { payload, protectedHeader } = await verify(token, publicKey);
    const der = createPublicKey({
      key: publicKey.export({ type: 'spki', format: 'der' }),
      ...{ format: 'der', type: 'spki' },
    }).export({ type: 'spki', format: 'der' });
    const fingerprint = `SHA256:${createHash('sha256').update(der).digest('base64')}`;
    return {
      algorithm: protectedHeader.alg,
      issuer: payload.iss?.replace(fingerprint, '<fingerprint>'),
      subject: payload.sub,
      lifeS: (payload.exp ?? Number.POSITIVE_INFINITY) - (payload.iat ?? 0),
    };
  };

  it('takes the JWT: account and user as it spells them, the fingerprint, under an hour', async () => {
    const source = snowflakeSource(
      settings('snowflake', { account: 'xy12345.eu-central-1.aws', user: 'ada' }),
      deps({ '${vault:KEY}': pem(rsa.privateKey) }),
    );
    const { lifeS, ...seen } = await check(await tokenOf(source), rsa.publicKey);
    expect(seen).toEqual({
      ...{ algorithm: 'RS256', issuer: 'XY12345.ADA.<fingerprint>', subject: 'XY12345.ADA' },
    });
    expect(lifeS).toBeLessThanOrEqual(3600);
    const minted = await source.mint(new AbortController().signal);
    const { headers = {} } = 'headers' in minted ? minted : {};
    expect(Object.entries(headers).map(([name, value]) => [name, value.reveal()])).toEqual([
      ['x-snowflake-authorization-token-type', 'KEYPAIR_JWT'],
    ]);
  });

  it('takes one of a key that is locked with a passphrase, and says when it is missing', async () => {
    const locked = rsa.privateKey
      .export({ ...{ type: 'pkcs8', format: 'pem' }, cipher: 'aes-256-cbc', passphrase: 'open it' })
      .toString();
    const source = (rest: object): Source =>
      snowflakeSource(
        settings('snowflake', { account: 'a', user: 'u', ...rest }),
        deps({ '${vault:KEY}': locked, '${vault:PHRASE}': 'open it' }),
      );
    const token = await tokenOf(source({ keyPassphrase: '${vault:PHRASE}' }));
    expect(await check(token, rsa.publicKey)).toMatchObject({ subject: 'A.U' });
    await expect(tokenOf(source({}))).rejects.toMatchObject({
      hint: expect.stringContaining('passphrase'),
    });
  });

  it.each([
    ['xy12345', 'XY12345'],
    ['xy12345.us-east-2.aws', 'XY12345'],
    ['myorg-account1', 'MYORG-ACCOUNT1'],
    ['myorg-account1.snowflakecomputing.com', 'MYORG-ACCOUNT1'],
    ['acct-x1.global', 'ACCT'],
  ])('knows the account %s as %s', (given, expected) => {
    expect(snowflakeAccount(given)).toBe(expected);
  });

  it.each([
    ['ada', 'ADA'],
    ['"Ada"', '"Ada"'],
  ])('knows the user %s as %s', (given, expected) => {
    expect(snowflakeUser(given)).toBe(expected);
  });
});
