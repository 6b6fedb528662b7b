/** The present time, for a text that counts down to a moment. */
import { useEffect, useState } from 'react';
import { timeLeftChangesIn } from '../../shared/expiry.ts';
import { useSurroundings } from './surroundings.ts';

// Timers stand still while a machine sleeps, so even days are looked at anew from time to time.
const LONGEST_WAIT = 60_000;

/** Now in ms. Renders again when `timeLeft(until, now)` would say something else, or after a minute. */
export const useNow = (until: number): number => {
  const { clock } = useSurroundings();
  const [now, setNow] = useState(clock.now);
  useEffect(() => {
    let takeBack: () => void = () => undefined;
    const plan = (): void => {
      const wait = timeLeftChangesIn(until, clock.now());
      if (wait === undefined) return;
      takeBack = clock.after(Math.min(wait, LONGEST_WAIT), () => {
        setNow(clock.now());
        plan();
      });
    };
    plan();
    return () => takeBack();
  }, [until, clock]);
  return now;
};
