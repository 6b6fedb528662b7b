/** One broker a data folder: a lock that the operating system itself gives up when its holder dies. */
import { closeSync, openSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ProblemError } from '../../shared/contract/problems.ts';
import { findInstance, type InstanceRecord } from './instance-record.ts';

/**
 * Takes the folder, and returns the function that gives it free.
 *
 * The lock is SQLite's exclusive file lock: kernel-held on every platform, so neither a crash nor a reused
 * process id can leave it behind. Rejects with `already-running` when another process holds it.
 */
export const takeInstanceLock = async (folder: string): Promise<() => void> => {
  const file = path.join(folder, 'instance.lock');
  makeFile(file);
  try {
    return lock(file);
  } catch (cause) {
    if (!isBusy(cause)) throw cause;
    // What cannot be read of the holder must not hide that there is one.
    throw alreadyRunning(await findInstance(folder).catch(() => undefined), cause);
  }
};

const lock = (file: string): (() => void) => {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;',
    );
  } catch (error) {
    database.close();
    if (!isCode(error, SQLITE_NOTADB)) throw error;
    // Nothing of ours ever writes into it. Nobody holds it: that is told before its content is looked at. Emptied in
    // place, because a lock on a file put in its place would be a second lock.
    truncateSync(file);
    return lock(file);
  }
  return () => database.close();
};

/** Made here because SQLite would let others read it. */
const makeFile = (file: string): void => {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    // One that is there must not even be opened: closing it would give up every lock this process has on it (POSIX).
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
};

const alreadyRunning = (holder: InstanceRecord | undefined, cause: unknown): ProblemError => {
  const process = holder === undefined ? '' : ` (process ${holder.pid})`;
  const use =
    holder?.window === undefined
      ? 'use that one'
      : `open its window at ${holder.window} with drawbridge open`;
  return new ProblemError(
    'already-running',
    `Drawbridge already runs on this data folder${process}`,
    {
      hint: `${use}, stop it first, or set DRAWBRIDGE_DATA_DIR to another folder`,
      cause,
    },
  );
};

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

const isCode = (error: unknown, code: number): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === code;

const isBusy = (error: unknown): boolean => isCode(error, SQLITE_BUSY);
