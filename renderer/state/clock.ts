/** The page's time: the only place in the window that reads the clock or sets a timer. */

export interface Clock {
  /** Unix time in ms. */
  readonly now: () => number;
  /** Runs `deed` once after `ms`, and returns a function that takes it back. */
  readonly after: (ms: number, deed: () => void) => () => void;
}

// A longer wait would wrap around in the browser and fire at once.
const LONGEST_TIMER = 2 ** 31 - 1;

export const browserClock: Clock = {
  now: () => Date.now(),
  after: (ms, deed) => {
    const timer = setTimeout(deed, Math.min(ms, LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
};
