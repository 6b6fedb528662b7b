/** Where is the program that a command names? A full path as it is; a name is looked up on PATH, as a shell does. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../shared/contract/problems.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The full path. Rejects with `program-unavailable`. */
export const findProgram = async (
  program: string,
  env: Environment,
  platform: NodeJS.Platform,
): Promise<string> => {
  if (path.isAbsolute(program)) {
    if (await isProgram(program)) return program;
    throw notThere(
      `there is no program ${JSON.stringify(program)}`,
      'was it moved or uninstalled?',
    );
  }
  // In the folder where Drawbridge happens to have been started, which is anybody's.
  if (/[\\/]/.test(program))
    throw notThere(`${JSON.stringify(program)} is no full path`, 'give the whole path, or a name');
  for (const candidate of candidates(program, env, platform)) {
    if (!(await isProgram(candidate))) continue;
    // What such a script is given as arguments, the command shell would read as commands of its own.
    if (platform === 'win32' && /\.(cmd|bat)$/i.test(candidate)) throw isScript(candidate);
    return candidate;
  }
  throw notThere(
    `there is no program ${JSON.stringify(program)} on PATH`,
    'install it, or give its full path: Drawbridge may have another PATH than your terminal',
  );
};

const candidates = (
  program: string,
  env: Environment,
  platform: NodeJS.Platform,
): readonly string[] => {
  const isWindows = platform === 'win32';
  const value = (name: string): string =>
    Object.entries(env).find(([key]) => (isWindows ? key.toUpperCase() : key) === name)?.[1] ?? '';
  // Not where Drawbridge happens to have been started: whoever can write there could put a program of that name in it.
  const folders = value('PATH').split(path.delimiter).filter(path.isAbsolute);
  const endings = isWindows ? ['', ...value('PATHEXT').split(';')] : [''];
  return folders.flatMap((folder) => endings.map((ending) => path.join(folder, program + ending)));
};

const isProgram = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Not there, or not to be run: the search goes on.
    return false;
  }
};

const notThere = (message: string, hint: string): ProblemError =>
  new ProblemError('program-unavailable', message, { hint });

const isScript = (file: string): ProblemError =>
  new ProblemError('program-unavailable', `${path.basename(file)} needs a command shell`, {
    hint: 'name the program that it starts instead, for instance node with the full path of a script',
  });
