/** Is what is shown of a token a fact, safe to read, and never the token? */
import { describe, expect, it } from 'vitest';
import { viewOf } from '../../../broker/tokens/token-view.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import type { TokenView } from '../../../shared/contract/account-facts.ts';

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const SIGNATURE = 'fake-signature-fake-signature-fake';
const jwt = (claims: unknown, header: object = { alg: 'ES256', kid: 'key-1', typ: 'at+jwt' }) =>
  `${part(header)}.${part(claims)}.${SIGNATURE}`;
const asItIs = (text: string): string => text;
const view = (token: string, clean = asItIs): TokenView => viewOf(new Secret(token), clean);
const claimsOf = (claims: unknown, clean = asItIs) => {
  const seen = view(jwt(claims), clean);
  if (seen.form !== 'jwt') throw new Error(`seen as ${seen.form}`);
  return seen;
};
/** What is shown of one claim. */
const shown = (name: string, value: unknown) => claimsOf({ [name]: value }).claims[0];

describe('a JWT', () => {
  it('is shown with its header and claims, as what nobody has verified', () => {
    const claims = { iss: 'https://issuer.example', aud: ['one', 'two'], exp: 1_800_000_000 };
    expect(view(jwt(claims))).toEqual({
      ...{ form: 'jwt', verified: false, more: 0 },
      header: { alg: 'ES256', kid: 'key-1', typ: 'at+jwt' },
      claims: [
        { name: 'iss', value: 'https://issuer.example' },
        { name: 'aud', value: '["one","two"]' },
        { name: 'exp', value: '1800000000', at: 1_800_000_000_000 },
      ],
    });
  });

  it('cannot be put together again from what is shown', () => {
    const token = jwt({ sub: 'ada' });
    const [head, body, signature] = token.split('.');
    const text = JSON.stringify(view(token));
    for (const piece of [head, body, signature]) expect(text).not.toContain(piece);
  });

  it('without a signature shows no claim: they are all there is to it', () => {
    const header = { alg: 'none' };
    const unsigned = { form: 'unsigned', header };
    expect(view(`${part(header)}.${part({ sub: 'ada' })}.`)).toEqual(unsigned);
    expect(view(`${part(header)}.${part({ sub: 'ada' })}.x`)).toEqual(unsigned);
    const signed = `${part({ alg: 'ES256' })}.${part({ sub: 'ada' })}.`;
    expect(view(signed)).toEqual({ form: 'unsigned', header: { alg: 'ES256' } });
  });

  it('that is encrypted shows its header alone', () => {
    const token = [part({ alg: 'RSA-OAEP', enc: 'A256GCM' }), 'a', 'b', 'c', 'd'].join('.');
    expect(view(token)).toEqual({ form: 'encrypted', header: { alg: 'RSA-OAEP' } });
  });

  it.each([
    ['plain text', 'fake-opaque-token'],
    ['three parts that are no JSON', 'one.two.three'],
    ['a header that is no object', `${part([1])}.${part({})}.x`],
    ['a header without an algorithm', `${part({ typ: 'JWT' })}.${part({})}.x`],
    ['claims that are no object', `${part({ alg: 'ES256' })}.${part('"text"')}.x`],
    ['claims that are no JSON', `${part({ alg: 'ES256' })}.${part('{')}.x`],
    ['four parts', `${part({ alg: 'ES256' })}.${part({})}.x.y`],
    ['more than any token has', jwt({ sub: 'x'.repeat(70_000) })],
    ['nothing', ''],
  ])('and nothing else is taken for one: %s', (_what, token) => {
    expect(view(token)).toEqual({ form: 'opaque' });
  });
});

describe('of the claims', () => {
  it.each([
    ['jti', '42'],
    ['jti', 42],
    ['sid', 'short'],
    ['uti', 'short'],
    ['session_state', 'short'],
    ['origin_jti', 'short'],
    ['access_token', 'short'],
    ['refreshToken', { value: 'short' }],
    ['client_secret', 'short'],
    ['api_key', 'short'],
    ['authorization', ['short']],
    ['custom', 'A1b2C3d4E5f6G7h8I9j0K1l2'],
    ['custom', '0123456789abcdef0123456789abcdef'],
    ['custom', `see ${jwt({ sub: 'ada' })}`.replace('see ', '')],
    ['sub', jwt({ sub: 'ada' })],
  ])('what may be a secret is not shown: %s', (name, value) => {
    expect(shown(name, value)).toEqual({ name });
  });

  it('what is inside another is looked at as well', () => {
    const inside = {
      act: { sub: 'bot', jti: 'fake-inner-id', deep: ['A1b2C3d4E5f6G7h8I9j0K1l2'] },
    };
    const { value = '' } = claimsOf(inside).claims[0] ?? {};
    expect(value).toContain('"sub":"bot"');
    expect(value).not.toMatch(/fake-inner-id|A1b2C3/);
  });

  it.each([
    ['sub', 'A1b2C3d4E5f6G7h8I9j0K1l2'],
    ['nonce', 'A1b2C3d4E5f6G7h8I9j0K1l2'],
    ['at_hash', 'A1b2C3d4E5f6G7h8I9j0K1l2'],
    ['client_id', 'A1b2C3d4E5f6G7h8I9j0K1l2'],
    ['org_id', 'org_01EHWNCE74X7JSDV0X3SZ3KJNY'],
    ['tid', '6ff1f3a0-2f5b-4c55-9b52-0d4a2a8f1c1e'],
    ['scope', 'mail.read https://graph.example/User.Read.All2'],
    ['email', 'ada@example.com'],
    ['token_use', 'access'],
    ['iss', 'https://login.example/6ff1f3a0-2f5b-4c55-9b52-0d4a2a8f1c1e/v2.0'],
    ['https://example.com/roles', 'admin-of-everything'],
  ])('what tells who and for what is: %s', (name, value) => {
    expect(shown(name, value)).toMatchObject({ name, value });
  });

  it('a secret that is known is cut out wherever it stands', () => {
    const clean = (text: string): string => text.replaceAll('hunter2', '[secret]');
    expect(claimsOf({ note: 'the word is hunter2', other: 'hunter2' }, clean).claims).toEqual([
      { name: 'note', value: 'the word is [secret]' },
      { name: 'other' },
    ]);
  });

  it('text is fit for a line, and its length is bounded', () => {
    expect(shown('name', 'Ada\u202e\u0007\n Lovelace')?.value).toBe('Ada  Lovelace');
    expect(shown('na\u202eme', 'x')?.name).toBe('na me');
    expect(shown('note', `${'word '.repeat(500)}end`)).toMatchObject({ more: 1503 });
    expect(shown('note', 'a-b '.repeat(300))?.value?.length).toBe(1000);
    expect(shown('x'.repeat(500), 'y')?.name.length).toBe(100);
  });

  it('there are a hundred at most, and it is said how many more', () => {
    const many = Object.fromEntries(Array.from({ length: 130 }, (_none, at) => [`claim${at}`, at]));
    const { claims, more } = claimsOf(many);
    expect([claims.length, more]).toEqual([100, 30]);
  });

  it('what is nested without an end is cut, not followed', () => {
    const deep = `{"deep":${'['.repeat(5000)}${']'.repeat(5000)}}`;
    expect(view(`${part({ alg: 'ES256' })}.${part(deep)}.x`)).toMatchObject({
      claims: [{ name: 'deep', value: '[[[[[[[[[["..."]]]]]]]]]]' }],
    });
  });

  it('a name that every object has is a name like any other', () => {
    expect(view(`${part({ alg: 'ES256' })}.${part('{"__proto__":{"a":1}}')}.x`)).toMatchObject({
      claims: [{ name: '__proto__', value: '{"a":1}' }],
    });
  });

  it('a time that is no date stays the number that it is', () => {
    expect(shown('exp', 1e20)).toEqual({ name: 'exp', value: '100000000000000000000' });
    expect(shown('exp', 'soon')).toEqual({ name: 'exp', value: 'soon' });
  });
});
