/** Has something been where it is for long enough that a click on it is meant for it? */
import { useEffect, useState } from 'react';
import { useSurroundings } from '../../state/surroundings.ts';

/** As long as a hand that is on its way to what was there before. */
const SETTLE_MS = 600;

/** `place` is where it stands among the others. What moves up under the pointer is not what the person saw there. */
export const useSettled = (place: number): boolean => {
  const { clock } = useSurroundings();
  const [settled, setSettled] = useState<number>();
  useEffect(() => clock.after(SETTLE_MS, () => setSettled(place)), [clock, place]);
  return settled === place;
};
