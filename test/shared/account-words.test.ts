/** What is said of an account that AI clients have called in vain. */
import { expect, it } from 'vitest';
import { wantedWords } from '../../shared/account-words.ts';

it.each([
  [undefined, undefined],
  [[], 'an AI client wants to use it'],
  [['Claude'], 'Claude wants to use it'],
  [['Claude', 'Cursor'], 'Claude and Cursor want to use it'],
  [['Claude', 'Cursor', 'Codex'], 'Claude and 2 others want to use it'],
])('%j is "%s"', (by, words) => {
  expect(wantedWords(by === undefined ? {} : { wanted: { by, since: 0 } })).toBe(words);
});
