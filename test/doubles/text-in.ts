/** What is written in a folder, all of it, for a look whether a secret is among it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export const textIn = async (folder: string): Promise<string> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map((entry) =>
    // A file that is just being replaced is gone before it can be read: what replaces it has its own name.
    readFile(path.join(entry.parentPath, entry.name), 'latin1').catch(() => ''),
  );
  return (await Promise.all(texts)).join('\n');
};
