/** Are names of tools short, stable and reversible, whatever servers and tools are called? */
import { describe, expect, it } from 'vitest';
import { combinedName, readName } from '../../../../broker/bridge/combined/names.ts';

/** What AI clients take; `mcp__drawbridge__` is what one of them puts in front. */
const takenEverywhere = /^[a-zA-Z0-9_-]{1,64}$/;

/** The same numbers each time. */
const random = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const pick = (next: (below: number) => number, from: string, most: number): string =>
  Array.from({ length: next(most + 1) }, () => from[next(from.length)]).join('');

const pairs = (count: number): readonly (readonly [string, string])[] => {
  const next = random(20260728);
  const kinds = ['abc_-9', 'aZ09_-./', 'a_', '_0123456789abcdef', 'é€😀 "\\\n\u0000a', 'abcdefgh'];
  return Array.from({ length: count }, () => {
    const server = `a${pick(next, 'ab0-', 19)}`;
    return [server, pick(next, kinds[next(kinds.length)] ?? '', 100)] as const;
  });
};

describe('the name of a tool', () => {
  it('begins with its server and goes on as the server calls it', () => {
    expect(combinedName('linear', 'create_issue')).toBe('linear_create_issue');
    expect(combinedName('git-hub', 'a-b_C9')).toBe('git-hub_a-b_C9');
  });

  it('is the same in every version of Drawbridge: AI clients remember what a person allowed', () => {
    const long = 'create_an_issue_in_a_project_of_a_team_and_assign_it';
    expect(combinedName('linear', long)).toBe('linear_create_an_issue_in_a_project_f76443426c');
    expect(combinedName('linear', 'issues.create')).toBe('linear_issues-create_a2b3c37bd5');
  });

  it('is one that AI clients take, also with the name of the entry in front, for 20,000 odd pairs', () => {
    const names = pairs(20_000).map(([server, own]) => combinedName(server, own));
    expect(names.filter((name) => !takenEverywhere.test(`mcp__drawbridge__${name}`))).toEqual([]);
  });

  it('tells 20,000 odd pairs apart', () => {
    const all = new Map<string, string>();
    const clashes = pairs(20_000).filter(([server, own]) => {
      const pair = JSON.stringify([server, own]);
      const name = combinedName(server, own);
      const before = all.get(name);
      all.set(name, pair);
      return before !== undefined && before !== pair;
    });
    expect(clashes).toEqual([]);
  });

  it('leads back to its server always, and to its tool wherever it says it all', () => {
    const wrong = pairs(20_000).filter(([server, own]) => {
      const read = readName(combinedName(server, own));
      return read?.server !== server || (read.own !== undefined && read.own !== own);
    });
    expect(wrong).toEqual([]);
    const plain = pairs(20_000).filter(([, own]) => /^[a-z]{1,9}$/.test(own));
    expect(plain.length).toBeGreaterThan(200);
    for (const [server, own] of plain)
      expect(readName(combinedName(server, own))).toEqual({ server, own });
  });

  it('that nothing has is nobody’s', () => {
    const notOurs = ['', '_', 'a', '_a', 'a_', 'a_b.c', 'a_b c', `a_${'b'.repeat(60)}`, 'a_é'];
    expect(notOurs.filter((name) => readName(name) !== undefined)).toEqual([]);
  });
});

describe('a server that wants to be taken for another (tool shadowing)', () => {
  it.each([
    ['a', 'b_c', 'a-b', 'c'],
    ['a', '_b', 'a-', 'b'],
    ['linear', 'x', 'linear-x', ''],
    ['a', 'a_a', 'a-a', 'a'],
  ])('%s with %j has another name than %s with %j', (one, own, other, others) => {
    expect(combinedName(one, own)).not.toBe(combinedName(other, others));
    expect(readName(combinedName(one, own))?.server).toBe(one);
    expect(readName(combinedName(other, others))?.server).toBe(other);
  });

  it('cannot call a tool as another one’s cut name: that is cut itself', () => {
    const cut = combinedName('a', 'x'.repeat(80));
    const copy = cut.slice('a_'.length);
    expect(combinedName('a', copy)).not.toBe(cut);
    expect(readName(cut)).toEqual({ server: 'a' });
  });
});
