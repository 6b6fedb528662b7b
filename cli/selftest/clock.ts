/** The machine's clock, which a trial may set ahead or back: tokens grow old at once, and timers fall due with them. */
import type { Clock } from '../../broker/ports.ts';
import { systemClock } from '../../broker/system-clock.ts';

export interface ShiftedClock extends Clock {
  /** Sets it ahead by so many ms, back when negative. */
  readonly shift: (ms: number) => void;
}

interface Timer {
  readonly due: number;
  readonly deed: () => void;
  cancel: () => void;
}

export const createShiftedClock = (): ShiftedClock => {
  let ahead = 0;
  const timers = new Set<Timer>();
  const now = (): number => systemClock.now() + ahead;

  const arm = (timer: Timer): void => {
    timer.cancel();
    timer.cancel = systemClock.after(timer.due - now(), () => {
      timers.delete(timer);
      timer.deed();
    });
  };

  return {
    now,
    steady: () => systemClock.steady() + ahead,
    after: (ms, deed) => {
      const timer: Timer = { due: now() + ms, deed, cancel: () => undefined };
      timers.add(timer);
      arm(timer);
      return () => {
        timers.delete(timer);
        timer.cancel();
      };
    },
    shift: (ms) => {
      ahead += ms;
      for (const timer of timers) arm(timer);
    },
  };
};

export interface MortalClock extends Clock {
  /** No timer outlives this, and none begins after it. */
  readonly end: () => void;
}

/** The same clock for one that stands for a process: what it still has under way when it ends, ends with it. */
export const createMortalClock = (clock: Clock): MortalClock => {
  const running = new Set<() => void>();
  let ended = false;
  return {
    now: clock.now,
    steady: clock.steady,
    after: (ms, deed) => {
      if (ended) return () => undefined;
      const cancel = clock.after(ms, () => {
        running.delete(cancel);
        deed();
      });
      running.add(cancel);
      return () => {
        running.delete(cancel);
        cancel();
      };
    },
    end: () => {
      ended = true;
      for (const cancel of running) cancel();
      running.clear();
    },
  };
};
