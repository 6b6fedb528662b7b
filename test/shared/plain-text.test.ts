import { expect, it } from 'vitest';
import { plainText } from '../../shared/plain-text.ts';

it.each([
  ['an ordinary name', 'Ada Lovelace', 'Ada Lovelace'],
  ['other scripts', 'Überblick 漢字 🚪', 'Überblick 漢字 🚪'],
  ['a title set in the terminal', 'ada\u001b]0;pwned\u0007', 'ada ]0;pwned'],
  ['the other kind of escape', 'a\u009b2Jb', 'a 2Jb'],
  ['text turned around', 'abc\u202etxt.exe', 'abc txt.exe'],
  ['lines', 'one\r\ntwo\u2028three', 'one two three'],
  ['nothing but controls', '\u0000\u0007', ''],
])('%s', (_what, text, plain) => {
  expect(plainText(text)).toBe(plain);
});

it('is cut to its length', () => {
  expect(plainText('x'.repeat(1_000_000))).toHaveLength(100);
  expect(plainText('x'.repeat(50), 10)).toHaveLength(10);
});
