/** The machine's clock, whose waits a test may end at once. */
import type { Clock } from '../../broker/ports.ts';
import { systemClock } from '../../broker/system-clock.ts';

export interface ImpatientClock extends Clock {
  /** Everything that waits for `most` ms or less has waited long enough. */
  readonly runOut: (most: number) => void;
}

export const createImpatientClock = (): ImpatientClock => {
  const waits = new Set<{ readonly ms: number; readonly end: () => void }>();
  return {
    now: systemClock.now,
    steady: systemClock.steady,
    after: (ms, deed) => {
      const stop = systemClock.after(ms, () => wait.end());
      const takeBack = (): void => {
        waits.delete(wait);
        stop();
      };
      const wait = {
        ms,
        end: () => {
          takeBack();
          deed();
        },
      };
      waits.add(wait);
      return takeBack;
    },
    runOut: (most) => {
      // Those of now: what happens again and again waits anew as soon as its wait has ended.
      for (const wait of [...waits]) if (wait.ms <= most && waits.has(wait)) wait.end();
    },
  };
};
