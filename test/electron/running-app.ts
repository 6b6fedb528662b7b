/**
 * Starts the shell over the real broker, with window, preload and shim as they are built. Not real are Electron itself, the
 * keychain, for which there is a passphrase, and a policy, of which there is none. The program as it is built is started in
 * built-main.test.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { reachBroker, startBroker, windowFiles } from '../../broker/broker.ts';
import type { ShellParts } from '../../electron/shell.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { noPolicy } from '../doubles/no-policy.ts';
import { endShell, runShell } from './running-shell.ts';

const dist = path.join(import.meta.dirname, '..', '..', 'dist');

/** Of the vault, in the app and wherever else it is opened. */
export const PASSPHRASE = 'fake passphrase of a test';

/** For each test of a file a data folder of its own, which an app that is started again finds as it was left. */
export const appOfTests = () => {
  let dataFolder: string;
  beforeEach(async () => {
    dataFolder = await mkdtemp(path.join(tmpdir(), 'drawbridge-app-'));
  });
  afterEach(async () => {
    await endShell();
    await rm(dataFolder, { recursive: true, force: true });
  });
  afterAll(closeChromium);

  const start: ShellParts['startBroker'] = (options, ports) =>
    startBroker({ ...options, passphrase: PASSPHRASE, policy: noPolicy(dataFolder) }, ports);
  return {
    dataFolder: () => dataFolder,
    /** Runs until it is quit; begins a broker of its own once `mayBegin`. */
    run: (mayBegin: () => Promise<void> = async () => undefined) =>
      runShell({
        ...{ reachBroker, windowFiles, dataFolder },
        startBroker: async (...parts) => {
          await mayBegin();
          return start(...parts);
        },
        paths: {
          preload: path.join(dist, 'electron', 'preload.cjs'),
          keychainChild: path.join(dist, 'keychain-child.cjs'),
          windowFolder: path.join(dist, 'renderer'),
          shim: path.join(dist, 'shim.cjs'),
          trayIcons: path.join(dist, 'assets', 'tray'),
        },
      }),
    /** Where the app has its shim, as an AI client is told of it. */
    shim: path.join(dist, 'shim.cjs'),
  };
};
