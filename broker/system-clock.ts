/** Real time, with waits longer than the runtime's timers allow. */
import type { Clock } from './ports.ts';

/** Timers hold their delay in 31 bits; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

const after = (ms: number, deed: () => void): (() => void) => {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const step = Math.min(left, LONGEST_TIMER);
    timer = setTimeout(() => (left > step ? wait(left - step) : deed()), step);
  };
  wait(Math.max(0, ms));
  return () => clearTimeout(timer);
};

/** The clock that shells give to the broker. */
export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after,
};
