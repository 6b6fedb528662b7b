/** What is set in the window of the app is there when the app is started again: the real broker, window and preload. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { reachBroker, startBroker, windowFiles } from '../../broker/broker.ts';
import { aiClients, shimEntry } from '../../shared/ai-clients.ts';
import { app } from '../doubles/electron/app.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { noPolicy } from '../doubles/no-policy.ts';
import { goTo } from '../renderer/window.ts';
import { chromiumAvailable } from '../servers/chromium.ts';
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
      shim: '/opt/drawbridge/shim.cjs',
      trayIcons: path.join(dist, 'assets', 'tray'),
    },
  });

it.skipIf(!chromiumAvailable())(
  'settings of the app and of the broker alike',
  { timeout: 60_000 },
  async () => {
    await runApp();
    const page = await thePage();
    await goTo(page, 'Settings');
    const general = page.getByRole('region', { name: 'General' });
    await general.getByRole('switch', { name: 'A server works again after trouble' }).click();
    await expect
      .poll(() => general.getByRole('switch', { name: 'A server works again' }).isChecked())
      .toBe(false);
    await page.getByRole('button', { name: 'Change: Not through the proxy' }).click();
    await page.getByRole('textbox', { name: 'Not through the proxy' }).fill('.acme.example');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('.acme.example', { exact: true }).waitFor();
    await page.getByRole('group', { name: 'Log' }).getByText(app.getPath('logs')).waitFor();

    await endShell();
    await runApp();

    const anew = await thePage();
    await goTo(anew, 'Settings');
    await anew.getByText('.acme.example', { exact: true }).waitFor();
    const later = anew.getByRole('region', { name: 'General' });
    expect(await later.getByRole('switch', { name: 'A server works again' }).isChecked()).toBe(
      false,
    );
    expect(await later.getByRole('switch', { name: 'A call waits' }).isChecked()).toBe(true);
  },
);

it.skipIf(!chromiumAvailable())(
  'the window shows the entry that the tray copies',
  { timeout: 60_000 },
  async () => {
    await runApp();
    const page = await thePage();
    const shim = await page.evaluate(async () => (await fetch('/api/host')).json());
    expect(shim).toMatchObject({
      ...{ dataFolder, logFolder: app.getPath('logs') },
      shim: { args: ['/opt/drawbridge/shim.cjs'] },
    });
    const entry = shimEntry(shim.shim, '+all');
    expect(aiClients['cursor']?.text('drawbridge', entry)).toContain('/opt/drawbridge/shim.cjs');
  },
);
