/** Are requests counted, measured and written down so that a person and a spreadsheet read them right? */
import { describe, expect, it } from 'vitest';
import {
  bytesText,
  csvHead,
  csvLine,
  durationText,
  outcomeOf,
  outcomeWords,
} from '../../shared/activity.ts';
import { type ActivityEntry, ActivityOutcome } from '../../shared/contract/activity.ts';
import { timeAgo, timeAgoChangesIn } from '../../shared/expiry.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const entry: ActivityEntry = {
  id: 1,
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  durationMs: 12,
  server: 'linear',
  account: 'default',
  aiClient: 'Claude',
  door: 'http',
  method: 'tools/call',
  name: 'add',
  outcome: 'error',
  code: -32602,
  bytesIn: 1,
  bytesOut: 2,
};

it('every outcome has words, and an error its code', () => {
  expect(Object.keys(outcomeWords).sort()).toEqual([...ActivityOutcome.options].sort());
  expect([outcomeOf(entry), outcomeOf({ outcome: 'gone' })]).toEqual(['error -32602', 'gone']);
});

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [59_900, '59.9 s'],
  [MINUTE, '1 min'],
  [3 * HOUR, '3 h'],
])('%i ms are %s', (ms, words) => expect(durationText(ms)).toBe(words));

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [3_140_000, '3.1 MB'],
])('%i bytes are %s', (bytes, words) => expect(bytesText(bytes)).toBe(words));

it.each([
  [-5_000, 'just now'],
  [59_999, 'just now'],
  [MINUTE, '1 min ago'],
  [119 * MINUTE, '1 h ago'],
  [25 * HOUR, '1 day ago'],
  [72 * HOUR, '3 days ago'],
])('what was %i ms ago was %s, until that changes', (past, words) => {
  expect(timeAgo(0, past)).toBe(words);
  const then = past + timeAgoChangesIn(0, past);
  expect(timeAgo(0, then - 1)).toBe(words);
  expect(timeAgo(0, Math.max(then, MINUTE))).not.toBe(words);
});

describe('as comma-separated values', () => {
  it('an entry has a cell for each column', () => {
    expect(csvLine(entry)).toBe(
      '2026-01-02T03:04:05.000Z,Claude,http,linear,default,tools/call,add,error,-32602,12,1,2',
    );
    const { name: _name, code: _code, ...bare } = entry;
    expect(csvLine(bare).split(',').length).toBe(csvHead.split(',').length);
  });

  it.each([
    ['=cmd()', "'=cmd()"],
    ['@SUM(1)', "'@SUM(1)"],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
  ])('a name like %s is only text', (name, cell) => {
    expect(csvLine({ ...entry, name })).toContain(`,tools/call,${cell},error,`);
  });
});
