/** What does a file that a person names for a secret say? Read so that no name keeps us waiting, fills our memory, or asks elsewhere. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ProblemError } from '../../shared/contract/problems.ts';

/** No token, key or certificate is larger, bytes. */
const MOST_BYTES = 1024 * 1024;

/** Rejects with `reference-unresolved` for what is no such file, and with the system's error for what cannot be read. */
export const readSmallText = async (
  file: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string> => {
  // To look at it Windows would prove the person's password to whoever it names.
  if (platform === 'win32' && /^[\\/]{2}/.test(file))
    throw unusable(file, 'is on another machine', 'copy it to this one');
  // A pipe that nobody writes to would be waited for while it is opened, and at every read.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await handle.stat()).isFile()) throw unusable(file, 'is not a file');
    // What says that it is empty (/proc) may not be, and any file may grow meanwhile.
    const buffer = Buffer.alloc(MOST_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= MOST_BYTES; length += read)
      ({ bytesRead: read } = await handle.read(buffer, length, buffer.length - length, null));
    if (length > MOST_BYTES) throw unusable(file, 'is larger than any secret');
    return buffer.toString('utf8', 0, length);
  } finally {
    await handle.close();
  }
};

const unusable = (file: string, what: string, hint?: string): ProblemError =>
  new ProblemError('reference-unresolved', `${JSON.stringify(file)} ${what}`, { hint });
