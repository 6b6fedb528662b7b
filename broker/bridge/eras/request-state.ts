/** The sealed note that an AI client carries from one round of a call to the next, and cannot read or change. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';

const RequestState = z.object({
  /** The held call, by a name drawn at random for this round: of no use again, or on another AI client's leg. */
  call: z.string(),
  /** Of what was asked. */
  digest: z.string(),
  /** By the steady clock, which is that of one start of the broker, as the key is. */
  expiresAt: z.number(),
});
export type RequestState = z.infer<typeof RequestState>;

export interface StateSeal {
  readonly seal: (state: RequestState) => string;
  /** Undefined for what was not sealed with this key, or was changed. */
  readonly open: (text: string) => RequestState | undefined;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A note of ours is far shorter: what is longer is not looked at. */
const LONGEST = 1024;

/** Seals with AES-256-GCM; `key` is 32 bytes, and new each time the broker starts. */
export const createStateSeal = (key: Uint8Array): StateSeal => ({
  seal: (state) => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    const text = Buffer.concat([cipher.update(JSON.stringify(state), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
  },
  open: (sealed) => {
    if (sealed.length > LONGEST) return undefined;
    const bytes = Buffer.from(sealed, 'base64url');
    // Base64 has several spellings of the same bytes; only the one given out is taken back.
    if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) {
      return undefined;
    }
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, {
        authTagLength: TAG_BYTES,
      }).setAuthTag(tag);
      const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
      const json = Buffer.concat([text, decipher.final()]).toString('utf8');
      return RequestState.parse(JSON.parse(json));
    } catch {
      // Not ours, or changed on the way: nothing else can be said of it.
      return undefined;
    }
  },
});
