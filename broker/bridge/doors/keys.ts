/** The keys of AI clients for the HTTP door: one each, kept only as hashes. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

export const DoorKey = z.object({
  /** SHA-256 of the key, hex. The key is 256 random bits, so a slow hash would add nothing. */
  hash: z.string(),
  aiClient: z.string(),
  /** Unix ms. */
  madeAt: z.number(),
});
export type DoorKey = z.infer<typeof DoorKey>;

export interface DoorKeys {
  /** A new key, given out this once. */
  readonly make: (aiClient: string) => string;
  /** The AI client whose key this is. */
  readonly holder: (key: string) => string | undefined;
  /** None of them opens a door any more. */
  readonly removeAll: () => void;
}

export interface DoorKeyStore {
  readonly read: () => readonly DoorKey[];
  readonly write: (keys: DoorKey[]) => void;
}

const PREFIX = 'drawbridge_';

export const createDoorKeys = (store: DoorKeyStore, now: () => number): DoorKeys => ({
  make: (aiClient) => {
    const key = PREFIX + randomBytes(32).toString('base64url');
    store.write([...store.read(), { hash: hashOf(key).toString('hex'), aiClient, madeAt: now() }]);
    return key;
  },
  holder: (key) => {
    const hash = hashOf(key);
    // Every hash is compared, and each in constant time: the answer's timing tells nothing about the others.
    return store
      .read()
      .reduce<string | undefined>(
        (found, known) => (isSame(Buffer.from(known.hash, 'hex'), hash) ? known.aiClient : found),
        undefined,
      );
  },
  removeAll: () => store.write([]),
});

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** A record of another length is a damaged one, and nobody's. */
const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
