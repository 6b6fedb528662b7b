import { describe, expect, it } from 'vitest';
import { tokenFailure } from '../../../broker/oauth/failures.ts';
import { createRenewals } from '../../../broker/tokens/renewals.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { someTokens } from '../../doubles/grants.ts';
import { key, openBook } from './open-book.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const later = (retryAfterMs?: number) => tokenFailure('later', 'issuer.example', { retryAfterMs });

/** A book and the renewals it drives, wired as the broker wires them. */
const openAll = ({ random = (): number => 0.5, clock = createVirtualClock() } = {}) => {
  const lapsed: AccountKey[] = [];
  const opened = openBook({ clock, random, onChange: (changed) => renewals.plan(changed) });
  const renewals = createRenewals({
    book: opened.book,
    clock,
    random,
    onLapse: (gone) => lapsed.push(gone),
  });
  return { ...opened, renewals, lapsed };
};

describe('a renewal', () => {
  it.each([
    ['earliest', 0, 0.7],
    ['middle', 0.5, 0.75],
    ['latest', 0.999_999, 0.8],
  ])(
    'comes at three quarters of the life, give or take a twentieth (%s)',
    async (_name, random, share) => {
      const { signIn, endpoint, clock, renewals } = openAll({ random: () => random });
      await signIn(someTokens('0', { expiresIn: 3600 }));
      const due = Math.round((renewals.dueAt(key) ?? 0) - clock.now());
      expect(due / HOUR).toBeCloseTo(share, 5);

      await clock.advance(due - 1);
      expect(endpoint.asked()).toEqual([]);
      await clock.advance(1);

      expect(endpoint.asked()).toEqual(['canary-refresh-0']);
    },
  );

  it('is followed by the next, without anybody asking', async () => {
    const { signIn, sends, endpoint, clock } = openAll();
    await signIn();
    for (const name of ['1', '2', '3']) endpoint.answer(someTokens(name));

    await clock.advance(3 * 0.75 * HOUR);

    expect(endpoint.asked()).toEqual(['canary-refresh-0', 'canary-refresh-1', 'canary-refresh-2']);
    expect(await sends()).toBe('3');
    expect(clock.waits()).toEqual([0.75 * HOUR]);
  });

  it('is planned for the new token at once when a new sign-in comes', async () => {
    const { signIn, renewals, clock } = openAll();
    await signIn();
    await clock.advance(HOUR / 2);

    await signIn(someTokens('new', { expiresIn: 60 }));

    expect(renewals.dueAt(key)).toBe(clock.now() + 45 * SECOND);
    expect(clock.waits()).toEqual([45 * SECOND]);
  });

  it('keeps its time when something else about the account changes', async () => {
    let random = 0;
    const { signIn, renewals } = openAll({ random: () => random });
    await signIn();
    const due = renewals.dueAt(key);
    random = 0.9;

    renewals.plan(key);

    expect(renewals.dueAt(key)).toBe(due);
  });

  it('comes in time for a token of 90 days', async () => {
    const { signIn, endpoint, clock } = openAll();
    const days = 24 * HOUR;
    await signIn(someTokens('0', { expiresIn: 90 * 24 * 3600 }));
    await clock.advance(67.5 * days - 1);
    expect(endpoint.asked()).toEqual([]);

    await clock.advance(1);

    expect(endpoint.asked()).toHaveLength(1);
  });

  it.each([
    ['without a known end', undefined],
    ['that says it lives 0 s', 0],
  ])('is not planned for a token %s', async (_name, expiresIn) => {
    const { signIn, endpoint, clock, renewals } = openAll();
    const { expiresIn: _told, ...tokens } = someTokens('0');
    await signIn(expiresIn === undefined ? tokens : { ...tokens, expiresIn });

    await clock.advance(100 * HOUR);

    expect(renewals.dueAt(key)).toBeUndefined();
    expect(endpoint.asked()).toEqual([]);
    expect(clock.waits()).toEqual([]);
  });

  it('is planned for every account that a restart finds', async () => {
    const { signIn, vault, clock } = openAll();
    await signIn();
    await clock.advance(HOUR);
    const again = createVirtualClock(clock.now());
    const { book, endpoint } = openBook({
      vault,
      clock: again,
      onChange: (changed) => renewals.plan(changed),
    });
    const renewals = createRenewals({
      book,
      clock: again,
      random: () => 0.5,
      onLapse: () => undefined,
    });

    book.load();
    await again.advance(0);

    // Long overdue: at once.
    expect(endpoint.asked()).toEqual(['canary-refresh-0']);
  });

  it('is not planned twice while one is under way', async () => {
    const { signIn, book, clock, endpoint } = openAll();
    await signIn();
    void book.renew(key);
    await clock.advance(0);
    expect(clock.waits()).toEqual([]);
    await clock.advance(HOUR);

    expect(clock.waits()).toEqual([]);
    expect(endpoint.asked()).toHaveLength(1);
  });

  it('ends with the sign-out', async () => {
    const { signIn, book, clock, renewals } = openAll();
    await signIn();

    await book.drop(key);

    expect(clock.waits()).toEqual([]);
    expect(renewals.dueAt(key)).toBeUndefined();
  });
});

describe('a renewal that failed', () => {
  it('is tried again when the server allows it, and not before', async () => {
    const { signIn, endpoint, clock, sends } = openAll();
    await signIn();
    endpoint.answer(later(600 * SECOND));
    await clock.advance(0.75 * HOUR);
    await clock.advance(600 * SECOND - 1);
    expect(endpoint.asked()).toHaveLength(1);
    endpoint.answer(someTokens('1'));

    await clock.advance(1);

    expect(endpoint.asked()).toHaveLength(2);
    expect(await sends()).toBe('1');
  });

  it('is tried again until it works, with nobody waiting', async () => {
    const { signIn, endpoint, clock, book } = openAll();
    await signIn();
    for (let time = 0; time < 5; time++) endpoint.answer(later());
    endpoint.answer(someTokens('1'));

    await clock.advance(0.75 * HOUR + (1 + 2 + 4 + 8 + 16) * SECOND);

    expect(endpoint.asked()).toHaveLength(6);
    expect(book.facts(key)).toMatchObject({ generation: 2, trouble: undefined });
  });

  it('for good is not tried again; the end of the token is told', async () => {
    const { signIn, endpoint, clock, lapsed } = openAll();
    await signIn();
    endpoint.answer(tokenFailure('sign-in-again', 'issuer.example'));
    await clock.advance(HOUR - 1);
    expect(lapsed).toEqual([]);

    await clock.advance(1);

    expect(lapsed).toEqual([key]);
    expect(endpoint.asked()).toHaveLength(1);
    expect(clock.waits()).toEqual([]);
  });
});

describe('a grant that could not be saved', () => {
  it('is saved again by itself, without another token request', async () => {
    const { signIn, endpoint, clock, vault, book } = openAll();
    await signIn();
    vault.failWith(new ProblemError('cannot-save', 'full'));
    endpoint.answer(someTokens('1'));
    await clock.advance(0.75 * HOUR + 5 * SECOND);
    expect(book.facts(key)?.unsaved).toBeDefined();
    vault.failWith(undefined);

    await clock.advance(60 * SECOND);

    expect(book.facts(key)?.unsaved).toBeUndefined();
    expect(vault.records.get('grant:linear/default')).toMatchObject({
      accessToken: 'canary-access-1',
    });
    expect(endpoint.asked()).toHaveLength(1);
    expect(clock.waits()).toHaveLength(1);
  });
});

describe('a sign-in that nothing can renew', () => {
  it('is reported when its token ends, and never renewed', async () => {
    const { signIn, endpoint, clock, lapsed, renewals } = openAll();
    await signIn(someTokens('0', { renewable: false }));
    expect(renewals.dueAt(key)).toBeUndefined();
    await clock.advance(HOUR - 1);
    expect(lapsed).toEqual([]);

    await clock.advance(1);

    expect(lapsed).toEqual([key]);
    expect(endpoint.asked()).toEqual([]);
    expect(clock.waits()).toEqual([]);
  });

  it('is not reported by a timer that woke too early', async () => {
    const clock = createVirtualClock();
    let slow = 0;
    const { signIn, lapsed } = openAll({ clock: { ...clock, now: () => clock.now() - slow } });
    await signIn(someTokens('0', { renewable: false }));
    slow = 3;
    await clock.advance(HOUR);
    expect(lapsed).toEqual([]);

    await clock.advance(3);

    expect(lapsed).toEqual([key]);
  });
});

describe('after the machine woke', () => {
  const keys = Array.from({ length: 10 }, (_, n) => ({ server: `s${n}`, account: 'default' }));

  /** Ten sign-ins; then the machine sleeps: time passes, timers do not. */
  const asleep = async (ms: number) => {
    const clock = createVirtualClock();
    let slept = 0;
    let random = 0;
    const opened = openAll({
      clock: { ...clock, now: () => clock.now() + slept },
      random: () => (random += 0.09) % 1,
    });
    for (const each of keys) await opened.signIn(someTokens(each.server), each);
    slept = ms;
    return { ...opened, clock };
  };

  it('what is overdue is spread over two seconds', async () => {
    const { renewals, clock, endpoint } = await asleep(2 * HOUR);

    renewals.planAll('wake');

    const waits = clock.waits();
    expect(waits).toHaveLength(10);
    expect(new Set(waits).size).toBe(10);
    expect(waits[0]).toBeGreaterThanOrEqual(0);
    expect(waits.at(-1)).toBeLessThan(2 * SECOND);
    await clock.advance(2 * SECOND);
    expect(endpoint.asked()).toHaveLength(10);
  });

  it('what is not due yet comes when it is due, by the clock on the wall', async () => {
    const { renewals, clock, endpoint } = await asleep(HOUR / 2);

    renewals.planAll('wake');

    await clock.advance(HOUR / 4 - 0.05 * HOUR - 1);
    expect(endpoint.asked()).toEqual([]);
    await clock.advance(0.1 * HOUR + 2);
    expect(endpoint.asked()).toHaveLength(10);
  });
});

describe('after the network changed', () => {
  const inTrouble = async (failure: Error) => {
    const opened = openAll();
    await opened.signIn();
    opened.endpoint.answer(failure);
    await opened.book.renew(key).catch(() => undefined);
    return opened;
  };

  it('a renewal that failed is tried again soon', async () => {
    const { renewals, clock, endpoint } = await inTrouble(
      tokenFailure('offline', 'issuer.example'),
    );
    endpoint.answer(someTokens('1'));

    renewals.planAll('network');
    await clock.advance(SECOND);

    expect(endpoint.asked()).toHaveLength(2);
  });

  it.each(['wake', 'network'] as const)(
    'or the machine woke (%s), a server that asked us to wait is not asked earlier',
    async (reason) => {
      const { renewals, clock, endpoint } = await inTrouble(later(300 * SECOND));

      renewals.planAll(reason);

      await clock.advance(300 * SECOND - 1);
      expect(endpoint.asked()).toHaveLength(1);
      await clock.advance(1);
      expect(endpoint.asked()).toHaveLength(2);
    },
  );

  it('what works is left alone', async () => {
    const { signIn, renewals, clock } = openAll();
    await signIn();
    const before = clock.waits();

    renewals.planAll('network');

    expect(clock.waits()).toEqual(before);
  });
});

describe('stopping', () => {
  it('leaves no timer behind', async () => {
    const { signIn, renewals, clock, endpoint } = openAll();
    await signIn();
    await signIn(someTokens('b', { renewable: false }), { server: 'b', account: 'default' });
    expect(clock.waits()).toHaveLength(2);

    renewals.stop();

    expect(clock.waits()).toEqual([]);
    await clock.advance(10 * HOUR);
    expect(endpoint.asked()).toEqual([]);
  });
});
