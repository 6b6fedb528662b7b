/** Where the built files lie, seen from dist/electron/main.mjs. */
import path from 'node:path';

export interface Paths {
  readonly preload: string;
  readonly keychainChild: string;
  readonly windowFolder: string;
  readonly trayIcons: string;
}

export const builtPaths = (here: string): Paths => ({
  preload: path.join(here, 'preload.cjs'),
  keychainChild: path.join(here, '..', 'keychain-child.cjs'),
  windowFolder: path.join(here, '..', 'renderer'),
  trayIcons: path.join(here, '..', 'assets', 'tray'),
});
