/** What is written in a folder, all of it, for a look whether a secret is among it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** By full path. A file that is just being replaced is gone before it can be read: what replaces it has its own name. */
export const filesIn = async (folder: string): Promise<Map<string, Buffer>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined;
          throw error;
        });
        return bytes === undefined ? [] : [[file, bytes] as const];
      }),
  );
  return new Map(found.flat());
};

export const textIn = async (folder: string): Promise<string> =>
  [...(await filesIn(folder)).values()].map((bytes) => bytes.toString('latin1')).join('\n');
