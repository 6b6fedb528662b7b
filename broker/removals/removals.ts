/** What the person has just removed: it is gone, and it comes back if they say so in time. */
import { randomBytes } from 'node:crypto';
import { type Problem, ProblemError } from '../../shared/contract/problems.ts';
import {
  type RemovalId,
  type RemovalView,
  type RemovalWish,
  UNDO_MS,
} from '../../shared/contract/removals.ts';
import { atMost } from '../pause.ts';
import type { Clock } from '../ports.ts';

/** What was taken away, and the two ways on from there, of which one is gone. */
export interface Taken {
  readonly name: string;
  /** Of a sign-in whose server offers no way to end it there. */
  readonly livesOn?: boolean;
  /** Puts it back as it was. Rejects where that is not possible any more. */
  readonly putBack: () => Promise<void> | void;
  /** What is left to do once it stays away; resolves to what could not be done. Never rejects. */
  readonly settle?: () => Promise<Problem | undefined>;
}

export interface Removals {
  /** From now on it can be put back, for `UNDO_MS`. */
  readonly keep: (what: RemovalWish['what'], taken: Taken) => RemovalId;
  /** Rejects with `undo-too-late`, and like `Taken.putBack`: then it can be tried again. */
  readonly undo: (id: RemovalId) => Promise<void>;
  /** Nobody wants it back, or has read what could not be done. Does nothing where there is nothing. */
  readonly settle: (id: RemovalId) => Promise<void>;
  /** The same for all, in no more than `ms`. Never rejects. */
  readonly settleAll: (ms: number) => Promise<void>;
  /** What could not be done first, then what can be put back, each in its order. */
  readonly views: () => RemovalView[];
}

export interface RemovalsDeps {
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** In memory only: with the broker's end it is too late. */
export const createRemovals = ({ clock, onChange }: RemovalsDeps): Removals => {
  const kept = new Map<RemovalId, Kept>();
  /** What could not be done, until somebody has read it. */
  const told = new Map<RemovalId, RemovalView>();
  const settling = new Set<Promise<void>>();

  const keep = (view: UndoableView, taken: Taken): void => {
    const stop = clock.after(Math.max(0, view.until - clock.now()), () => void settle(view.id));
    kept.set(view.id, { view, taken, stop });
    onChange();
  };

  const takeOut = (id: RemovalId): Kept | undefined => {
    const one = kept.get(id);
    if (one === undefined) return undefined;
    one.stop();
    kept.delete(id);
    onChange();
    return one;
  };

  const finish = async ({ view, taken }: Kept): Promise<void> => {
    const problem = await taken.settle?.();
    if (problem === undefined) return;
    const { until: _over, ...shown } = view;
    told.set(view.id, { ...shown, problem });
    onChange();
  };

  const settle = async (id: RemovalId): Promise<void> => {
    if (told.delete(id)) onChange();
    const one = takeOut(id);
    if (one === undefined) return;
    const end = finish(one);
    settling.add(end);
    await end.finally(() => settling.delete(end));
  };

  return {
    keep: (what, taken) => {
      const id = randomBytes(8).toString('hex');
      const { name, livesOn = false } = taken;
      const until = clock.now() + UNDO_MS;
      keep({ ...{ id, what, name, until }, ...(livesOn && { livesOn }) }, taken);
      return id;
    },
    undo: async (id) => {
      const one = takeOut(id);
      if (one === undefined) throw tooLate();
      try {
        await one.taken.putBack();
      } catch (error) {
        keep(one.view, one.taken);
        throw error;
      }
    },
    settle,
    settleAll: async (ms) => {
      for (const id of [...kept.keys()]) void settle(id);
      await atMost(clock, ms, Promise.all(settling));
    },
    views: () => [...told.values(), ...[...kept.values()].map(({ view }) => view)],
  };
};

type UndoableView = RemovalView & { readonly until: number };

interface Kept {
  readonly view: UndoableView;
  readonly taken: Taken;
  /** Takes the end of its time back. */
  readonly stop: () => void;
}

const tooLate = (): ProblemError =>
  new ProblemError('undo-too-late', 'it is too late to undo that', {
    hint: 'what was removed can be added again',
  });
