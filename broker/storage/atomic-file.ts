/** Writes a file so that a reader finds the old bytes or the new ones, never a mixture, and only its owner finds any. */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { copyFile, link, open, readFile, rename, rm } from 'node:fs/promises';
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

/**
 * Moves a file that cannot be used out of the way, for a person to look at, and tells where it went.
 *
 * Synchronous, for those who must not be interrupted between looking at a file and replacing it.
 */
export const setAside = (file: string, now: number): string => {
  const when = new Date(now).toISOString().replace(/[:.]/g, '-');
  const free = (count: number): string => {
    const name = `${file}.aside-${when}${count === 0 ? '' : `-${count}`}`;
    return existsSync(name) ? free(count + 1) : name;
  };
  const aside = free(0);
  renameSync(file, aside);
  return aside;
};

/** Names `copy` as another way to the bytes of `file`, in place of what it named before. No file, no copy. */
export const keepCopy = async (file: string, copy: string): Promise<void> => {
  const temporary = temporaryFor(copy);
  try {
    await linkOrCopy(file, temporary);
    // Over the older copy in one step: at no moment is there none.
    await rename(temporary, copy);
  } catch (error) {
    if (!isMissing(error)) throw error;
  } finally {
    // Renaming one name of a file over another of the same file leaves both.
    await rm(temporary, { force: true });
  }
};

const linkOrCopy = async (file: string, copy: string): Promise<void> => {
  try {
    await link(file, copy);
  } catch (error) {
    if (!isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
    // A file system without hard links.
    await copyFile(file, copy);
    await sync(copy);
  }
};

const temporaryFor = (file: string): string => `${file}.${randomBytes(6).toString('hex')}.tmp`;

const syncFolder = async (folder: string): Promise<void> => {
  // Windows cannot open a folder for syncing, and its rename is already durable with the file's own sync.
  if (process.platform !== 'win32') await sync(folder);
};

const sync = async (place: string): Promise<void> => {
  const handle = await open(place, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

const isMissing = (error: unknown): boolean => isCode(error, 'ENOENT');
