/** The sealed form of the vault file: what is readable without the key, and what is not. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';

// Not by bits: those of a number over 2^32 are cut off.
const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

/** Readable without the key, and authenticated with it: an exchanged header is noticed. */
export const EnvelopeHeader = z.object({
  /** Of the records inside: see `migrations`. */
  format: z.number().int().positive(),
  /** Names the key, so that it can be found and told from another vault's. */
  keyId: z.string().min(1).max(64),
  /** Grows with every save. */
  sequence: z.number().int().nonnegative(),
  /** The keychain key that was replaced by this one and may still be there: a crash must not leave it behind. */
  retires: z.string().min(1).max(64).optional(),
  /** How the key is made from a passphrase; absent when it rests in the keychain. */
  passphrase: z
    .object({
      salt: z.string(),
      cost: z.number().int().min(2).refine(isPowerOfTwo),
      blockSize: z.number().int().positive(),
    })
    // Bounded, because a key is made before the header can be authenticated: 512 MiB at the very most.
    .refine(({ cost, blockSize }) => 128 * cost * blockSize <= 2 ** 29)
    .optional(),
});
export type EnvelopeHeader = z.infer<typeof EnvelopeHeader>;

const MAGIC = Buffer.from('DRAWBRIDGE-VAULT\n');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 2;

/** magic, header length (2 bytes, big endian), header JSON, nonce, tag, AES-256-GCM text. `key` is 32 bytes. */
export const seal = (header: EnvelopeHeader, key: Uint8Array, content: string): Buffer => {
  const front = frontOf(header);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(
    front,
  );
  const text = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
  return Buffer.concat([front, nonce, cipher.getAuthTag(), text]);
};

/**
 * The header of a sealed file whose format is `newest` or older.
 *
 * Throws `vault-newer` when it is of a later format, and `vault-damaged` when it is not one of ours, whole.
 */
export const readHeader = (file: Buffer, newest: number): EnvelopeHeader => {
  const { json } = split(file);
  // First of all: nothing more is known about the header of a later format.
  const stated = Format.safeParse(json);
  if (stated.success && stated.data.format > newest) {
    throw new ProblemError('vault-newer', 'the vault was written by a newer Drawbridge', {
      hint: `start the newer one; it kept the vault of before as vault.format-${newest} in the data folder`,
    });
  }
  const header = EnvelopeHeader.safeParse(json);
  if (header.success) return header.data;
  throw damaged(header.error);
};

/** The content of a sealed file. Throws `vault-damaged`, or `vault-wrong-key` when key or content do not match. */
export const unseal = (file: Buffer, key: Uint8Array): string => {
  const { front, rest } = split(file);
  const nonce = rest.subarray(0, NONCE_BYTES);
  const tag = rest.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(front).setAuthTag(tag);
  try {
    const text = decipher.update(rest.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new ProblemError(
      'vault-wrong-key',
      'the vault does not open with the key it should have',
      {
        hint: 'the file or its key was changed from outside; restore both from the same backup',
        cause,
      },
    );
  }
};

const frontOf = (header: EnvelopeHeader): Buffer => {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(json.length);
  return Buffer.concat([MAGIC, length, json]);
};

const Format = z.object({ format: z.number().int().positive() });

const split = (file: Buffer): { json: unknown; front: Buffer; rest: Buffer } => {
  const start = MAGIC.length + LENGTH_BYTES;
  if (file.length < start || !file.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged();
  const end = start + file.readUInt16BE(MAGIC.length);
  if (file.length < end + NONCE_BYTES + TAG_BYTES) throw damaged();
  try {
    const json: unknown = JSON.parse(file.subarray(start, end).toString('utf8'));
    return { json, front: file.subarray(0, end), rest: file.subarray(end) };
  } catch (cause) {
    throw damaged(cause);
  }
};

const damaged = (cause?: unknown): ProblemError =>
  new ProblemError('vault-damaged', 'the vault file is damaged', {
    hint: 'put a backup of vault.sealed in its place, or move it out of the data folder and sign in again',
    cause,
  });
