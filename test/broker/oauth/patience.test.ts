/** Is a person waited for so long and no longer, and told in words how long that was? */
import { describe, expect, it } from 'vitest';
import { withinPatience } from '../../../broker/oauth/patience.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

describe('waiting for a person', () => {
  it.each([
    [10 * 60_000, '10 minutes'],
    [2 * 60_000, '2 minutes'],
    [90_000, '90 seconds'],
    [60_000, '60 seconds'],
    [12_000, '12 seconds'],
    [1_000, '1 second'],
    [1, '1 second'],
  ])('ends after %i ms, in words: %s', async (limitMs, words) => {
    const clock = createVirtualClock();
    const { signal } = new AbortController();
    const ended = withinPatience({ clock, signal }, new Promise(() => undefined), limitMs).catch(
      (error: unknown) => error,
    );
    await clock.advance(limitMs);
    expect(await ended).toMatchObject({
      code: 'sign-in-timed-out',
      message: `nobody signed in within ${words}`,
    });
    expect(clock.waits()).toEqual([]);
  });
});
