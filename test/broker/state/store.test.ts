import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createStore } from '../../../broker/state/store.ts';
import type { Snapshot } from '../../../shared/contract/snapshot.ts';

/** A store whose snapshots show how far a count has come. */
const openStore = () => {
  let count = 0;
  const store = createStore(
    (revision): Snapshot => ({
      revision,
      version: String(count),
      servers: [],
      vault: { kind: 'memory', state: 'open' },
      doors: {},
      notices: [],
    }),
  );
  const seen: string[] = [];
  const stop = store.subscribe(({ revision, version }) => seen.push(`${revision}:${version}`));
  const change = (): void => {
    count++;
    store.changed();
  };
  return { store, seen, stop, change };
};

describe('the store', () => {
  it('makes one snapshot of a burst, with everything in it', async () => {
    const { seen, change } = openStore();

    for (let time = 0; time < 100; time++) change();
    expect(seen).toEqual([]);
    await settled();

    expect(seen).toEqual(['1:100']);
  });

  it('counts up by one with every snapshot', async () => {
    const { seen, change } = openStore();
    for (let time = 0; time < 3; time++) {
      change();
      await settled();
    }

    expect(seen).toEqual(['1:1', '2:2', '3:3']);
  });

  it('gives who asks in the middle of a burst the newest, and everybody else the same', async () => {
    const { store, seen, change } = openStore();
    change();

    expect(store.snapshot()).toMatchObject({ revision: 1, version: '1' });
    await settled();

    expect(seen).toEqual(['1:1']);
    expect(store.snapshot().revision).toBe(1);
  });

  it('gives the same snapshot as long as nothing changes', () => {
    const { store } = openStore();

    expect(store.snapshot()).toBe(store.snapshot());
    expect(store.snapshot().revision).toBe(0);
  });

  it('makes another snapshot of what a listener changes', async () => {
    const { store, seen, change } = openStore();
    const stop = store.subscribe(() => {
      stop();
      change();
    });
    change();
    await settled();

    expect(seen).toEqual(['1:1', '2:2']);
  });

  it('tells nobody who has left', async () => {
    const { seen, stop, change } = openStore();
    stop();
    change();
    await settled();

    expect(seen).toEqual([]);
  });
});
