/** May a program that ended by itself be started again, and when? At once at first, then ever later, then not for a while. */
import type { Clock } from '../../../ports.ts';

/** A program that ran for so long has not failed to start, whatever ended it, ms. */
const GOOD_RUN_MS = 60_000;
/** So many ends in so long a time, ms, and it is left alone until the first of them is that long ago. */
export const MOST_ENDS = 5;
export const WITHIN_MS = 5 * 60_000;
const FIRST_WAIT_MS = 1_000;

export interface Restarts {
  /** How long the next start has to wait, ms; undefined when there is to be none for now. */
  readonly wait: () => number | undefined;
  /** When one may be tried again, ms from now. */
  readonly againIn: () => number;
  /** It has ended by itself, having run for so long, ms, and having said anything or not. */
  readonly ended: (ranMs: number, hadSpoken: boolean) => void;
  /** It says something: where it ended without a word before, it was not spoken to in its own era (T4). */
  readonly spoke: () => void;
  /** Whether it fails before it says anything, and not for its era alone. */
  readonly isMute: () => boolean;
  /** A person looks after it: what was before counts no longer. */
  readonly forgive: () => void;
}

/** The restarts of one program, on a clock that nobody can set. */
export const createRestarts = ({ steady }: Pick<Clock, 'steady'>): Restarts => {
  let ends: { readonly at: number; readonly hadSpoken: boolean }[] = [];
  const recent = () => {
    ends = ends.filter(({ at }) => steady() - at < WITHIN_MS);
    return ends;
  };
  return {
    wait: () => {
      const { length } = recent();
      if (length >= MOST_ENDS) return undefined;
      // After the first nobody waits: one crash is no habit.
      if (length < 2) return 0;
      const due = (ends.at(-1)?.at ?? 0) + FIRST_WAIT_MS * 2 ** (length - 2);
      return Math.max(0, due - steady());
    },
    againIn: () => Math.max(0, (recent()[0]?.at ?? steady()) + WITHIN_MS - steady()),
    ended: (ranMs, hadSpoken) => {
      if (ranMs < GOOD_RUN_MS) ends = [...recent(), { at: steady(), hadSpoken }];
    },
    spoke: () => {
      ends = ends.filter(({ hadSpoken }) => hadSpoken);
    },
    isMute: () => recent().filter(({ hadSpoken }) => !hadSpoken).length > 1,
    forgive: () => {
      ends = [];
    },
  };
};
