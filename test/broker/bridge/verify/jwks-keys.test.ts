/** Is a token that names no key looked at with each that could be meant, and is one that says too little refused? */
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { jwksVerifier } from '../../../../broker/bridge/doors/verify/jwks.ts';
import type { Verdict } from '../../../../broker/bridge/doors/verify/verify.ts';
import { Secret } from '../../../../broker/vault/secret.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
const ISSUER = 'https://login.example';
const HERE = 'https://mcp.example/mcp';
let pairs: readonly Pair[];
let look: (token: string) => Promise<Verdict>;
beforeAll(async () => {
  pairs = await Promise.all([1, 2, 3].map(() => generateKeyPair('ES256')));
  const published = await Promise.all(pairs.slice(0, 2).map((pair) => exportJWK(pair.publicKey)));
  const keys = createLocalJWKSet({ keys: published });
  const verify = jwksVerifier({ issuer: ISSUER, plainJwt: undefined }, { keys, now: Date.now });
  look = (token) => verify(new Secret(token), [HERE]);
});

const now = Math.floor(Date.now() / 1000);
const good = {
  ...{ iss: ISSUER, aud: HERE, sub: 'ada', client_id: 'cli', jti: 'one' },
  ...{ iat: now, exp: now + 300 },
};
const signed = (claims: object, by: number): Promise<string> => {
  const key = pairs[by]?.privateKey;
  if (key === undefined) throw new Error('no such key');
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' }).sign(key);
};

describe('a token that names no key, of an issuer with several', () => {
  it.each([0, 1])('is taken from the one at %i', async (by) => {
    expect(await look(await signed(good, by))).toMatchObject({ caller: { subject: 'ada' } });
  });

  it('is refused from one that the issuer does not have', async () => {
    expect(await look(await signed(good, 2))).toHaveProperty('refused');
  });

  it('is refused for what it says, whichever signed it', async () => {
    const elsewhere = { ...good, aud: 'https://other.example' };
    expect(await look(await signed(elsewhere, 1))).toEqual({
      refused: 'the token is for another resource',
    });
  });
});

it.each(['iat', 'jti', 'client_id', 'sub', 'exp'])(
  'an access token without %s is refused (RFC 9068 section 2.2)',
  async (name) => {
    const { [name as 'jti']: _left, ...rest } = good;
    expect(await look(await signed(rest, 0))).toHaveProperty('refused');
  },
);
