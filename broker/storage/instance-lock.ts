/** One broker a data folder: a lock that the operating system itself gives up when its holder dies. */
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ProblemError } from '../../shared/contract/problems.ts';

/**
 * Takes the folder, and returns the function that gives it free.
 *
 * The lock is SQLite's exclusive file lock: kernel-held on every platform, so neither a crash nor a reused
 * process id can leave it behind. Throws `already-running` when another process holds it.
 */
export const takeInstanceLock = (folder: string): (() => void) => {
  const file = path.join(folder, 'instance.lock');
  // Made here because SQLite would let others read it.
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;');
  } catch (cause) {
    database.close();
    if (!isBusy(cause)) throw cause;
    throw new ProblemError('already-running', 'another Drawbridge already runs on this data folder', {
      hint: 'use that one, stop it first, or set DRAWBRIDGE_DATA_DIR to another folder',
      cause,
    });
  }
  return () => database.close();
};

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
