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
  problem: Problem.optional(),
});
export type UpdatesView = z.infer<typeof UpdatesView>;

export const ShellView = z.object({
  /** Absent where it cannot be set: in a clone. */
  startAtLogin: z.boolean().optional(),
  /** Absent where something else updates the app, or nothing does. */
  updates: UpdatesView.optional(),
});
export type ShellView = z.infer<typeof ShellView>;

export const ShellChange = z.strictObject({
  startAtLogin: z.boolean().optional(),
  lookForUpdates: z.boolean().optional(),
});
export type ShellChange = z.infer<typeof ShellChange>;

/** `install` ends the app, and puts the new version in its place. */
export const UpdateDeed = z.strictObject({ deed: z.enum(['look', 'fetch', 'install']) });
export type UpdateDeed = z.infer<typeof UpdateDeed>;
