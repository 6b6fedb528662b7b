/** Is a person told ahead, and neither too early nor for nothing? */
import { describe, expect, it } from 'vitest';
import { endsSoon } from '../../../broker/state/ending.ts';
import { watchEnds } from '../../../broker/state/watch-ends.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { someTokens } from '../../doubles/grants.ts';
import { openBook } from '../tokens/open-book.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const none = { obtainedAt: 0, expiresAt: undefined, endsAt: undefined, ended: undefined };

describe('a sign-in ends soon', () => {
  it.each([
    ['renews for ever', { ...none, expiresAt: HOUR, renewable: true }, 0.9 * HOUR, false],
    [
      'renews, with an end in 4 days',
      { ...none, endsAt: 30 * DAY, renewable: true },
      26 * DAY,
      false,
    ],
    [
      'renews, with an end in 2 days',
      { ...none, endsAt: 30 * DAY, renewable: true },
      28 * DAY,
      true,
    ],
    [
      'cannot renew, with half its hour left',
      { ...none, expiresAt: HOUR, renewable: false },
      HOUR / 2,
      false,
    ],
    [
      'cannot renew, with its last quarter left',
      { ...none, expiresAt: HOUR, renewable: false },
      0.75 * HOUR,
      true,
    ],
    ['cannot renew, and is over', { ...none, expiresAt: HOUR, renewable: false }, HOUR, false],
    ['cannot renew, and does not say when it ends', { ...none, renewable: false }, DAY, false],
    [
      'has been ended already',
      {
        ...none,
        expiresAt: HOUR,
        renewable: false,
        ended: { code: 'needs-sign-in', message: '' } as const,
      },
      0.9 * HOUR,
      false,
    ],
  ])('when it %s: at the right time', (_what, facts, now, soon) => {
    expect(endsSoon(facts, now)).toBe(soon);
  });

  it('which is shown though nothing but time has passed, once', async () => {
    const clock = createVirtualClock();
    const { book, signIn } = openBook({ clock });
    await signIn(someTokens('0', { expiresIn: 3600, renewable: false }));
    let changes = 0;
    const stop = watchEnds({ book, clock, onChange: () => changes++ });

    await clock.advance(44 * 60_000);
    expect(changes).toBe(0);
    await clock.advance(2 * 60_000);
    expect(changes).toBe(1);
    await clock.advance(10 * 60_000);
    expect(changes).toBe(1);
    stop();
    expect(clock.waits()).toEqual([]);
  });
});
