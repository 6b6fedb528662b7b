/** The clock of a machine that naps and whose owner sets it: what its programs read is not what the world reads. */
import type { Clock } from '../../broker/ports.ts';
import { createVirtualClock } from '../doubles/clock.ts';

export interface MachineClock extends Clock {
  /** Time at everybody else's, Unix ms. */
  readonly worldNow: () => number;
  /** Awake for so long, with all that comes due on the way. */
  readonly advance: (ms: number) => Promise<void>;
  /** Time goes on everywhere, and no timer with it. */
  readonly nap: (ms: number) => void;
  /** Sets the clock ahead, or back. */
  readonly set: (ms: number) => void;
}

export const createMachineClock = (): MachineClock => {
  const awake = createVirtualClock();
  let napped = 0;
  let wrong = 0;
  const worldNow = () => awake.now() + napped;
  return {
    worldNow,
    now: () => worldNow() + wrong,
    after: awake.after,
    advance: awake.advance,
    steady: awake.steady,
    nap: (ms) => {
      napped += ms;
    },
    set: (ms) => {
      wrong += ms;
    },
  };
};
