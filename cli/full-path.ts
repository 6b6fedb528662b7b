/** A file that the daemon reads later, named so that it finds it: its working folder is not the one of whoever types. */
import path from 'node:path';

/** Nothing named stays nothing, for whoever checks what was given. */
export const fullPath = <T extends string | undefined>(file: T): T | string =>
  file === undefined || file === '' ? file : path.resolve(file);
