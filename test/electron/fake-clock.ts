/** Time that stands still until a test moves it. */
import type { Clock } from '../../broker/ports.ts';

export interface FakeClock extends Clock {
  readonly pass: (ms: number) => void;
  /** How many waits are pending. */
  readonly waiting: () => number;
}

export const createFakeClock = (start = 1_700_000_000_000): FakeClock => {
  let now = start;
  const waits = new Set<{ readonly at: number; readonly deed: () => void }>();

  const nextDue = (end: number) =>
    [...waits].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];

  return {
    now: () => now,
    steady: () => now - start,
    after: (ms, deed) => {
      const wait = { at: now + ms, deed };
      waits.add(wait);
      return () => void waits.delete(wait);
    },
    pass: (ms) => {
      const end = now + ms;
      for (let wait = nextDue(end); wait !== undefined; wait = nextDue(end)) {
        waits.delete(wait);
        now = wait.at;
        wait.deed();
      }
      now = end;
    },
    waiting: () => waits.size,
  };
};
