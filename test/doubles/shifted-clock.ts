/** The machine's own clock, which a test may set ahead: timers run in real time, tokens grow old at once. */
import type { Clock } from '../../broker/ports.ts';
import { systemClock } from '../../broker/system-clock.ts';

export interface ShiftedClock extends Clock {
  readonly shift: (ms: number) => void;
}

export const createShiftedClock = (): ShiftedClock => {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    steady: systemClock.steady,
    after: systemClock.after,
    shift: (ms) => {
      ahead += ms;
    },
  };
};
