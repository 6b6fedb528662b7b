/** How an AI client starts the shim that came with this app. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { ShimStart } from '../shared/contract/host.ts';

interface ShimParts {
  /** The shim, as a file of its own. */
  readonly shim: string;
  readonly env: NodeJS.ProcessEnv;
}

export const shimStart = ({ shim, env }: ShimParts): ShimStart => {
  const dataFolder = env['DRAWBRIDGE_DATA_DIR'];
  return {
    command: findNode(env),
    args: [shim],
    ...(dataFolder === undefined ? {} : { env: { DRAWBRIDGE_DATA_DIR: dataFolder } }),
  };
};

/** Beside what the desktop was started with, which on macOS is hardly anything. */
const usualFolders = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'];

/**
 * The full path of Node: an AI client has a PATH of its own, and Electron itself may not run scripts here. Its bare name
 * where there is none to be found.
 */
const findNode = (env: NodeJS.ProcessEnv): string => {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = [...(env['PATH'] ?? '').split(path.delimiter), ...usualFolders];
  return (
    folders
      .filter((folder) => path.isAbsolute(folder))
      .map((folder) => path.join(folder, file))
      .find(isProgram) ?? 'node'
  );
};

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us to run.
    return false;
  }
};
