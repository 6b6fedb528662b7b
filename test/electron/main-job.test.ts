/** The desktop program with everything real but Electron itself: broker, window, keychain, servers, browser engine. */
import path from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { reachBroker, startBroker, windowFiles } from '../../broker/broker.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { chooseInTray, trayLabels } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { chromiumAvailable } from '../servers/chromium.ts';
import { keyringAvailable, startKeyring } from '../servers/keyring.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { endShell, runShell, thePage } from './running-shell.ts';

afterEach(endShell);
afterEach(() => void vi.unstubAllEnvs());
afterAll(closeChromium);

const dist = path.join(import.meta.dirname, '..', '..', 'dist');

/** The shell over the real broker, with what `npm run build` built. */
const runDesktop = () =>
  runShell({
    ...{ startBroker, reachBroker, windowFiles },
    paths: {
      preload: path.join(dist, 'electron', 'preload.cjs'),
      keychainChild: path.join(dist, 'keychain-child.cjs'),
      windowFolder: path.join(dist, 'renderer'),
      shim: 'unused',
      trayIcons: path.join(dist, 'assets', 'tray'),
    },
  });

const addInWindow = async (address: string) => {
  const page = await thePage();
  await page.getByRole('textbox').first().fill(address);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByRole('button', { name: 'Add server' }).click();
  return page;
};

it.skipIf(!chromiumAvailable() || !keyringAvailable())(
  'adds a server, signs in with one click in the tray, and shows it in tray and window',
  { timeout: 60_000 },
  async () => {
    await using keyring = await startKeyring();
    for (const [name, value] of Object.entries(keyring.env)) vi.stubEnv(name, value);
    await using signInService = await startAuthorizationServer({ accessTokenSeconds: 60 });
    await using server = await startMcpServer({ authorizationServer: signInService });
    await runDesktop();
    const page = await addInWindow(server.url);
    await until(() => expect(trayLabels()).toContain('127.0.0.1: needs sign-in'));

    chooseInTray('Sign in to 127.0.0.1');

    const [address] = await until(() => {
      expect(life().opened).toHaveLength(1);
      return life().opened;
    });
    await consentByScript(address ?? '');
    await page.getByText('Signed in', { exact: true }).waitFor();
    await until(
      () => expect(trayLabels()[0]).toMatch(/^127\.0\.0\.1: signed in, \d+ s left$/),
      5000,
    );
    expect(await page.locator('body').innerText()).not.toContain('memory only');
    expect(life().opened).toHaveLength(1);
    expect(life().errorBoxes).toEqual([]);
  },
);
