/** What stands in a value for a secret, and what is said when there is nothing in it? */
import { describe, expect, it } from 'vitest';
import { createResolve } from '../../../../broker/tokens/sources/references.ts';
import { Secret } from '../../../../broker/vault/secret.ts';
import { TokenSource } from '../../../../shared/contract/token-sources.ts';

const concealed: string[] = [];
const resolve = createResolve({
  secret: (name) => Promise.resolve(name === 'KEY' ? new Secret('canary-in-the-vault') : undefined),
  conceal: (secret) => concealed.push(secret.reveal()),
  env: { TOKEN: 'canary-in-the-env', EMPTY: '' },
  readText: (path) =>
    path === '/run/secrets/token'
      ? Promise.resolve('canary-in-a-file\n')
      : Promise.reject(new Error('ENOENT')),
});
const text = async (value: string): Promise<string> => (await resolve(value)).reveal();

describe('a value', () => {
  it.each([
    ['plain', 'plain'],
    ['${vault:KEY}', 'canary-in-the-vault'],
    ['Bearer ${env:TOKEN}', 'Bearer canary-in-the-env'],
    ['${file:/run/secrets/token}', 'canary-in-a-file'],
    ['a=${vault:KEY};b=${env:TOKEN}.', 'a=canary-in-the-vault;b=canary-in-the-env.'],
    ['$${vault:KEY} and $ and {}', '${vault:KEY} and $ and {}'],
    ['${vault:KEY', '${vault:KEY'],
  ])('%s', async (value, expected) => {
    expect(await text(value)).toBe(expected);
  });

  it.each([
    ['${vault:NONE}', 'drawbridge secret'],
    ['Bearer ${env:NONE}', 'where Drawbridge itself is started'],
    ['${env:EMPTY}', 'where Drawbridge itself is started'],
    ['${file:/nowhere}', 'readable'],
    ['${vault:}', '${vault:NAME}'],
    ['${KEY}', '${vault:NAME}'],
    ['${toString:x}', '${vault:NAME}'],
    ['${env:constructor}', 'where Drawbridge itself is started'],
    ['${env:__proto__}', 'where Drawbridge itself is started'],
    ['x${}y', '${vault:NAME}'],
  ])('%s stands for nothing, and is never sent by half', async (value, hint) => {
    await expect(resolve(value)).rejects.toMatchObject({
      code: 'reference-unresolved',
      hint: expect.stringContaining(hint),
    });
  });

  it('is hidden in the log before anybody has it', async () => {
    concealed.length = 0;
    const resolved = await resolve('${vault:KEY}:${env:TOKEN}');
    expect(concealed).toEqual(['canary-in-the-vault', 'canary-in-the-env']);
    expect(`${resolved}${JSON.stringify(resolved)}`).toBe('[secret]"[secret]"');
  });
});

describe('a token source is refused', () => {
  it.each([
    ['with a secret written down', { kind: 'bearer', token: 'canary-written-down' }],
    ['with one in a header for it', { kind: 'headers', headers: { 'X-Api-Key': 'canary' } }],
    ['with no more than an escaped reference', { kind: 'bearer', token: '$${vault:KEY}' }],
    ['with a header that is ours', { kind: 'headers', headers: { 'Mcp-Session-Id': '1' } }],
    ['with a header that frames the request', { kind: 'headers', headers: { Host: 'a' } }],
    ['with a header that ends early', { kind: 'headers', headers: { 'X:\r\nY': '1' } }],
    ['without a header', { kind: 'headers', headers: {} }],
    ['without a program', { kind: 'command', command: [] }],
    ['of a kind that is none', { kind: 'magic' }],
    [
      'with a reference where none is looked up',
      { kind: 'jwt', algorithm: 'ES256', key: '${vault:K}', claims: { sub: '${vault:K}' } },
    ],
    ['with a key written down', { kind: 'snowflake', account: 'a', user: 'u', key: '-----BEGIN' }],
  ])('%s', (_what, source) => {
    expect(TokenSource.safeParse(source).success).toBe(false);
  });

  it('not for a plain header that holds no secret', () => {
    const source = { kind: 'headers', headers: { 'X-Tenant': 'acme', Cookie: '${env:STICKY}' } };
    expect(TokenSource.parse(source)).toEqual(source);
  });
});
