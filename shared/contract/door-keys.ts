/** What may be told of the keys of the HTTP door: whose each is and what it opens, never the key itself. */
import { z } from 'zod';
import { type AccountKey, keyText } from './ids.ts';

/** Short, random, and of no use at the door. */
export const DoorKeyId = z.string().regex(/^[0-9a-f]{10}$/);
export type DoorKeyId = z.infer<typeof DoorKeyId>;

/** `<server>`, with every account it has, or `<server>/<account>`. */
export const DoorAddress = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,19}(\/[a-z0-9][a-z0-9-]{0,19})?$/, '<server> or <server>/<account>');
export type DoorAddress = z.infer<typeof DoorAddress>;

export const DoorKeyView = z.object({
  id: DoorKeyId,
  aiClient: z.string(),
  /** Unix time in ms. */
  madeAt: z.number(),
  /** Unix time in ms; absent when it was never used, or not since Drawbridge remembers it. */
  usedAt: z.number().optional(),
  /** All that it opens; absent when that is every server. */
  servers: z.array(DoorAddress).optional(),
});
export type DoorKeyView = z.infer<typeof DoorKeyView>;

/** Whether a key for `servers` opens the account. */
export const opens = (servers: readonly DoorAddress[] | undefined, key: AccountKey): boolean =>
  servers === undefined || servers.includes(key.server) || servers.includes(keyText(key));
