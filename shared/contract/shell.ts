/** What the desktop app alone can do for a person. A browser at a headless host finds none of it at these addresses. */
import { z } from 'zod';
import { Problem } from './problems.ts';

export const SHELL_PATH = '/api/shell';
export const UPDATE_PATH = '/api/shell/update';

export const UpdatesView = z.object({
  /** Whether the person wants new versions looked for. */
  wanted: z.boolean(),
  state: z.enum(['idle', 'looking', 'found', 'fetching', 'ready']),
  /** The new one. */
  version: z.string().optional(),
  /** How much of it is here while it is fetched, 0 to 1. */
  progress: z.number().min(0).max(1).optional(),
  problem: Problem.optional(),
});
export type UpdatesView = z.infer<typeof UpdatesView>;

/** What a notice is about, as far as a person may not want to be told of it. */
export const NoticeTopic = z.enum(['needs-you', 'approvals', 'ahead', 'not-saved', 'back']);
export type NoticeTopic = z.infer<typeof NoticeTopic>;

export const ShellView = z.object({
  /** Absent where it cannot be set: in a clone. */
  startAtLogin: z.boolean().optional(),
  /** The window stays closed until it is asked for. */
  startHidden: z.boolean(),
  /** Absent where the system shows none. */
  notices: z.object({ on: z.boolean(), quietAbout: z.array(NoticeTopic) }).optional(),
  /** Absent where something else updates the app, or nothing does. */
  updates: UpdatesView.optional(),
});
export type ShellView = z.infer<typeof ShellView>;

export const ShellChange = z.strictObject({
  startAtLogin: z.boolean().optional(),
  startHidden: z.boolean().optional(),
  /** Of one topic, or with none of all of them. */
  notices: z.strictObject({ topic: NoticeTopic.optional(), on: z.boolean() }).optional(),
  lookForUpdates: z.boolean().optional(),
});
export type ShellChange = z.infer<typeof ShellChange>;

/** `install` ends the app, and puts the new version in its place. */
export const UpdateDeed = z.strictObject({ deed: z.enum(['look', 'fetch', 'install']) });
export type UpdateDeed = z.infer<typeof UpdateDeed>;
