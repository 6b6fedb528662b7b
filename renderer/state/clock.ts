/** The page's time: the only place in the window that reads the clock or sets a timer. */

export interface Clock {
  /** Unix time in ms. */
  readonly now: () => number;
  /** Runs `deed` once after `ms`, and returns a function that takes it back. */
  readonly after: (ms: number, deed: () => void) => () => void;
}

// A longer wait would wrap around in the browser and fire at once.
const LONGEST_TIMER = 2 ** 31 - 1;

/** What is due within this time is done together, ms. */
const TOGETHER_MS = 100;

/**
 * A clock that keeps one timer however many wait, and does what is due at about the same time at once, never early: a
 * page of countdowns is then drawn again in one go.
 */
export const gathering = (clock: Clock): Clock => {
  const waiting = new Map<() => void, number>();
  let planned = clock.now();
  let wakes: { readonly at: number; readonly takeBack: () => void } | undefined;

  const plan = (): void => {
    planned = clock.now();
    const at = Math.ceil(Math.min(...waiting.values()) / TOGETHER_MS) * TOGETHER_MS;
    if (wakes !== undefined && wakes.at <= at) return;
    wakes?.takeBack();
    wakes = { at, takeBack: clock.after(Math.max(0, at - planned), wake) };
  };
  const wake = (): void => {
    wakes = undefined;
    const now = clock.now();
    // The clock was set back: what was planned by it would come hours late.
    const isBack = now < planned;
    for (const [deed, at] of [...waiting]) {
      if (at > now && !isBack) continue;
      waiting.delete(deed);
      deed();
    }
    if (waiting.size > 0) plan();
  };
  return {
    now: clock.now,
    after: (ms, deed) => {
      // Of its own, or one deed asked for twice would be done once.
      const own = (): void => deed();
      waiting.set(own, clock.now() + ms);
      plan();
      return () => waiting.delete(own);
    },
  };
};

export const browserClock: Clock = {
  now: () => Date.now(),
  after: (ms, deed) => {
    const timer = setTimeout(deed, Math.min(ms, LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
};
