/** The program as it is built, `dist/electron/main.mjs`: with nothing handed in, it starts, shows its window, and quits. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { app } from '../doubles/electron/app.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { becomeReady, trayLabels } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';
import { chromiumAvailable } from '../servers/chromium.ts';
import { keyringAvailable, startKeyring } from '../servers/keyring.ts';
import { endShell, thePage } from './running-shell.ts';

const dist = path.resolve(import.meta.dirname, '../../dist');

const folders: string[] = [];
afterEach(endShell);
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
afterAll(closeChromium);

// In a keyring of its own: the program would ask for the person's.
it.skipIf(!chromiumAvailable() || !keyringAvailable())(
  'shows its first screen over a vault in the keychain, and leaves nothing running',
  { timeout: 60_000 },
  async () => {
    await using keyring = await startKeyring();
    for (const [name, value] of Object.entries(keyring.env)) vi.stubEnv(name, value);
    const dataFolder = await mkdtemp(path.join(tmpdir(), 'drawbridge-built-'));
    folders.push(dataFolder);
    vi.stubEnv('DRAWBRIDGE_DATA_DIR', dataFolder);

    await import(path.join(dist, 'electron', 'main.mjs'));
    becomeReady();

    await until(() => expect(life().windows).toHaveLength(1), 15_000);
    const page = await thePage();
    await page.getByText('No servers yet', { exact: true }).waitFor();
    const host = await page.evaluate(async () => (await fetch('/api/host')).json());
    expect(host).toMatchObject({ dataFolder, shim: { args: [path.join(dist, 'shim.cjs')] } });
    await expect.poll(() => existsSync(path.join(dataFolder, 'launch.json'))).toBe(true);
    expect(await page.locator('body').innerText()).not.toContain('memory only');
    expect(trayLabels()).toContain('Quit');

    app.quit();

    await until(() => expect(life().phase).toBe('ended'), 15_000);
    expect(life().errorBoxes).toEqual([]);
    expect(life().handlers.size).toBe(0);
    expect(life().children.every(({ pid }) => pid === undefined)).toBe(true);
  },
);
