/** Is a program installed on this machine? */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export const isOnPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)));

export const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Missing and not executable are the same to whoever wants to run it.
    return false;
  }
};
