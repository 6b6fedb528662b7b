/** Where a local socket can live: owner-only, and short enough for the platform. */
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The shortest limit of the platforms: macOS allows 103 bytes in a socket's path. */
const PATH_LIMIT = 100;

/**
 * An address for `net.listen`: a named pipe on Windows, else a path in a folder that only its owner may enter.
 *
 * A folder too deep for a socket path is replaced by one of ours in the system's temporary folder. Rejects when
 * that one belongs to somebody else: the guard against a planted folder that would let another user answer.
 */
export const socketPath = async (folder: string, name: string): Promise<string> => {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\drawbridge-${randomBytes(16).toString('hex')}-${name}`;
  const near = path.join(folder, 'run');
  const place =
    Buffer.byteLength(path.join(near, `${name}.sock`)) <= PATH_LIMIT
      ? near
      : path.join(
          tmpdir(),
          `drawbridge-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`,
        );
  await mkdir(place, { recursive: true, mode: 0o700 });
  // Not what a link points to: whoever planted the link could point it elsewhere later.
  const found = await lstat(place);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new Error(`${place} is open to other users`);
  }
  const socket = path.join(place, `${name}.sock`);
  // Only the holder of the instance lock gets here, so a socket found is a dead one.
  await rm(socket, { force: true });
  return socket;
};
