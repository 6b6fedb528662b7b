/** How long to wait before asking again: exponential, capped, with full jitter so that many do not ask together. */

const FIRST_MS = 2_000;
const MOST_MS = 5 * 60_000;
/** Even full jitter leaves a breath between two attempts. */
const LEAST_MS = 500;

/** The wait in ms after so many failures in a row; `random` is in [0, 1). */
export const retryDelay = (failures: number, random: number): number => {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.max(LEAST_MS, Math.round(ceiling * random));
};
