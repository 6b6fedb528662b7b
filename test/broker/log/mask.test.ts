/** What is left of a text that has secrets in it? */
import { describe, expect, it } from 'vitest';
import { mask } from '../../../broker/log/mask.ts';
import { expectUnder } from '../../doubles/timing.ts';

const same = (text: string): string => text;
const masked = (value: unknown): string =>
  mask(typeof value === 'string' ? value : JSON.stringify(value), same);

describe('JSON', () => {
  it.each([
    ['access_token', 'abc'],
    ['Authorization', 'abc'],
    ['apiKey', 'abc'],
    ['x-api-key', 'abc'],
    ['client_secret', 'abc"def\\'],
    ['password', 'öäü'],
    ['Set-Cookie', ['a=1', 'b=2']],
    ['credentials', { user: 'ada', deep: [{ x: 'abc' }] }],
  ])('keeps nothing of what stands under %s', (name, value) => {
    const before = { first: 'one', [name]: value, last: ['two'] };
    expect(JSON.parse(masked(before))).toEqual({ ...before, [name]: '[secret]' });
  });

  it('keeps numbers, and what only looks like it', () => {
    const plain = { max_tokens: 100, hasPassword: true, token: null, note: 'a token of thanks' };
    expect(JSON.parse(masked(plain))).toEqual(plain);
  });

  it('is looked into where it stands in a string, and in a string of that', () => {
    const inner = JSON.stringify({ access_token: 'hidden', n: 1 });
    const result = {
      content: [
        { type: 'text', text: inner },
        { type: 'text', text: `Here: ${inner}` },
        { type: 'text', text: JSON.stringify({ deep: inner }) },
      ],
    };
    const after = JSON.parse(masked(result));
    expect(JSON.stringify(after)).not.toContain('hidden');
    expect(JSON.parse(after.content[0].text)).toEqual({ access_token: '[secret]', n: 1 });
    expect(JSON.parse(JSON.parse(after.content[2].text).deep).n).toBe(1);
  });

  it('cut off anywhere shows no part of a secret', () => {
    const text = JSON.stringify({
      a: { password: 'hidden-one', list: ['x', { token: 'hidden-two' }] },
      text: JSON.stringify({ authorization: 'hidden-three' }),
    });
    for (let end = 0; end <= text.length; end += 1)
      expect(masked(text.slice(0, end))).not.toContain('hidden');
  });

  it('stays as it was where there is nothing to hide', () => {
    const text = JSON.stringify({ a: 'b', c: [1, 'd "e" f', { g: '\u2028 ü 漢 🚪' }] });
    expect(JSON.parse(masked(text))).toEqual(JSON.parse(text));
  });
});

it.each([
  ['Authorization: Bearer abcdefghijklmnop', 'abcdefghijklmnop'],
  ['curl -H "x-api-key: abc123"', 'abc123'],
  ['Cookie: session=abc123; other=1', 'abc123'],
  ['bearer abcdefghijklmnop.qrstu', 'abcdefghijklmnop'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def', 'eyJzdWIiOiIxIn0'],
  ['drawbridge_abcdefghijklmnopqrstuvwxyz', 'abcdefghijklmnop'],
  ['postgres://ada:pass@db.example/x', 'ada:pass'],
])('a text loses what has the form of a secret: %s', (text, secret) => {
  expect(masked(text)).not.toContain(secret);
  expect(masked(JSON.stringify({ text }))).not.toContain(secret);
  expect(() => JSON.parse(masked(JSON.stringify({ text })))).not.toThrow();
});

it('takes out what is known to be a secret first', () => {
  const clean = (text: string): string => text.replaceAll('known', '[secret]');
  expect(mask('{"a":"known"}', clean)).toBe('{"a":"[secret]"}');
});

it.each([
  '"'.repeat(30_000),
  '"\\"'.repeat(10_000),
  '{"token":['.repeat(3_000),
  '://'.repeat(10_000),
])('takes no longer for a text made to take long (%#)', async (text) => {
  const thrice = (inner: string) => JSON.stringify(JSON.stringify(JSON.stringify(inner)));
  const read = (inner: string) => () => [masked(inner), masked(thrice(inner))];
  const honest = '{"tool":"echo"},'.repeat(text.length / 16);
  await expectUnder(100, read(text), read(honest));
});
