/** Is a command shown so that a person sees what will run, and read as a terminal would read it? */
import { expect, it } from 'vitest';
import { assignment, commandLine, wordsIn } from '../../shared/command-line.ts';

const shown = (program: string, ...args: string[]): string => commandLine({ program, args });

it('plain words as they are, and in quotes what could be read otherwise', () => {
  expect(shown('npx', '-y', '@scope/server@1.2.3', '--path=/home/ada')).toBe(
    'npx -y @scope/server@1.2.3 --path=/home/ada',
  );
  expect(shown('my program', 'two words', '', 'a"b', '$HOME', '`x`', 'a;b', 'x*')).toBe(
    '"my program" "two words" "" "a\\"b" "\\$HOME" "\\`x\\`" "a;b" "x*"',
  );
  expect(assignment('GREETING', 'good morning')).toBe('GREETING="good morning"');
});

it.each([
  ['a line break', 'a\nb', '"a\\u{a}b"'],
  ['an escape', '\x1b[2K', '"\\u{1b}[2K"'],
  ['text that is turned around', 'a\u202eb', '"a\\u{202e}b"'],
  ['nothing to be seen', '\u200b', '"\\u{200b}"'],
  ['a space that is none', 'a\u00a0b', '"a\\u{a0}b"'],
  ['half a character', '\ud800', '"\\u{d800}"'],
])('%s by its number', (_what, given, expected) => {
  expect(shown('x', given)).toBe(`x ${expected}`);
});

it.each([
  ['npx -y server', ['npx', '-y', 'server']],
  ['  a   b\n c ', ['a', 'b', 'c']],
  [`a "two words" 'and "these"' ""`, ['a', 'two words', 'and "these"', '']],
  ['a\\ b "say \\"it\\""', ['a b', 'say "it"']],
  ['C:\\Tools\\node.exe "C:\\My Files"', ['C:\\Tools\\node.exe', 'C:\\My Files']],
  ['pre"fix and"post', ['prefix andpost']],
  ['', []],
])('%j is the words %j', (text, words) => {
  expect(wordsIn(text)).toEqual(words);
});
