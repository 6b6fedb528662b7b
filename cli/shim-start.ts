/** How an AI client starts the shim of this installation: by absolute paths, since it has a PATH and a folder of its own. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ShimStart } from '../shared/contract/host.ts';

export const shimStart = (dataFolder: string): ShimStart => ({
  command: process.execPath,
  // Seen from dist/cli, where this is built into.
  args: [path.normalize(fileURLToPath(new URL('../shim.cjs', import.meta.url)))],
  ...(process.env['DRAWBRIDGE_DATA_DIR'] === undefined
    ? {}
    : { env: { DRAWBRIDGE_DATA_DIR: dataFolder } }),
});
