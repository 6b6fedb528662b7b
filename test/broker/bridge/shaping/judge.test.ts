/** What rules say of a tool, as a table: the strictest wins, and a rule for a name never gives more. */
import { describe, expect, it } from 'vitest';
import { judge, rulesFor, type Verdict } from '../../../../broker/bridge/shaping/judge.ts';
import { matches } from '../../../../broker/bridge/shaping/pattern.ts';
import { Rule, RuleWish } from '../../../../shared/contract/rules.ts';
import { expectUnder } from '../../../doubles/timing.ts';

const id = '0123456789';
const rule = (parts: Omit<Rule, 'id'>): Rule => Rule.parse({ id, ...parts });
const key = { server: 'github', account: 'work' };

describe('a pattern', () => {
  const rows: readonly (readonly [pattern: string, name: string, fits: boolean])[] = [
    ['delete', 'delete', true],
    ['delete', 'delete_file', false],
    ['delete', 'undelete', false],
    ['delete_*', 'delete_', true],
    ['delete_*', 'delete_file', true],
    ['delete_*', 'Delete_file', false],
    ['*', '', true],
    ['*', 'anything.at/all', true],
    ['*_file', 'read_file_file', true],
    ['*_file', 'read_files', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['?', '', false],
    ['?', 'a', true],
    ['?', '😀', true],
    ['get_?', 'get_ab', false],
    ['a.b', 'axb', false],
    ['[a]', 'a', false],
    ['**x**', 'x', true],
  ];
  it.each(rows)('%j and %j: %s', (pattern, name, fits) => {
    expect(matches(pattern, name)).toBe(fits);
  });

  it('takes no longer on a name that was made to keep it busy (ReDoS)', async () => {
    const busy = (): boolean => matches(`${'*a'.repeat(60)}b`, 'a'.repeat(512));
    const honest = (): boolean => matches(`*${'b'.repeat(60)}`, 'a'.repeat(512));
    expect([busy(), honest()]).toEqual([false, false]);
    await expectUnder(100, busy, honest);
  });

  it('is no regular expression and no list', () => {
    const wrong = ['a b', 'a,b', '', 'a\n', 'a\u202e', 'x'.repeat(129)];
    expect(wrong.filter((one) => RuleWish.safeParse({ deny: [one] }).success)).toEqual([]);
  });
});

describe('rules that hold', () => {
  const rows: readonly (readonly [string, Omit<Rule, 'id'>, boolean])[] = [
    ['for everyone, everywhere', { deny: ['*'] }, true],
    ['for the AI client', { aiClient: 'Cursor', deny: ['*'] }, true],
    ['for the AI client, in other letters', { aiClient: ' cURSOR', deny: ['*'] }, true],
    ['for another AI client', { aiClient: 'Cursor 2', deny: ['*'] }, false],
    ['at the server', { server: 'github', deny: ['*'] }, true],
    ['at the account', { server: 'github/work', deny: ['*'] }, true],
    ['at another account', { server: 'github/home', deny: ['*'] }, false],
    ['at another server', { server: 'git', deny: ['*'] }, false],
    ['for the AI client elsewhere', { aiClient: 'Cursor', server: 'git', deny: ['*'] }, false],
  ];
  it.each(rows)('%s', (_words, parts, holds) => {
    expect(rulesFor([rule(parts)], { aiClient: 'Cursor', key })).toHaveLength(holds ? 1 : 0);
  });

  it('for everyone hold for an AI client that says no name', () => {
    const rules = [rule({ deny: ['*'] }), rule({ aiClient: 'Cursor', deny: ['*'] })];
    expect(rulesFor(rules, { aiClient: '', key })).toEqual([rules[0]]);
  });
});

describe('the verdict', () => {
  type Row = readonly [string, readonly Omit<Rule, 'id'>[], readOnly: boolean, Verdict];
  const rows: readonly Row[] = [
    ['without rules', [], false, 'free'],
    ['of a rule for others', [{ deny: ['other'] }], false, 'free'],
    ['when it is denied', [{ deny: ['get_*'] }], true, 'denied'],
    ['when it is allowed', [{ allow: ['get_*'] }], false, 'free'],
    ['when only others are allowed', [{ allow: ['list_*'] }], true, 'denied'],
    ['when it is in one allow list of two', [{ allow: ['*'] }, { allow: ['x'] }], true, 'denied'],
    ['when it is in every allow list', [{ allow: ['*'] }, { allow: ['get_?'] }], true, 'free'],
    ['when it is allowed and denied', [{ allow: ['get_a'] }, { deny: ['get_a'] }], true, 'denied'],
    ['when one rule says both', [{ allow: ['get_a'], deny: ['get_a'] }], true, 'denied'],
    ['of a tool that changes something', [{ readOnly: true }], false, 'not-read-only'],
    ['of a tool that changes nothing', [{ readOnly: true }], true, 'free'],
    [
      'when read-only and allowed by name',
      [{ readOnly: true }, { allow: ['get_a'] }],
      false,
      'not-read-only',
    ],
    ['when it is marked', [{ approve: ['get_*'] }], true, 'approve'],
    ['when it is marked and denied', [{ approve: ['*'] }, { deny: ['*'] }], true, 'denied'],
    [
      'when it is marked and not read-only',
      [{ approve: ['*'] }, { readOnly: true }],
      false,
      'not-read-only',
    ],
    [
      'when it is marked in one rule and allowed in another',
      [{ approve: ['*'] }, { allow: ['*'] }],
      true,
      'approve',
    ],
  ];
  it.each(rows)('%s', (_words, rules, readOnly, verdict) => {
    expect(judge(rules.map(rule), { name: 'get_a', readOnly })).toBe(verdict);
  });

  it('of a rule for a name is never more than that of the rules for everyone (F10)', () => {
    const strictness: readonly Verdict[] = ['free', 'approve', 'not-read-only', 'denied'];
    const parts: readonly Omit<Rule, 'id'>[] = [
      { allow: ['get_a'] },
      { allow: ['x'] },
      { deny: ['x'] },
      { readOnly: true },
      { approve: ['get_a'] },
    ];
    for (const general of parts)
      for (const own of parts)
        for (const readOnly of [true, false]) {
          const rules = [rule(general), rule({ aiClient: 'Cursor', ...own })];
          const of = (aiClient: string): number =>
            strictness.indexOf(
              judge(rulesFor(rules, { aiClient, key }), { name: 'get_a', readOnly }),
            );
          expect(of('Cursor')).toBeGreaterThanOrEqual(of('another'));
        }
  });

  it('refuses a name that is longer than any tool has', () => {
    const rules = [rule({ deny: ['other'] })];
    expect(judge(rules, { name: 'x'.repeat(513), readOnly: true })).toBe('denied');
  });

  it('does not hold for a rule that says nothing: there is none', () => {
    expect(RuleWish.safeParse({ aiClient: 'Cursor' }).success).toBe(false);
    expect(RuleWish.safeParse({ aiClient: 'Cursor', readOnly: true }).success).toBe(true);
  });
});
