/** The present snapshot, and everyone who wants the next one. */
import type { Snapshot } from '../../shared/contract/snapshot.ts';

export interface Store {
  readonly snapshot: () => Snapshot;
  readonly subscribe: (listener: (snapshot: Snapshot) => void) => () => void;
  /** Something changed: a burst of such calls becomes one snapshot. */
  readonly changed: () => void;
}

export const createStore = (project: (revision: number) => Snapshot): Store => {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let current = project(0);
  let stale = false;

  const refresh = (): void => {
    if (!stale) return;
    stale = false;
    current = project(current.revision + 1);
    for (const listener of listeners) listener(current);
  };

  return {
    snapshot: () => {
      refresh();
      return current;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    changed: () => {
      if (stale) return;
      stale = true;
      queueMicrotask(refresh);
    },
  };
};
