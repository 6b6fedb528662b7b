/** The real window in the shell: a link that is looked at, and what a person sets of the app itself. */
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { windowFiles } from '../../broker/broker.ts';
import type { Updater } from '../../electron/updates/updates.ts';
import { app } from '../doubles/electron/app.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { life } from '../doubles/electron/life.ts';
import { createFakeBroker } from './fake-broker.ts';
import { endShell, runShell, thePage, theWindow } from './running-shell.ts';

afterEach(endShell);
afterAll(closeChromium);

const dist = path.join(import.meta.dirname, '..', '..', 'dist', 'renderer');

/** The built window, before a broker that knows nothing but its snapshot. */
const runWithWindow = async (updater?: Updater) => {
  const broker = createFakeBroker();
  const files = windowFiles(dist);
  const desktop: typeof broker.desktop = (request) =>
    new URL(request.url).pathname.startsWith('/api/') ? broker.desktop(request) : files(request);
  await runShell({ startBroker: async () => ({ ...broker, desktop }), updater });
  return { broker, page: await thePage() };
};

it('shows the whole address of a link, and asks nobody before the person has', async () => {
  const { broker, page } = await runWithWindow();
  await page.getByRole('heading', { name: 'Drawbridge' }).waitFor();

  const url = `https://mcp.example.com/${'long/'.repeat(60)}end`;
  app.emit('open-url', { preventDefault: () => undefined }, `drawbridge://add?url=${url}`);

  const review = page.getByRole('region', { name: 'A link asks to add a server' });
  await review.getByText(url, { exact: true }).waitFor();
  await expect.poll(() => new URL(page.url()).hash).toBe('');
  expect((await new AxeBuilder({ page }).include('.review').analyze()).violations).toEqual([]);
  await review.getByRole('button', { name: 'Look at it' }).click();

  await expect.poll(() => page.getByRole('textbox').first().inputValue()).toBe(url);
  expect(await review.count()).toBe(0);
  expect(broker.deeds).toEqual([]);
  expect(life().opened).toEqual([]);
});

it('forgets a link that is dismissed, and takes the same one anew', async () => {
  const { page } = await runWithWindow();
  const link = 'drawbridge://add?url=https://mcp.example.com/mcp';
  const review = page.getByRole('region', { name: 'A link asks to add a server' });
  const follow = () => app.emit('open-url', { preventDefault: () => undefined }, link);
  follow();
  await review.getByRole('button', { name: 'Dismiss' }).click();
  await expect.poll(() => review.count()).toBe(0);

  follow();

  await review.waitFor();
  expect(await page.getByRole('textbox').first().inputValue()).toBe('');
});

it('has no settings of the app in a clone, where none of them could hold', async () => {
  const { page } = await runWithWindow();
  await page.getByRole('textbox').first().waitFor();

  const view = await page.evaluate(async () => (await fetch('/api/shell')).json());

  expect(view).toEqual({});
  expect(await page.getByText('Settings of this app').count()).toBe(0);
});

it.skipIf(process.platform !== 'linux')('starts at login once that is ticked', async () => {
  life().isPackaged = true;
  const { page } = await runWithWindow();
  await page.getByText('Settings of this app').click();
  const box = page.getByRole('checkbox', { name: 'Start when I log in, with the tray alone' });
  expect(await box.isChecked()).toBe(false);

  await box.click();

  await expect.poll(() => box.isChecked()).toBe(true);
  theWindow().destroy();
  app.emit('activate', {});
  const anew = await thePage();
  await anew.getByText('Settings of this app').click();
  await expect.poll(() => anew.getByRole('checkbox').isChecked()).toBe(true);
});

it('tells of a new version, and fetches it only when asked', async () => {
  const updater = {
    look: vi.fn(async () => '9.9.9'),
    fetch: vi.fn(async () => undefined),
    install: vi.fn(() => app.quit()),
  };
  const { page } = await runWithWindow(updater);
  await page.getByText('Settings of this app').click();
  await page.getByRole('checkbox', { name: 'Look for new versions once a day' }).click();

  await page.getByText('There is a newer version: Drawbridge 9.9.9.').waitFor();
  expect((await new AxeBuilder({ page }).include('.this-app').analyze()).violations).toEqual([]);
  expect(updater.fetch).not.toHaveBeenCalled();
  await page.getByRole('button', { name: 'Fetch it' }).click();
  const install = page.getByRole('button', { name: 'Quit and put it in place' });
  await install.waitFor();
  expect(life().phase).toBe('running');
  await install.click();

  await vi.waitFor(() => expect(life().phase).toBe('ended'));
});
