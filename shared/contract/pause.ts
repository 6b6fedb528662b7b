/** The pause of the bridge: for a time, or until the person ends it. */
import { z } from 'zod';

/** Nobody means a longer one: who wants that ends Drawbridge. ms. */
export const LONGEST_PAUSE_MS = 7 * 24 * 60 * 60_000;

export const PauseWish = z.object({
  /** Absent until the person ends it, or the program does. */
  forMs: z.number().int().min(1_000).max(LONGEST_PAUSE_MS).optional(),
});
export type PauseWish = z.infer<typeof PauseWish>;

export const PauseView = z.object({
  /** Unix times in ms. */
  since: z.number(),
  until: z.number().optional(),
});
export type PauseView = z.infer<typeof PauseView>;
