/** Every deed of a person, in the app: everything is real, and built as it is shipped, but Electron itself. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reachBroker, startBroker, windowFiles } from '../../broker/broker.ts';
import {
  connectAndCall,
  type DeedWorld,
  narrowAndSet,
  secondAccount,
  signInAtLast,
  undoAndRename,
} from '../browser/deeds.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { life } from '../doubles/electron/life.ts';
import { noPolicy } from '../doubles/no-policy.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { chromiumAvailable } from '../servers/chromium.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { endShell, runShell, thePage } from './running-shell.ts';

const dist = path.join(import.meta.dirname, '..', '..', 'dist');
let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), 'drawbridge-app-'));
});
afterEach(async () => {
  await endShell();
  await rm(dataFolder, { recursive: true, force: true });
});
afterAll(closeChromium);

/** The app with a vault that needs no keychain, until it is quit. */
const runApp = () =>
  runShell({
    ...{ reachBroker, windowFiles, dataFolder },
    startBroker: (options, ports) =>
      startBroker(
        { ...options, passphrase: 'fake passphrase of a test', policy: noPolicy(dataFolder) },
        ports,
      ),
    paths: {
      preload: path.join(dist, 'electron', 'preload.cjs'),
      keychainChild: path.join(dist, 'keychain-child.cjs'),
      windowFolder: path.join(dist, 'renderer'),
      shim: path.join(dist, 'shim.cjs'),
      trayIcons: path.join(dist, 'assets', 'tray'),
    },
  });

it.skipIf(!chromiumAvailable())(
  'add, cancel, fail, retry, sign out and back, rename, accounts, connect, call, set, and a new start',
  { timeout: 120_000 },
  async () => {
    await using signInService = await startAuthorizationServer({ accessTokenSeconds: 600 });
    await using server = await startMcpServer({ authorizationServer: signInService });
    await runApp();
    const opened = async (press: () => Promise<void>): Promise<string> => {
      const before = life().opened.length;
      await press();
      await vi.waitFor(() => expect(life().opened).toHaveLength(before + 1), 10_000);
      return life().opened.at(-1) ?? '';
    };
    const world: DeedWorld = {
      page: thePage,
      guarded: server.url,
      answer: async (press, answer) => {
        await consentByScript(await opened(press), { deny: answer === 'Deny' });
      },
      leaveOpen: async (press) => void (await opened(press)),
      restart: async () => {
        await endShell();
        await runApp();
      },
      pageStays: false,
    };
    await signInAtLast(world);
    await undoAndRename(world);
    await secondAccount(world);
    await connectAndCall(world);
    await narrowAndSet(world);
    expect(life().errorBoxes).toEqual([]);
  },
);
