/** Where the built files lie, seen from dist/electron/main.mjs. */
import path from 'node:path';
import { app } from 'electron';

export interface Paths {
  readonly preload: string;
  readonly keychainChild: string;
  readonly windowFolder: string;
  readonly trayIcons: string;
  /** Outside of the archive: AI clients start it. */
  readonly shim: string;
}

export const builtPaths = (here: string): Paths => ({
  preload: path.join(here, 'preload.cjs'),
  keychainChild: path.join(here, '..', 'keychain-child.cjs'),
  windowFolder: path.join(here, '..', 'renderer'),
  trayIcons: path.join(here, '..', 'assets', 'tray'),
  shim: app.isPackaged
    ? path.join(process.resourcesPath, 'shim.cjs')
    : path.join(here, '..', 'shim.cjs'),
});
