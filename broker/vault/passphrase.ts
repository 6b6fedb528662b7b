/** A vault key made from a passphrase, for machines without a keychain. */
import { randomBytes, scrypt } from 'node:crypto';
import type { EnvelopeHeader } from './envelope.ts';

type Recipe = NonNullable<EnvelopeHeader['passphrase']>;

const KEY_BYTES = 32;
/** 64 MiB and about 0.2 s a guess: RFC 7914's interactive figure of 2^14, raised to today's machines. */
const COST = 2 ** 16;
const BLOCK_SIZE = 8;

/** A recipe with a fresh salt. */
export const newRecipe = (): Recipe => ({
  salt: randomBytes(16).toString('base64'),
  cost: COST,
  blockSize: BLOCK_SIZE,
});

/** Whether a vault sealed by this recipe should be sealed by a new one at its next save. */
export const isWeak = ({ cost, blockSize }: Recipe): boolean =>
  cost * blockSize < COST * BLOCK_SIZE;

/** The 32-byte key that a passphrase makes by a recipe (scrypt, RFC 7914), made beside the event loop. */
export const deriveKey = (passphrase: string, recipe: Recipe): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const { salt, cost, blockSize } = recipe;
    const maxmem = 256 * cost * blockSize;
    const done = (error: Error | null, key: Buffer): void =>
      error === null ? resolve(key) : reject(error);
    scrypt(
      passphrase.normalize('NFKC'),
      Buffer.from(salt, 'base64'),
      KEY_BYTES,
      { N: cost, r: blockSize, maxmem },
      done,
    );
  });
