/** What is noted of each request that an AI client made: who asked what, and how it ended. There is no place in it for what was said. */
import { z } from 'zod';
import { AccountId, ServerId } from './ids.ts';

/** Where the AI client came in; `hand` is the person's own call, which Drawbridge makes. */
export const DoorKind = z.enum(['shim', 'http', 'hand']);
export type DoorKind = z.infer<typeof DoorKind>;

export const ActivityOutcome = z.enum([
  'answered',
  /** The tool says that it failed. */
  'tool-error',
  /** The server or Drawbridge refused the request. */
  'error',
  /** The AI client did not want the answer any more. */
  'cancelled',
  /** The AI client or the server left before there was an answer. */
  'gone',
]);
export type ActivityOutcome = z.infer<typeof ActivityOutcome>;

export const ActivityEntry = z.object({
  /** Grows with every entry, over restarts too. */
  id: z.number().int(),
  /** When it ended, Unix time in ms. */
  at: z.number(),
  durationMs: z.number(),
  server: ServerId,
  account: AccountId,
  /** At the HTTP door, whom the key was made for; from a shim, what the AI client calls itself, which nobody has checked. */
  aiClient: z.string(),
  door: DoorKind,
  method: z.string(),
  /** Of the tool, the prompt or the resource; an address without its query. */
  name: z.string().optional(),
  outcome: ActivityOutcome,
  /** Of an error: the code of JSON-RPC, or that of a problem. */
  code: z.union([z.number().int(), z.string()]).optional(),
  bytesIn: z.number().int(),
  bytesOut: z.number().int(),
});
export type ActivityEntry = z.infer<typeof ActivityEntry>;

/** How many entries are remembered. */
export const MOST_ACTIVITY = 5_000;

export const ActivityWish = z.object({
  server: ServerId.optional(),
  aiClient: z.string().max(100).optional(),
  outcomes: z.array(ActivityOutcome).max(ActivityOutcome.options.length).optional(),
  /** Only what ended at this time or later, Unix time in ms. */
  since: z.number().optional(),
  /** Only what came after the entry with this id. */
  after: z.number().int().optional(),
  limit: z.number().int().min(1).max(MOST_ACTIVITY).default(200),
});
export type ActivityWish = z.infer<typeof ActivityWish>;

export const ActivityReply = z.object({
  /** The newest first. */
  entries: z.array(ActivityEntry),
  /** The id of the newest entry there has been, whatever was wished for. */
  last: z.number().int(),
  /** Of how many these are the newest. */
  found: z.number().int(),
  /** The ids of those of which is kept what was said; absent where there is none. */
  captured: z.array(z.number().int()).optional(),
  /** Every AI client of which something is remembered. */
  aiClients: z.array(z.string()),
  /** What the wished server and AI client come to in each of the last 24 hours, the present one last. */
  hours: z.array(
    z.object({
      /** When the hour began, Unix time in ms. */
      at: z.number(),
      calls: z.number().int(),
      failed: z.number().int(),
    }),
  ),
});
export type ActivityReply = z.infer<typeof ActivityReply>;
