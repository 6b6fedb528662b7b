/** Which lists are others now? Told once for all that comes in a burst, and not before the AI client may hear it. */
import { type ListName, lists } from '../catalogue/lists.ts';

export interface Announcements {
  readonly add: (names: Iterable<ListName>) => void;
  /** Keeps what is to be told until `go`. */
  readonly hold: () => void;
  readonly go: () => void;
  readonly close: () => void;
}

/** Members come one after the other when a broker starts; each word of it has an AI client ask for everything anew. */
const TOGETHER_MS = 25;

/** Begins on hold. */
export const createAnnouncements = (
  after: (ms: number, deed: () => void) => () => void,
  tell: (method: string) => void,
): Announcements => {
  const methods = new Set<string>();
  let isHeld = true;
  let stop: (() => void) | undefined;

  const plan = (): void => {
    if (isHeld || methods.size === 0) return;
    stop ??= after(TOGETHER_MS, () => {
      stop = undefined;
      const all = [...methods];
      methods.clear();
      for (const method of all) tell(method);
    });
  };
  const cancel = (): void => {
    stop?.();
    stop = undefined;
  };

  return {
    add: (names) => {
      for (const name of names) methods.add(lists[name].changed);
      plan();
    },
    hold: () => {
      isHeld = true;
      methods.clear();
      cancel();
    },
    go: () => {
      isHeld = false;
      plan();
    },
    close: cancel,
  };
};
