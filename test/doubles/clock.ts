/** Time that stands still until a test moves it. */
import { setImmediate as settled } from 'node:timers/promises';
import type { Clock } from '../../broker/ports.ts';

export interface VirtualClock extends Clock {
  /** Moves time on: runs what comes due on the way, in order, and lets promises settle after each. */
  readonly advance: (ms: number) => Promise<void>;
  /** How long each pending wait still takes, in ms, shortest first. */
  readonly waits: () => number[];
}

const MOST = 10_000;

export const createVirtualClock = (start = Date.UTC(2026, 0, 1)): VirtualClock => {
  let now = start;
  const timers = new Set<{ readonly at: number; readonly deed: () => void }>();

  const nextUntil = (end: number) =>
    [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];

  return {
    now: () => now,
    steady: () => now - start,
    after: (ms, deed) => {
      const timer = { at: now + Math.max(0, ms), deed };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: async (ms) => {
      const end = now + ms;
      await settled();
      let ran = 0;
      for (let timer = nextUntil(end); timer !== undefined; timer = nextUntil(end)) {
        if (++ran > MOST) throw new Error('a storm: timers start timers without end');
        timers.delete(timer);
        now = timer.at;
        timer.deed();
        await settled();
      }
      now = end;
    },
    waits: () => [...timers].map(({ at }) => at - now).sort((a, b) => a - b),
  };
};
