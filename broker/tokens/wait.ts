/** A wait that a clock which is set back does not make longer. */
import type { Clock } from '../ports.ts';

export interface Wait {
  /** Unix ms, by the clock as it was when the wait began. */
  readonly until: number;
  /** How far the clock was then from the time that nobody sets, ms. */
  readonly offset: number;
}

type Times = Pick<Clock, 'now' | 'steady'>;

const offsetOf = (clock: Times): number => clock.now() - clock.steady();

/** A wait that begins now and ends at `until`, Unix ms. */
export const waitUntil = (clock: Times, until: number): Wait => ({
  until,
  offset: offsetOf(clock),
});

/** When it ends by the clock as it is now, Unix ms. A clock that was set ahead, or a sleep, ends it sooner. */
export const endOf = ({ until, offset }: Wait, clock: Times): number =>
  until + Math.min(0, offsetOf(clock) - offset);
