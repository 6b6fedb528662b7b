/** Notices that the clock jumped: the machine slept without saying so, or somebody set the time. */
import { every } from '../pause.ts';
import type { Clock } from '../ports.ts';

/** A jump is noticed this late at most, ms. */
export const NOTICED_MS = 15_000;
/** Less than this is a busy machine, ms. */
const LEAST_JUMP_MS = 5_000;

/**
 * Calls back with how far the clock is from where it should be, in ms: above zero after a sleep. Returns a function that
 * stops it. Timers count the time that passes and not what the clock says, and stand still while the machine sleeps.
 */
export const watchClock = (clock: Clock, onJump: (byMs: number) => void): (() => void) => {
  let last = clock.now();
  return every(clock, NOTICED_MS, () => {
    const byMs = clock.now() - last - NOTICED_MS;
    last = clock.now();
    if (Math.abs(byMs) >= LEAST_JUMP_MS) onJump(byMs);
  });
};
