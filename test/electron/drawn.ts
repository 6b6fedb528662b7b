/** A host for drawing from: snapshots as a test says, and deeds recorded. */
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import type { CopiedEntry } from '../../shared/tray-items.ts';

export const createDrawn = (first: Snapshot | undefined) => {
  let current = first;
  const listeners = new Set<(snapshot: Snapshot | undefined) => void>();
  const done: string[] = [];
  const record = (deed: 'sign-in' | 'cancel-sign-in') => (key: AccountKey) =>
    void done.push(`${deed} ${keyText(key)}`);
  return {
    host: {
      snapshot: () => current,
      onSnapshot: (listener: (snapshot: Snapshot | undefined) => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    deeds: {
      'sign-in': record('sign-in'),
      'cancel-sign-in': record('cancel-sign-in'),
      'renew-all': () => void done.push('renew-all'),
      pause: (forMs: number | undefined) => void done.push(`pause ${forMs}`),
      resume: () => void done.push('resume'),
    },
    copyEntry: ({ aiClient, server }: CopiedEntry) => void done.push(`copy ${aiClient} ${server}`),
    openWindow: (server?: string) =>
      void done.push(server === undefined ? 'open-window' : `open-window ${server}`),
    /** What the person asked for, in order. */
    done,
    change: (snapshot: Snapshot | undefined) => {
      current = snapshot;
      for (const listener of listeners) listener(snapshot);
    },
    listening: () => listeners.size,
  };
};
