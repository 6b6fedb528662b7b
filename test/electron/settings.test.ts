/** What is set in the window of the app is there when the app is started again: the real broker, window and preload. */
import { expect, it } from 'vitest';
import { aiClients, shimEntry } from '../../shared/ai-clients.ts';
import { app } from '../doubles/electron/app.ts';
import { goTo } from '../renderer/window.ts';
import { chromiumAvailable } from '../servers/chromium.ts';
import { appOfTests } from './running-app.ts';
import { endShell, thePage } from './running-shell.ts';

const drawbridge = appOfTests();

it.skipIf(!chromiumAvailable())(
  'settings of the app and of the broker alike',
  { timeout: 60_000 },
  async () => {
    await drawbridge.run();
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
    await drawbridge.run();

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
    await drawbridge.run();
    const page = await thePage();
    const shim = await page.evaluate(async () => (await fetch('/api/host')).json());
    expect(shim).toMatchObject({
      ...{ dataFolder: drawbridge.dataFolder(), logFolder: app.getPath('logs') },
      shim: { args: [drawbridge.shim] },
    });
    const entry = shimEntry(shim.shim, '+all');
    expect(aiClients['cursor']?.text('drawbridge', entry)).toContain(drawbridge.shim);
  },
);
