/** Is a jump of the clock noticed, and what does it do to what was planned? */
import { describe, expect, it } from 'vitest';
import { createRenewals } from '../../../broker/tokens/renewals.ts';
import { watchClock } from '../../../broker/tokens/watch-clock.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { someTokens } from '../../doubles/grants.ts';
import { key, openBook } from './open-book.ts';

const HOUR = 60 * 60_000;

/** Time that passes for timers, and a clock on the wall that a test may set. */
const createWallClock = () => {
  const clock = createVirtualClock();
  let off = 0;
  return {
    ...clock,
    now: () => clock.now() + off,
    set: (byMs: number) => {
      off += byMs;
    },
  };
};

describe('the clock', () => {
  it.each([
    ['ahead, as after a sleep', 8 * HOUR],
    ['back', -2 * HOUR],
  ])('that jumps %s is noticed within 15 s, once, and by how much', async (_way, byMs) => {
    const clock = createWallClock();
    const jumps: number[] = [];
    const stop = watchClock(clock, (by) => jumps.push(by));
    await clock.advance(60_000);

    clock.set(byMs);
    await clock.advance(15_000);
    expect(jumps).toEqual([byMs]);

    await clock.advance(HOUR);
    expect(jumps).toEqual([byMs]);
    stop();
    expect(clock.waits()).toEqual([]);
  });

  it('that is a little off is a busy machine', async () => {
    const clock = createWallClock();
    const jumps: number[] = [];
    watchClock(clock, (by) => jumps.push(by));
    clock.set(4_999);
    await clock.advance(60_000);
    expect(jumps).toEqual([]);
  });
});

const openAll = () => {
  const clock = createWallClock();
  const opened = openBook({ clock, onChange: (changed) => renewals.plan(changed) });
  const renewals = createRenewals({
    ...{ book: opened.book, clock, random: () => 0.5, onLapse: () => undefined },
  });
  watchClock(clock, renewals.clockJumped);
  return { ...opened, clock, renewals };
};

describe('a renewal that was planned', () => {
  it('is made soon after the clock has jumped past it', async () => {
    const { signIn, endpoint, clock } = openAll();
    await signIn(someTokens('0', { expiresIn: 3600 }));

    clock.set(8 * HOUR);
    await clock.advance(15_000 + 2_000);

    expect(endpoint.asked()).toEqual(['canary-refresh-0']);
  });

  it('comes when it would have come, however far the clock is set back', async () => {
    const { signIn, endpoint, clock, renewals } = openAll();
    await signIn(someTokens('0', { expiresIn: 3600 }));
    const inMs = (renewals.dueAt(key) ?? 0) - clock.now();

    clock.set(-5 * HOUR);
    await clock.advance(15_000);
    expect((renewals.dueAt(key) ?? 0) - clock.now()).toBe(inMs - 15_000);

    await clock.advance(inMs - 15_000 - 1);
    expect(endpoint.asked()).toEqual([]);
    await clock.advance(1);
    expect(endpoint.asked()).toEqual(['canary-refresh-0']);
  });
});
