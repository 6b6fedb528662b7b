/** The sealed form of the vault file: what is readable without the key, and what is not. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';

/** Readable without the key, and authenticated with it: an exchanged header is noticed. */
export const EnvelopeHeader = z.object({
  format: z.literal(1),
  /** Names the key, so that it can be found and told from another vault's. */
  keyId: z.string().min(1).max(64),
  /** Grows with every save. */
  sequence: z.number().int().nonnegative(),
  /** How the key is made from a passphrase; absent when it rests in the keychain. */
  passphrase: z
    .object({
      salt: z.string(),
      // Bounded, because a key is made before the header can be authenticated: 4 GiB at the very most.
      cost: z
        .number()
        .int()
        .positive()
        .max(2 ** 20),
      blockSize: z.number().int().positive().max(32),
    })
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

/** The header of a sealed file. Throws `vault-damaged` when it is not one of ours, whole. */
export const readHeader = (file: Buffer): EnvelopeHeader => split(file).header;

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

const split = (file: Buffer): { header: EnvelopeHeader; front: Buffer; rest: Buffer } => {
  const start = MAGIC.length + LENGTH_BYTES;
  if (file.length < start || !file.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged();
  const end = start + file.readUInt16BE(MAGIC.length);
  if (file.length < end + NONCE_BYTES + TAG_BYTES) throw damaged();
  try {
    const header = EnvelopeHeader.parse(JSON.parse(file.subarray(start, end).toString('utf8')));
    return { header, front: file.subarray(0, end), rest: file.subarray(end) };
  } catch (cause) {
    throw damaged(cause);
  }
};

const damaged = (cause?: unknown): ProblemError =>
  new ProblemError('vault-damaged', 'the vault file is damaged', {
    hint: 'the copy before the last save is kept beside it as vault.previous',
    cause,
  });
