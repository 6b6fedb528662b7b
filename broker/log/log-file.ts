/** The log file: appended to, readable by its owner only, and replaced before it grows large. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { toProblem } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';

/** One full file is kept beside the current one. */
const LARGEST = 2 * 1024 * 1024;

export interface LogFile {
  /** One line, without its newline. */
  readonly write: (line: string) => void;
  /** A line of the shell's own. Of the error only code and message are kept, and those only of our own kind. */
  readonly warn: (event: string, error: unknown) => void;
  readonly close: () => void;
}

/** `drawbridge.log` in `folder`, which is made when absent; the file before it is `drawbridge.1.log`. */
export const openLogFile = (folder: string, clock: Clock, largest = LARGEST): LogFile => {
  const current = path.join(folder, 'drawbridge.log');
  const previous = path.join(folder, 'drawbridge.1.log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });

  const open = () => openSync(current, 'a', 0o600);
  let file: number | undefined = open();
  let size = fstatSync(file).size;

  const write = (line: string): void => {
    const bytes = Buffer.from(`${line}\n`);
    try {
      if (file !== undefined && size > 0 && size + bytes.length > largest) {
        closeSync(file);
        file = undefined;
        renameSync(current, previous);
      }
      if (file === undefined) {
        file = open();
        size = 0;
      }
      // Synchronous, so that lines keep their order and the last ones survive a crash.
      writeSync(file, bytes);
      size += bytes.length;
    } catch {
      // A full disk or a file taken away must not stop sign-ins; the next line tries again.
    }
  };

  return {
    write,
    warn: (event, error) => {
      const { code, message } = toProblem(error);
      const at = new Date(clock.now()).toISOString();
      write(JSON.stringify({ at, level: 'warn', event, code, message }));
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};
