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
  let held: { readonly size: number; readonly deed: () => void }[] = [];
  let total = 0;
  let paused = false;
  /** The next that may be passed on. */
  const next = (): (() => void) | undefined => {
    const first = paused ? undefined : held.shift();
    total -= first?.size ?? 0;
    return first?.deed;
  };
  return {
    put: (size, deed) => {
      if (!paused && held.length === 0) return deed();
      held.push({ size, deed });
      total += size;
      if (total <= most) return;
      held = [];
      total = 0;
      overflow();
    },
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      // One of them may make the reader fall behind again.
      for (let deed = next(); deed !== undefined; deed = next()) deed();
    },
  };
};
