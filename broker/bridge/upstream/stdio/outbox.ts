/** Who reads slowly must not hold up the others: what is said to one reader waits here, up to a limit. */

export interface Outbox {
  /** Runs `deed`, which passes on so many characters, now or when the reader has caught up. */
  readonly put: (size: number, deed: () => void) => void;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Characters. */
const MOST_HELD = 32 * 1024 * 1024;

/** `overflow` is called when the reader is so far behind that what waits for it is dropped. */
export const createOutbox = (overflow: () => void, most = MOST_HELD): Outbox => {
  let held: (() => void)[] = [];
  let size = 0;
  let paused = false;
  return {
    put: (adds, deed) => {
      if (!paused) return deed();
      held.push(deed);
      size += adds;
      if (size <= most) return;
      held = [];
      size = 0;
      overflow();
    },
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      size = 0;
      // One of them may make the reader fall behind again.
      while (!paused) {
        const next = held.shift();
        if (next === undefined) return;
        next();
      }
    },
  };
};
