/** A secret from a file, because arguments and environment can be read by others. */
import { closeSync, read } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ProblemError } from '../shared/contract/problems.ts';
import type { Terminal } from './terminal.ts';

/** The first line of `file`; warns when other users can read it as well. Rejects with `bad-usage`. */
export const readSecretLine = async (file: string, terminal: Terminal): Promise<string> => {
  const [secret = ''] = (await readSecretFile(file, terminal)).split(/\r?\n/, 1);
  if (secret !== '') return secret;
  throw new ProblemError('bad-usage', `the first line of ${JSON.stringify(file)} is empty`);
};

/** The first line that comes out of an open file descriptor, which is then closed. Rejects with `bad-usage`. */
export const readSecretFrom = async (descriptor: number): Promise<string> => {
  const [secret = ''] = await readSecretLines(descriptor, 1);
  if (secret !== '') return secret;
  throw new ProblemError('bad-usage', `the first line from descriptor ${descriptor} is empty`);
};

/** The same of so many lines, or as many as there are. */
export const readSecretLines = async (descriptor: number, most: number): Promise<string[]> => {
  const found: Buffer[] = [];
  let breaks = 0;
  try {
    // Not a stream: one that is closed waits for a read that a pipe held open may never end.
    for (let size = 1; size > 0 && breaks < most; ) {
      const { bytesRead, buffer } = await readSome(descriptor, { buffer: Buffer.alloc(4096) });
      const part = buffer.subarray(0, bytesRead);
      found.push(part);
      breaks += part.filter((byte) => byte === 10).length;
      size = bytesRead;
    }
    // Standard input is left open: its number must not come to mean another file.
    if (descriptor > 2) closeSync(descriptor);
  } catch (cause) {
    throw new ProblemError('bad-usage', `nothing can be read from descriptor ${descriptor}`, {
      cause,
    });
  }
  return Buffer.concat(found).toString().split(/\r?\n/, most);
};

const readSome = promisify(read);

/** All of `file`; warns when other users can read it as well. Rejects with `bad-usage`. */
export const readSecretFile = async (file: string, terminal: Terminal): Promise<string> => {
  const secret = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ProblemError('bad-usage', `the file ${JSON.stringify(file)} cannot be read`, {
      cause,
    });
  });
  if (await othersCanRead(file))
    terminal.say(`warning: other users can read the secret in ${JSON.stringify(file)}: chmod 600`);
  return secret;
};

/** Windows has no such bits, and a pipe has no such readers. */
const othersCanRead = async (file: string): Promise<boolean> => {
  const found = await stat(file);
  return process.platform !== 'win32' && found.isFile() && (found.mode & 0o044) !== 0;
};
