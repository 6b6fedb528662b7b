/** Writes a file so that a reader finds the old bytes or the new ones, never a mixture, and only its owner finds any. */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Replaces `file` with `bytes`, durable when it resolves: temp file, fsync, rename, fsync of the folder.
 *
 * `keepPrevious` names where the bytes it replaces stay readable. Rejects with the system's error (`ENOSPC`,
 * `EACCES`, ...) and then leaves the old file as it was.
 */
export const writeAtomically = async (
  file: string,
  bytes: Uint8Array | string,
  options: { readonly keepPrevious?: string } = {},
): Promise<void> => {
  const temporary = temporaryFor(file);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (options.keepPrevious !== undefined) await keepCopy(file, options.keepPrevious);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(path.dirname(file));
};

/** The bytes of `file`, or undefined when there is none. Other errors reject: "cannot tell" is not "absent". */
export const readIfPresent = async (file: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Makes `folder` and its parents; the folder itself is for its owner only, also when it was there before. */
export const makePrivateFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
};

/** Moves an unreadable file out of the way, for a person to look at, and tells where it went. */
export const setAside = async (file: string, now: number): Promise<string> => {
  const aside = `${file}.unreadable-${new Date(now).toISOString().replace(/[:.]/g, '-')}`;
  await rename(file, aside);
  return aside;
};

const temporaryFor = (file: string): string => `${file}.${randomBytes(6).toString('hex')}.tmp`;

const keepCopy = async (file: string, previous: string): Promise<void> => {
  const copy = temporaryFor(previous);
  try {
    await link(file, copy);
    // Over the older copy in one step: at no moment is there none.
    await rename(copy, previous);
    // Renaming one name of a file over another of the same file leaves both.
    await rm(copy, { force: true });
  } catch (error) {
    // The first write has nothing to keep. A file system without hard links keeps no copy: the write itself is still atomic.
    if (!isMissing(error) && !isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
  }
};

const syncFolder = async (folder: string): Promise<void> => {
  // Windows cannot open a folder for syncing, and its rename is already durable with the file's own sync.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

const isMissing = (error: unknown): boolean => isCode(error, 'ENOENT');
