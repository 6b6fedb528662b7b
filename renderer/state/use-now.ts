/** The present time, for a text that tells how far away a moment is. */
import { useEffect, useState } from 'react';
import { timeLeftChangesIn } from '../../shared/expiry.ts';
import { useSurroundings } from './surroundings.ts';

// Timers stand still while a machine sleeps, so even days are looked at anew from time to time.
const LONGEST_WAIT = 60_000;

/**
 * Now in ms. Renders again when `timeLeft(moment, now)` would say something else, or after a minute. For other words give
 * a constant of its module that tells when they change.
 */
export const useNow = (
  moment: number,
  changesIn: (moment: number, now: number) => number | undefined = timeLeftChangesIn,
): number => {
  const { clock } = useSurroundings();
  const [now, setNow] = useState(clock.now);
  useEffect(() => {
    let takeBack: () => void = () => undefined;
    const plan = (): void => {
      const wait = changesIn(moment, clock.now());
      if (wait === undefined) return;
      takeBack = clock.after(Math.min(wait, LONGEST_WAIT), () => {
        setNow(clock.now());
        plan();
      });
    };
    plan();
    return () => takeBack();
  }, [moment, clock, changesIn]);
  return now;
};
