/** Are requests counted over the time in which they were, and measured as people speak of it? */
import { describe, expect, it } from 'vitest';
import { overTime, pieces } from '../../shared/activity-over-time.ts';
import { type ActivityEntry, ActivitySpan } from '../../shared/contract/activity.ts';

const HOUR = 60 * 60_000;
const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const ended = (
  at: number,
  outcome: ActivityEntry['outcome'] = 'answered',
  durationMs = 100,
): Pick<ActivityEntry, 'at' | 'outcome' | 'durationMs'> => ({ at, outcome, durationMs });

describe('a day', () => {
  it('is 24 hours of the clock, the present one last', () => {
    const day = overTime(
      [
        ended(now),
        ended(now, 'tool-error'),
        ended(now - 23 * HOUR, 'gone'),
        ended(now - 24 * HOUR),
        ended(now + HOUR),
      ],
      'day',
      now,
    );
    expect([day.pieces.length, day.pieces.at(-1)]).toEqual([
      24,
      { at: Date.UTC(2026, 0, 2, 3), calls: 2, failed: 1, medianMs: 100, p95Ms: 100 },
    ]);
    expect(day.total).toEqual({ calls: 3, failed: 1, medianMs: 100, p95Ms: 100 });
  });
});

it.each(ActivitySpan.options)('the %s goes back as far as its name says', (span) => {
  const length = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR }[span];
  const { count, ms } = pieces[span];
  expect(count * ms).toBe(length);
  const { pieces: all, total } = overTime(
    [ended(now - length + ms), ended(now - length - ms)],
    span,
    now,
  );
  expect([all.length, total.calls]).toEqual([count, 1]);
  expect(new Set(all.slice(1).map(({ at }, index) => at - (all[index]?.at ?? 0)))).toEqual(
    new Set([ms]),
  );
});

describe('how long answers took', () => {
  const over = (...durations: number[]) =>
    overTime(
      durations.map((ms) => ended(now, 'answered', ms)),
      'hour',
      now,
    ).total;

  it('is what half of them, and 95 of 100, did not exceed, in whatever order they came', () => {
    expect(over(3, 1, 2)).toMatchObject({ medianMs: 2, p95Ms: 3 });
    expect(over(40)).toMatchObject({ medianMs: 40, p95Ms: 40 });
    expect(over(...Array.from({ length: 100 }, (_, n) => 100 - n))).toMatchObject({
      medianMs: 50,
      p95Ms: 95,
    });
  });

  it('is not told where nothing was answered', () => {
    const refused = overTime([ended(now, 'error', 1), ended(now, 'gone', 9_000)], 'hour', now);
    expect(refused.total).toEqual({ calls: 2, failed: 1 });
  });
});
