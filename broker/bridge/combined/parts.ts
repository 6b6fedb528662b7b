/** What does a member have in each list, and for how long do the others wait until it says so? */
import type { ListName } from '../catalogue/lists.ts';
import type { Carried, Part } from './part.ts';

export interface Given {
  /** Absent when the member has never told. */
  readonly part: Part | undefined;
  /** The member has just said so itself. */
  readonly isFresh: boolean;
}

export interface Parts {
  /** Asks the member. One that takes too long, or fails, is taken at its last word. */
  readonly ask: (name: ListName, carried: Carried) => Promise<Given>;
  /** What it said last; asks only where that is nothing, or out of date. */
  readonly known: (name: ListName, carried: Carried) => Promise<Part | undefined>;
  /** It says that these lists are others now. */
  readonly changed: (names: Iterable<ListName>) => void;
}

export interface PartsDeps {
  readonly read: (name: ListName, carried: Carried, then: (part: Part | undefined) => void) => void;
  readonly after: (ms: number, deed: () => void) => () => void;
  /** An answer has come for which nobody waits any more, and it is not what was given in its place. */
  readonly late: (name: ListName) => void;
}

/** What the catalogue knows is there after 30 ms: who takes longer is asked for the first time, or has news. */
const PATIENCE_MS = 500;

export const createParts = ({ read, after, late }: PartsDeps): Parts => {
  const last = new Map<ListName, Part>();
  const stale = new Set<ListName>();
  const reading = new Map<ListName, Promise<Part | undefined>>();
  /** What was given in place of an answer that is still to come, by its digest. */
  const owed = new Map<ListName, string | undefined>();

  const start = (name: ListName, carried: Carried): Promise<Part | undefined> => {
    const { promise, resolve } = Promise.withResolvers<Part | undefined>();
    reading.set(name, promise);
    read(name, carried, (part) => {
      // One that was begun before a change tells nothing new.
      if (reading.get(name) === promise) {
        reading.delete(name);
        if (part !== undefined) {
          last.set(name, part);
          stale.delete(name);
        }
        const given = owed.get(name);
        if (owed.delete(name) && part !== undefined && part.digest !== given) late(name);
      }
      resolve(part);
    });
    return promise;
  };

  const ask: Parts['ask'] = (name, carried) => {
    const answer = reading.get(name) ?? start(name, carried);
    const lastWord = (): Given => ({ part: last.get(name), isFresh: false });
    // Who has let the others wait once is not waited for again.
    if (owed.has(name)) return Promise.resolve(lastWord());
    const { promise, resolve } = Promise.withResolvers<Given>();
    const stopWaiting = after(PATIENCE_MS, () => {
      owed.set(name, last.get(name)?.digest);
      resolve(lastWord());
    });
    void answer.then((part) => {
      stopWaiting();
      resolve(part === undefined ? lastWord() : { part, isFresh: true });
    });
    return promise;
  };

  return {
    ask,
    known: async (name, carried) =>
      (stale.has(name) ? undefined : last.get(name)) ?? (await ask(name, carried)).part,
    changed: (names) => {
      for (const name of names) {
        reading.delete(name);
        stale.add(name);
      }
    },
  };
};
