import { describe, expect, it } from 'vitest';
import { aboutSo, timeLeft, timeLeftChangesIn } from '../../shared/expiry.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 1);

describe('the time left', () => {
  it.each([
    [-DAY, 'expired'],
    [-1, 'expired'],
    [0, 'expired'],
    [1, '0 s left'],
    [SECOND - 1, '0 s left'],
    [SECOND, '1 s left'],
    [18 * SECOND + 999, '18 s left'],
    [MINUTE, '60 s left'],
    [2 * MINUTE - 1, '119 s left'],
    [2 * MINUTE, '2 min left'],
    [3 * MINUTE - 1, '2 min left'],
    [2 * HOUR - 1, '119 min left'],
    [2 * HOUR, '2 h left'],
    [2 * DAY - 1, '47 h left'],
    [2 * DAY, '2 days left'],
    [90 * DAY - 1, '89 days left'],
  ])('of %i ms is "%s"', (left, text) => {
    expect(timeLeft(NOW + left, NOW)).toBe(text);
  });
});

describe('the next change of the time left', () => {
  const textIn = (left: number, ms: number): string => timeLeft(NOW + left, NOW + ms);

  it.each(
    [
      2, 3, 59, 60, 119, 120, 121, 3599, 7199, 7200, 7201, 86_400, 172_799, 172_800, 172_801,
      7_776_000,
    ].flatMap((seconds) => [-1, 0, 1, 500].map((ms) => seconds * SECOND + ms)),
  )('with %i ms left is when the text changes, and not a moment before', (left) => {
    const wait = timeLeftChangesIn(NOW + left, NOW) ?? Number.NaN;

    expect(textIn(left, wait - 1)).toBe(textIn(left, 0));
    expect(textIn(left, wait)).not.toBe(textIn(left, 0));
  });

  it.each([1, 500, 999])('with %i ms left is the end itself', (left) => {
    expect(timeLeftChangesIn(NOW + left, NOW)).toBe(left);
  });

  it.each([0, -1, -DAY])('never comes with %i ms left', (left) => {
    expect(timeLeftChangesIn(NOW + left, NOW)).toBeUndefined();
  });

  it('leads from 90 days to "expired" through every text once', () => {
    const texts: string[] = [];
    let now = NOW;
    for (;;) {
      texts.push(timeLeft(NOW + 90 * DAY, now));
      const wait = timeLeftChangesIn(NOW + 90 * DAY, now);
      if (wait === undefined) break;
      now += wait;
    }

    expect(new Set(texts).size).toBe(texts.length);
    // 90 to 2 days, 47 to 2 h, 119 to 2 min, 119 to 0 s.
    expect(texts).toHaveLength(89 + 46 + 118 + 120 + 1);
    expect(texts.slice(0, 2)).toEqual(['90 days left', '89 days left']);
    expect(texts.slice(-2)).toEqual(['0 s left', 'expired']);
  });
});

it.each([
  [45 * SECOND, '45 s'],
  [54.4 * MINUTE, '54 min'],
  [7.6 * HOUR, '8 h'],
  [30 * DAY, '30 days'],
])('a length of %i ms is about %s', (length, text) => {
  expect(aboutSo(length)).toBe(text);
});
