/** The timers of one AI client's leg: they end with it. */

export interface Waits {
  /** Runs `deed` after so many ms; returns a function that prevents it. Does nothing any more once they have ended. */
  readonly after: (ms: number, deed: () => void) => () => void;
  readonly end: () => void;
}

export const createWaits = (after: Waits['after']): Waits => {
  const running = new Set<() => void>();
  let isOver = false;
  return {
    after: (ms, deed) => {
      if (isOver) return () => undefined;
      const stop = (): void => {
        running.delete(stop);
        cancel();
      };
      const cancel = after(ms, () => {
        running.delete(stop);
        deed();
      });
      running.add(stop);
      return stop;
    },
    end: () => {
      isOver = true;
      for (const stop of [...running]) stop();
    },
  };
};
