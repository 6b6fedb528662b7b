/** Whose the data folder is and what lies in it: ours alone, or not used at all. */
import { chmod, lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../../shared/contract/problems.ts';

/**
 * Makes `folder` and its parents; the folder itself is for its owner only, also when it was there before.
 *
 * Rejects with `not-yours` when it belongs to somebody else, who could exchange any file in it, and with the
 * system's error when it cannot be made or is no folder.
 */
export const makePrivateFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await assertOurs(folder, 'the data folder');
  await chmod(folder, 0o700);
};

/**
 * Takes a file in the data folder back from the eyes of others. An absent file is fine.
 *
 * Rejects with `not-yours` when it belongs to another user: what was planted must not be read as ours.
 */
export const keepPrivate = async (file: string): Promise<void> => {
  try {
    await assertOurs(file, path.basename(file));
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') await chmod(file, mode & 0o700);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
};

/**
 * Removes the temporary files that a killed process left in `folder`: regular files of ours, with names that only
 * our writes give. Call it while holding the instance lock and before the first write, when none is in use.
 */
export const sweepTemporaries = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!temporaryNames.some((pattern) => pattern.test(name))) continue;
    const found = await lstat(path.join(folder, name));
    if (!found.isFile() || !isOurs(found.uid)) continue;
    // What cannot be removed now can be later, and is sealed, or no secret.
    await rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }
};

/** Those of `writeAtomically`, and those of `conf`. */
const temporaryNames = [
  /^(vault\.(sealed|previous|format-\d+)|instance\.json|activity(\.1)?\.jsonl)\.[0-9a-f]{12}\.tmp$/,
  /^[a-z0-9-]+@[a-z0-9-]+\.json\.[0-9a-f]{12}\.tmp$/,
  /^settings\.json\.tmp-\d{10}[0-9a-f]{6}$/,
];

const assertOurs = async (place: string, what: string): Promise<void> => {
  const { uid } = await stat(place);
  if (isOurs(uid)) return;
  throw new ProblemError('not-yours', `${what} belongs to another user`, {
    hint: `run Drawbridge as the user who owns it (uid ${uid}), or set DRAWBRIDGE_DATA_DIR to a folder of your own`,
  });
};

/** Windows has no such numbers; there the folder's place in the person's profile protects it. */
const isOurs = (uid: number): boolean => process.getuid === undefined || uid === process.getuid();
