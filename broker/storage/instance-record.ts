/** Where the running broker of a data folder can be reached: a file only its owner can read. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readIfPresent, writeAtomically } from './atomic-file.ts';

/** The keys live as long as one run of the broker, and open one thing each. */
export const InstanceRecord = z.object({
  pid: z.number().int(),
  control: z.object({ socket: z.string(), key: z.string() }),
  door: z.object({ socket: z.string(), key: z.string() }),
  /** Where the window is served to a browser, when it is. */
  window: z.string().optional(),
});
export type InstanceRecord = z.infer<typeof InstanceRecord>;

const fileIn = (folder: string): string => path.join(folder, 'instance.json');

/** Announces a running broker. The shim reads the same file without this module: see `cli/shim.ts`. */
export const announceInstance = (folder: string, record: InstanceRecord): Promise<void> =>
  writeAtomically(fileIn(folder), `${JSON.stringify(record)}\n`);

/** The record of the broker that was started last, or undefined. It may have died since. */
export const findInstance = async (folder: string): Promise<InstanceRecord | undefined> => {
  const bytes = await readIfPresent(fileIn(folder));
  if (bytes === undefined) return undefined;
  try {
    return InstanceRecord.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    // Damaged, or of another version: nobody can be reached through it either way.
    return undefined;
  }
};

/** Takes the announcement back. */
export const withdrawInstance = (folder: string): Promise<void> =>
  rm(fileIn(folder), { force: true });
