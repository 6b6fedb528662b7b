/** How long to wait before the next try to reach the broker. */

const FIRST = 500;
const LONGEST = 10_000;

/** The wait in ms after so many failures in a row: doubles from half a second up to ten. */
export const backOff = (failures: number): number =>
  Math.min(LONGEST, FIRST * 2 ** Math.min(failures, 10));
