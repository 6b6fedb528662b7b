/** Starts the whole shell over a fake broker, on the double of Electron, with the real preload. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { rememberLaunch } from '../../broker/broker.ts';
import { type ShellParts, startShell } from '../../electron/shell.ts';
import { app } from '../doubles/electron/app.ts';
import { pageOf } from '../doubles/electron/browser-window.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';
import { createFakeBroker, type FakeBroker } from './fake-broker.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** As the product builds it: one CommonJS file. */
const builtPreload = build({
  entryPoints: [path.join(root, 'electron/preload.ts')],
  write: false,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  external: ['electron'],
  logLevel: 'error',
});

const writePreload = async (): Promise<string> => {
  const file = path.join(life().folder, 'preload.cjs');
  const { outputFiles } = await builtPreload;
  writeFileSync(file, outputFiles[0]?.text ?? '');
  return file;
};

/** A shell that has started, or has given up. */
export const runShell = async (overrides: Partial<ShellParts> = {}): Promise<FakeBroker> => {
  const broker = createFakeBroker();
  const starting = startShell({
    startBroker: async () => broker,
    reachBroker: async () => broker.desktop,
    rememberLaunch,
    windowFiles: () => broker.desktop,
    dataFolder: path.join(life().folder, 'data'),
    paths: {
      preload: await writePreload(),
      keychainChild: path.join(import.meta.dirname, 'keychain-children/answers.cjs'),
      windowFolder: 'unused',
      shim: path.join(root, 'dist/shim.cjs'),
      trayIcons: path.join(root, 'assets/tray'),
    },
    ...overrides,
  });
  becomeReady();
  await starting;
  return broker;
};

export const theWindow = () => {
  const window = life().windows.find((candidate) => !candidate.isDestroyed());
  if (window === undefined) throw new Error('there is no window');
  return window;
};

export const thePage = () => pageOf(theWindow());

/** Quits as a person would, and clears everything away. */
export const endShell = async (): Promise<void> => {
  if (life().isReady && life().phase === 'running') {
    app.quit();
    await until(() => {
      if (life().phase !== 'ended') throw new Error('still running');
    });
  }
  await beginAnew();
};
