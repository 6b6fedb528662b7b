/** The keys of AI clients for the HTTP door: one each, kept only as hashes. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DoorAddress, DoorKeyId, type DoorKeyView } from '../../../shared/contract/door-keys.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';

export const DoorKey = z.object({
  /** Absent in records from before keys had one: they are given it when they are read. */
  id: DoorKeyId.optional(),
  /** SHA-256 of the key, hex. The key is 256 random bits, so a slow hash would add nothing. */
  hash: z.string(),
  aiClient: z.string(),
  /** Unix ms. */
  madeAt: z.number(),
  /** Unix ms, to the hour. */
  usedAt: z.number().optional(),
  /** All that it opens; absent when that is every server. */
  servers: z.array(DoorAddress).optional(),
});
export type DoorKey = z.infer<typeof DoorKey>;

/** Whose a key is, and what it opens. */
export type KeyHolder = Pick<DoorKeyView, 'id' | 'aiClient' | 'servers'>;

export interface DoorKeyWish {
  readonly aiClient: string;
  /** Absent: every server. */
  readonly servers?: readonly DoorAddress[] | undefined;
}

export interface DoorKeys {
  /** A new key, given out this once. */
  readonly make: (wish: DoorKeyWish) => { readonly id: DoorKeyId; readonly key: string };
  /** Who holds this key. That it was used is remembered. */
  readonly holder: (key: string) => KeyHolder | undefined;
  /** All of them, in the order they were made. */
  readonly all: () => DoorKeyView[];
  /** It opens nothing any more. Returns the way back. Throws `not-found`. */
  readonly revoke: (id: DoorKeyId) => () => void;
  /** None of them opens a door any more. */
  readonly removeAll: () => void;
  /** Calls back with each key that has come to its end; returns a function that stops it. */
  readonly onGone: (listener: (id: DoorKeyId) => void) => () => void;
}

export interface DoorKeyStore {
  readonly read: () => readonly DoorKey[];
  readonly write: (keys: DoorKey[]) => void;
}

type Kept = DoorKey & { readonly id: DoorKeyId };

const PREFIX = 'drawbridge_';

/** Calls must not cost a write each: the use of a key is written at most once in this time, ms. */
const WRITE_MS = 60 * 60 * 1000;

/** The keys in `store`, which nobody else writes to. */
export const createDoorKeys = (store: DoorKeyStore, now: () => number): DoorKeys => {
  const found = store.read();
  let keys: readonly Kept[] = found.map((key) => ({ ...key, id: key.id ?? newId() }));
  /** The use of each key that was written last. */
  const written = new Map(keys.map(({ id, usedAt }) => [id, usedAt]));
  const listeners = new Set<(id: DoorKeyId) => void>();

  const keep = (next: readonly Kept[]): void => {
    store.write([...next]);
    keys = next;
  };
  const keepIfPossible = (): void => {
    try {
      store.write([...keys]);
    } catch {
      // A call does not fail because nobody can note that it was made; the next write has it in it.
    }
  };
  const noteUse = (id: DoorKeyId): void => {
    const at = now();
    keys = keys.map((key) => (key.id === id ? { ...key, usedAt: at } : key));
    // In either direction: a clock that was put back is no reason to write nothing for long.
    if (Math.abs(at - (written.get(id) ?? 0)) < WRITE_MS) return;
    written.set(id, at);
    keepIfPossible();
  };
  const end = (isOver: (key: Kept) => boolean): void => {
    const over = keys.filter(isOver);
    keep(keys.filter((key) => !isOver(key)));
    for (const { id } of over) for (const listener of listeners) listener(id);
  };

  if (found.some(({ id }) => id === undefined)) keepIfPossible();
  return {
    make: ({ aiClient, servers }) => {
      const key = PREFIX + randomBytes(32).toString('base64url');
      const made: Kept = {
        ...{ id: newId(), hash: hashOf(key).toString('hex'), aiClient, madeAt: now() },
        ...(servers === undefined ? {} : { servers: [...servers] }),
      };
      keep([...keys, made]);
      return { id: made.id, key };
    },
    holder: (key) => {
      const hash = hashOf(key);
      // Every hash is compared, and each in constant time: the answer's timing tells nothing about the others.
      const holder = keys.reduce<Kept | undefined>(
        (before, known) => (isSame(Buffer.from(known.hash, 'hex'), hash) ? known : before),
        undefined,
      );
      if (holder !== undefined) noteUse(holder.id);
      return holder && withoutHash(holder);
    },
    all: () => keys.map(withoutHash),
    revoke: (id) => {
      const place = keys.findIndex((key) => key.id === id);
      const revoked = keys[place];
      if (revoked === undefined)
        throw new ProblemError('not-found', `there is no key ${JSON.stringify(id)}`, {
          hint: 'drawbridge keys shows the ones there are',
        });
      end((key) => key.id === id);
      return () => {
        if (!keys.some((key) => key.id === id)) keep(keys.toSpliced(place, 0, revoked));
      };
    },
    removeAll: () => end(() => true),
    onGone: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

const withoutHash = ({ hash: _hash, ...view }: Kept): DoorKeyView => view;

const newId = (): DoorKeyId => randomBytes(5).toString('hex');

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** A record of another length is a damaged one, and nobody's. */
const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
