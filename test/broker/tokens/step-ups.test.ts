import { describe, expect, it } from 'vitest';
import { createStepUps } from '../../../broker/tokens/step-ups.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { key } from './open-book.ts';

const HOUR = 3_600_000;
const lacking = (scope: string): string => `Bearer error="insufficient_scope", scope="${scope}"`;

const open = () => {
  const clock = createVirtualClock();
  let changes = 0;
  const stepUps = createStepUps(clock, () => changes++);
  return {
    ...stepUps,
    clock,
    changes: () => changes,
    lacks: (scope: string) => stepUps.refused(key, lacking(scope)),
    wants: () => stepUps.wanted(key),
    /** A sign-in from its beginning to what the person made of it. */
    signIn: (outcome: 'signed-in' | 'refused') => {
      stepUps.begin(key);
      stepUps.settled(key, outcome);
    },
  };
};

describe('a request refused for want of scope (A28)', () => {
  it('is remembered for the person, in words with the scopes in them', () => {
    const { lacks, wants, problem, changes } = open();
    lacks('mcp:write mcp:admin');

    expect(wants()).toEqual(['mcp:write', 'mcp:admin']);
    expect(problem(key)).toMatchObject({
      code: 'needs-more-access',
      message: expect.stringContaining('mcp:write mcp:admin'),
    });
    expect(changes()).toBe(1);
  });

  it('adds to what was wanted before, and says nothing twice', () => {
    const { lacks, wants, changes } = open();
    lacks('a b');
    lacks('b');
    lacks('b c');

    expect(wants()).toEqual(['a', 'b', 'c']);
    expect(changes()).toBe(2);
  });

  it("is one account's affair", () => {
    const { lacks, wanted, problem } = open();
    const other = { ...key, account: 'work' };
    lacks('a');

    expect([wanted(other), problem(other)]).toEqual([[], undefined]);
  });

  it.each([
    ['nothing', undefined],
    ['no scope', 'Bearer error="insufficient_scope"'],
    ['an empty scope', 'Bearer error="insufficient_scope", scope="  "'],
    ['another error', 'Bearer error="invalid_token", scope="a"'],
    ['no error', 'Bearer scope="a"'],
    ['another scheme', 'Basic error="insufficient_scope", scope="a"'],
    ['what cannot be read', '"""'],
  ])('is not one that says %s', (_name, challenge) => {
    const { refused, wants, changes } = open();
    refused(key, challenge);
    expect([wants(), changes()]).toEqual([[], 0]);
  });

  it('behind another challenge in the same header is one (A9)', () => {
    const { refused, wants } = open();
    refused(key, `Basic realm="x, y", ${lacking('a')}`);
    expect(wants()).toEqual(['a']);
  });

  it('shows what a server says in quotes of ours, and never at length', () => {
    const { lacks, problem, wants } = open();
    lacks(`a\u001b[2J\u009b2J\u202eb${'x'.repeat(5000)}`);
    lacks(Array.from({ length: 200 }, (_, number) => `s${number}`).join(' '));

    expect(problem(key)?.message.length).toBeLessThan(300);
    expect(problem(key)?.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(wants()).toHaveLength(50);
  });
});

describe('once the person has answered', () => {
  it('with a sign-in, nothing is wanted', () => {
    const { lacks, wants, problem, signIn } = open();
    lacks('a');
    signIn('signed-in');

    expect([wants(), problem(key)]).toEqual([[], undefined]);
  });

  it('with no, the same is not asked for again for 24 h (A29)', async () => {
    const { lacks, wants, signIn, clock } = open();
    lacks('a');
    signIn('refused');
    lacks('a');
    expect(wants()).toEqual([]);
    await clock.advance(24 * HOUR - 1);
    lacks('a');
    expect(wants()).toEqual([]);

    await clock.advance(1);
    lacks('a');

    expect(wants()).toEqual(['a']);
  });

  it('with no, something else may be asked for', () => {
    const { lacks, wants, signIn } = open();
    lacks('a');
    signIn('refused');
    lacks('b');

    expect(wants()).toEqual(['b']);
  });

  it('with a sign-in that did not help, twice, it is given up: three requests with the first one (A29)', () => {
    const { lacks, wants, signIn } = open();
    for (const _stepUp of [1, 2]) {
      lacks('a');
      expect(wants()).toEqual(['a']);
      signIn('signed-in');
    }
    lacks('a');

    expect(wants()).toEqual([]);
  });

  it.each(['signed-in', 'refused'] as const)(
    'what came to be wanted meanwhile was not part of it, and is wanted still (%s)',
    (outcome) => {
      const { lacks, wants, begin, settled, problem, changes } = open();
      lacks('a');
      begin(key);
      lacks('b');
      const before = changes();
      settled(key, outcome);

      expect(wants()).toEqual(['b']);
      expect(problem(key)).toMatchObject({ message: expect.stringMatching(/: b$/) });
      expect(changes()).toBe(before + 1);
    },
  );

  it('what came to be wanted in a sign-in for nothing is wanted still', () => {
    const { lacks, wants, begin, settled } = open();
    begin(key);
    lacks('a');
    settled(key, 'signed-in');

    expect(wants()).toEqual(['a']);
  });

  it('by letting a sign-in fail, nothing is settled: the next one asks for all', () => {
    const { lacks, wants, begin, signIn } = open();
    lacks('a');
    begin(key);
    lacks('b');
    signIn('signed-in');

    expect(wants()).toEqual([]);
  });

  it('with sign-ins that did help, the next scope may be asked for', () => {
    const { lacks, wants, signIn } = open();
    for (const scope of ['a', 'b', 'c']) {
      lacks(scope);
      expect(wants()).toEqual([scope]);
      signIn('signed-in');
    }
  });

  it('a sign-in for another reason is no attempt', () => {
    const { lacks, wants, signIn } = open();
    for (const _signIn of [1, 2, 3]) signIn('signed-in');
    lacks('a');

    expect(wants()).toEqual(['a']);
  });
});

it('a sign-out forgets what was wanted, refused and tried', () => {
  const { lacks, wants, signIn, forget } = open();
  lacks('a');
  signIn('refused');
  lacks('b');
  forget(key);
  expect(wants()).toEqual([]);
  lacks('a');
  expect(wants()).toEqual(['a']);
});
