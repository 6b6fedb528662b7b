/** Is a private key read for what it is, and does a real server believe what is signed with it? (RFC 7523) */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { signInAsClient } from '../../../broker/oauth/client-credentials.ts';
import { importClientKey } from '../../../broker/oauth/client-key.ts';
import { refresh, revoke } from '../../../broker/oauth/token-endpoint.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { failureOf, nothingSettled, startSigningIn } from './signing-in.ts';
import { callWith, publicJwk, quietFailureOf, startWorld } from './worlds.ts';

const pair = {
  rsa: (bits = 2048) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey,
  ec: (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey,
  ed25519: () => generateKeyPairSync('ed25519').privateKey,
};

const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8'): string =>
  (key.export as (options: object) => string | Buffer)({ format: 'pem', type }).toString();
const jwk = (key: KeyObject, more: object = {}): string =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });
const issuer = 'https://issuer.example';
const read = (text: string, algorithms?: string[]) =>
  importClientKey(new Secret(text), {
    issuer,
    ...(algorithms && { token_endpoint_auth_signing_alg_values_supported: algorithms }),
  });

/** What a person or a log may see of a failure, with all that led to it. */
const everythingOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack} ${JSON.stringify(error)} ${everythingOf(error.cause)}`
    : String(error);

const thrownBy = (deed: () => unknown): unknown => {
  try {
    deed();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('a private key', () => {
  const rsa = pair.rsa();
  const p256 = pair.ec('prime256v1');
  it.each([
    ['PKCS #8', pem(p256), undefined, 'ES256'],
    ['PKCS #8 with blanks around it', `\n  ${pem(p256)}\n\n`, undefined, 'ES256'],
    ['PKCS #1', pem(rsa, 'pkcs1'), undefined, 'RS256'],
    ['SEC 1', pem(p256, 'sec1'), undefined, 'ES256'],
    ['a JWK', jwk(p256), undefined, 'ES256'],
    ['a JWK with a name', jwk(p256, { kid: 'key-7' }), 'key-7', 'ES256'],
  ])('is read from %s', (_form, text, kid, alg) => {
    expect(read(text)).toMatchObject({ kid, alg });
  });

  it.each([
    ['P-256', p256, ['RS256', 'ES256'], 'ES256'],
    ['P-384', pair.ec('secp384r1'), ['ES256', 'ES384'], 'ES384'],
    ['P-521', pair.ec('secp521r1'), ['ES512'], 'ES512'],
    ['Ed25519', pair.ed25519(), ['EdDSA'], 'EdDSA'],
    ['Ed25519 by its newer name', pair.ed25519(), ['Ed25519'], 'Ed25519'],
    ['RSA', rsa, ['RS256'], 'RS256'],
    ['RSA with the better padding', rsa, ['RS256', 'PS256'], 'PS256'],
    ['RSA where nothing is said', rsa, undefined, 'RS256'],
    ['P-256 where nothing is said', p256, undefined, 'ES256'],
    ['Ed25519 where nothing is said', pair.ed25519(), undefined, 'EdDSA'],
  ])('of kind %s signs as the server takes it', (_kind, key, algorithms, alg) => {
    expect(read(pem(key), algorithms).alg).toBe(alg);
  });

  const encrypted = p256
    .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'fake' })
    .toString();
  const oldEncrypted = (rsa.export as (options: object) => string)({
    ...{ format: 'pem', type: 'pkcs1', cipher: 'aes-256-cbc', passphrase: 'fake' },
  });
  it.each([
    ['a public key', createPublicKey(rsa).export({ format: 'pem', type: 'spki' }).toString()],
    ['a public JWK', JSON.stringify(publicJwk(p256))],
    ['a locked key', encrypted],
    ['a key locked the old way', oldEncrypted],
    ['RSA of 1024 bits', pem(pair.rsa(1024))],
    ['RSA of 1024 bits as a JWK', jwk(pair.rsa(1024))],
    ['secp256k1', pem(pair.ec('secp256k1'))],
    ['X25519', pem(generateKeyPairSync('x25519').privateKey)],
    ['Ed448', pem(generateKeyPairSync('ed448').privateKey)],
    ['RSA for PSS alone', pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey)],
    ['a shared secret', JSON.stringify({ kty: 'oct', k: 'Y2FuYXJ5LXNlY3JldA' })],
    ['a key cut off', pem(rsa).slice(0, 600)],
    ['a JWK cut off', jwk(rsa).slice(0, 300)],
    ['a JWK with a number for a name', jwk(p256, { kid: 7 })],
    ['garbage', 'canary-garbage'],
    ['nothing', ''],
  ])('that is %s is refused, and no part of it is said', (_what, text) => {
    const error = thrownBy(() => read(text));

    expect(error).toMatchObject({ code: 'client-key-unusable' });
    const said = everythingOf(error);
    for (let at = 0; at + 16 <= text.length; at += 16) {
      const piece = text.slice(at, at + 16);
      if (/^[\w+/=-]{16}$/.test(piece)) expect(said).not.toContain(piece);
    }
  });

  it('that the server takes no signature of is refused, and the server is named', () => {
    expect(thrownBy(() => read(pem(p256), ['RS256']))).toMatchObject({
      code: 'client-key-unusable',
      message: expect.stringContaining('issuer.example'),
    });
  });

  it('that cannot be used stops a sign-in before anybody is asked', async () => {
    await using world = await startWorld();
    await using attempt = startSigningIn(world.mcp.url, {
      settled: { client: { id: 'given', secret: undefined, key: new Secret('canary-key') } },
    });
    expect(await quietFailureOf(attempt)).toMatchObject({ code: 'client-key-unusable' });
  });
});

const every = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;
const keyFor = {
  ES256: () => pair.ec('prime256v1'),
  ES384: () => pair.ec('secp384r1'),
  ES512: () => pair.ec('secp521r1'),
  EdDSA: pair.ed25519,
  Ed25519: pair.ed25519,
  PS256: () => pair.rsa(),
  RS256: () => pair.rsa(),
};

const startWithKey = async (key: KeyObject, algorithms: readonly string[], kid?: string) =>
  startWorld({
    pushed: 'offered',
    keyAlgorithms: algorithms,
    clients: [
      {
        client_id: 'given',
        redirect_uris: ['http://127.0.0.1/callback'],
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...publicJwk(key), ...(kid === undefined ? {} : { kid }) }] },
      },
    ],
  });

const given = (text: string) => ({
  client: { id: 'given', secret: undefined, key: new Secret(text) },
});

describe('a real server', () => {
  it.each(every)('believes a signature of %s', async (algorithm) => {
    const key = keyFor[algorithm]();
    await using world = await startWithKey(key, [algorithm]);
    const net = createNet(systemClock);
    const signedIn = await signInAsClient(
      { url: new URL(world.mcp.url), isIdentityProvider: false },
      {
        fetch: net.fetchFor('loopback'),
        settled: { ...nothingSettled, ...given(pem(key)) },
        now: systemClock.now,
        onStep: () => undefined,
      },
    );
    await net.close();

    expect(await callWith(world, signedIn.tokens.accessToken.reveal())).toBe(200);
    const assertion = world.last('token')['client_assertion'] ?? '';
    expect(decodeProtectedHeader(assertion).alg).toBe(algorithm);
  });

  it('believes it wherever we have to prove ourselves, each proof made anew and meant for it alone', async () => {
    const key = pair.ec('prime256v1');
    await using world = await startWithKey(key, ['ES256'], 'key-7');
    await using attempt = startSigningIn(world.mcp.url, {
      browser: async ({ href }) => void consentByScript(href),
      settled: given(jwk(key, { kid: 'key-7' })),
    });
    const signedIn = await attempt.done;
    const net = createNet(systemClock);
    const fetch = net.fetchFor('loopback');
    const { refreshToken = new Secret('none') } = signedIn.tokens;
    const renewed = await refresh(fetch, signedIn, refreshToken, systemClock.now());
    expect(await revoke(fetch, signedIn, renewed.refreshToken ?? refreshToken)).toBe(true);
    await net.close();

    const proofs = world.as.seen
      .filter(({ params }) => params['client_assertion'] !== undefined)
      .map(({ endpoint, grantType, params }) => ({
        at: grantType ?? endpoint,
        header: decodeProtectedHeader(params['client_assertion'] ?? ''),
        claims: decodeJwt(params['client_assertion'] ?? ''),
      }));
    expect(proofs.map(({ at }) => at)).toEqual([
      ...['pushed', 'authorization_code', 'refresh_token', 'revocation'],
    ]);
    for (const { header, claims } of proofs) {
      expect(header).toEqual({ alg: 'ES256', kid: 'key-7' });
      expect(claims).toMatchObject({ iss: 'given', sub: 'given', aud: world.as.issuer });
      expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(300);
    }
    expect(new Set(proofs.map(({ claims }) => claims.jti)).size).toBe(proofs.length);
  });

  it("does not believe another's key, and nobody is asked", async () => {
    const key = pair.ec('prime256v1');
    await using world = await startWithKey(key, ['ES256']);
    await using attempt = startSigningIn(world.mcp.url, {
      settled: given(pem(pair.ec('prime256v1'))),
    });
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'registration-refused' });
    expect(attempt.opened).toEqual([]);
  });
});
