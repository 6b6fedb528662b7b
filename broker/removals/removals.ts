/** What the person has just removed: it is gone, and it comes back if they say so in time. */
import { randomBytes } from 'node:crypto';
import type { AccountKey } from '../../shared/contract/ids.ts';
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
  /** The accounts whose sign-ins have gone with it. */
  readonly signIns?: readonly AccountKey[];
  /** Puts it back as it was. Rejects where that is not possible any more; `assertInTime` is asked when it is its turn. */
  readonly putBack: (assertInTime: () => void) => Promise<void> | void;
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
  /** Somebody signs in there anew: what the sign-in before was is settled first, or that would end the new one. */
  readonly settleSignIn: (key: AccountKey) => void;
  /**
   * Runs `deed`, after which nothing from before it comes back: all is settled first, in no more than `ms`, and what is
   * removed meanwhile is settled at once. Rejects like `deed`.
   */
  readonly goodbye: <T>(ms: number, deed: () => Promise<T> | T) => Promise<T>;
  /** What could not be done first, then what can be put back, each in its order. */
  readonly views: () => RemovalView[];
}

export interface RemovalsDeps {
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** In memory only: with the broker's end it is too late. */
export const createRemovals = ({ clock, onChange }: RemovalsDeps): Removals => {
  const kept = new Map<RemovalId, Waiting>();
  /** What could not be done, until somebody has read it. */
  const told = new Map<RemovalId, RemovalView>();
  /** Settling or being put back. */
  const running = new Set<Promise<void>>();
  /** Of the goodbyes that have begun, and that are not over. */
  let goodbyes = 0;
  let underWay = 0;

  const keep = (view: UndoableView, taken: Taken): void => {
    const stop = clock.after(Math.max(0, view.until - clock.now()), () => void settle(view.id));
    kept.set(view.id, { view, taken, stop });
    onChange();
  };

  const takeOut = (id: RemovalId): Waiting | undefined => {
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
    await track(end);
  };

  const track = (deed: Promise<void>): Promise<void> => {
    running.add(deed);
    return deed.finally(() => running.delete(deed));
  };

  const putBack = async ({ view, taken }: Kept): Promise<void> => {
    const begun = goodbyes;
    const assertInTime = (): void => {
      if (goodbyes !== begun) throw tooLate();
    };
    try {
      await taken.putBack(assertInTime);
    } catch (error) {
      if (goodbyes === begun) keep(view, taken);
      else await finish({ view, taken });
      throw error;
    }
  };

  return {
    keep: (what, taken) => {
      const id = randomBytes(8).toString('hex');
      const { name, livesOn = false } = taken;
      const until = clock.now() + UNDO_MS;
      const view = { ...{ id, what, name, until }, ...(livesOn && { livesOn }) };
      if (underWay === 0) keep(view, taken);
      else void track(finish({ view, taken }));
      return id;
    },
    undo: async (id) => {
      const one = takeOut(id);
      if (one === undefined) throw tooLate();
      if (clock.now() > one.view.until) {
        // The computer slept through the end of its time.
        void track(finish(one));
        throw tooLate();
      }
      await track(putBack(one));
    },
    settle,
    settleSignIn: ({ server, account }) => {
      for (const [id, { taken }] of kept)
        if (taken.signIns?.some((one) => one.server === server && one.account === account))
          void settle(id);
    },
    goodbye: async (ms, deed) => {
      goodbyes += 1;
      underWay += 1;
      try {
        for (const id of [...kept.keys()]) void settle(id);
        await atMost(clock, ms, Promise.allSettled(running));
        return await deed();
      } finally {
        underWay -= 1;
      }
    },
    views: () => [...told.values(), ...[...kept.values()].map(({ view }) => view)],
  };
};

type UndoableView = RemovalView & { readonly until: number };

interface Kept {
  readonly view: UndoableView;
  readonly taken: Taken;
}

interface Waiting extends Kept {
  /** Takes the end of its time back. */
  readonly stop: () => void;
}

const tooLate = (): ProblemError =>
  new ProblemError('undo-too-late', 'it is too late to undo that', {
    hint: 'what was removed can be added again',
  });
