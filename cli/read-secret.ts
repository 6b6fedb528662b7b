/** A secret from a file, because arguments and environment can be read by others. */
import { readFile, stat } from 'node:fs/promises';
import { ProblemError } from '../shared/contract/problems.ts';
import type { Terminal } from './terminal.ts';

/** The first line of `file`; warns when other users can read it as well. Rejects with `bad-usage`. */
export const readSecretLine = async (file: string, terminal: Terminal): Promise<string> => {
  const [secret = ''] = (await readSecretFile(file, terminal)).split(/\r?\n/, 1);
  if (secret !== '') return secret;
  throw new ProblemError('bad-usage', `the first line of ${JSON.stringify(file)} is empty`);
};

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
