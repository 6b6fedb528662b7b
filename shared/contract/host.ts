/** What may be told of the machine that Drawbridge runs on: where it keeps things, and how AI clients start its shim. */
import { z } from 'zod';

/** The program of an entry for an AI client; the address of a server follows its words. */
export const ShimStart = z.object({
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()).optional(),
});
export type ShimStart = z.infer<typeof ShimStart>;

export const HostView = z.object({
  dataFolder: z.string(),
  /** Where the log lines go. */
  logFolder: z.string().optional(),
  /** Absent where there is none to start. */
  shim: ShimStart.optional(),
});
export type HostView = z.infer<typeof HostView>;
