/** What does a file of the data folder say, if only the person can have written it? What it names is run, and told everything. */
import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';

/** Undefined for one that another user could have put there. Throws the system's error. */
export const readOwn = (folder: string, name: string): string | undefined => {
  const file = openSync(path.join(folder, name), 'r');
  try {
    const isOwn = [statSync(folder), fstatSync(file)].every(isOurs);
    return isOwn ? readFileSync(file, 'utf8') : undefined;
  } finally {
    closeSync(file);
  }
};

/** Windows has no such numbers; there the folder's place in the person's profile protects it. */
const isOurs = ({ uid, mode }: Stats): boolean =>
  process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
