/** The real window in the shell: a link that is looked at, and what a person sets of the app itself. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { windowFiles } from '../../broker/broker.ts';
import type { Updater } from '../../electron/updates/updates.ts';
import { app } from '../doubles/electron/app.ts';
import { closeChromium } from '../doubles/electron/chromium.ts';
import { chooseInTray } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';
import { violations } from '../renderer/axe.ts';
import { goTo } from '../renderer/window.ts';
import { createFakeBroker } from './fake-broker.ts';
import { endShell, runShell, thePage, theWindow } from './running-shell.ts';
import { aServer, aSnapshot, ended } from './snapshots.ts';

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

// The first of this file, with whom Chromium starts.
it('comes up on the page of the server that a line of the tray is about, without loading anew', {
  timeout: 60_000,
}, async () => {
  const { broker, page } = await runWithWindow();
  broker.change(aSnapshot(aServer('linear', {}), aServer('sentry', {})));
  await page.getByRole('article', { name: 'Sentry' }).waitFor();
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));

  chooseInTray('Sentry: signed in');
  await page.getByRole('heading', { level: 2, name: 'Sentry' }).waitFor();
  chooseInTray('Sentry: signed in');
  chooseInTray('Linear: signed in');
  await page.getByRole('heading', { level: 2, name: 'Linear' }).waitFor();
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

it('shows the whole address of a link, and asks nobody before the person has', async () => {
  const { broker, page } = await runWithWindow();
  await page.getByRole('heading', { name: 'Drawbridge' }).waitFor();

  const url = `https://mcp.example.com/${'long/'.repeat(60)}end`;
  app.emit('open-url', { preventDefault: () => undefined }, `drawbridge://add?url=${url}`);

  const review = page.getByRole('region', { name: 'A link asks to add a server' });
  await review.getByText(url, { exact: true }).waitFor();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/servers');
  expect(await violations(page, '.review')).toEqual([]);
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

const settings = async () => {
  const page = await thePage();
  await goTo(page, 'Settings');
  return page.getByRole('region', { name: 'General' });
};
const toggle = (where: Locator, name: string) => where.getByRole('switch', { name });
/** The window as it is when it is opened anew. */
const openAnew = async () => {
  theWindow().destroy();
  app.emit('activate', {});
  return settings();
};

it('has nothing to start at login or to update in a clone, where neither could hold', async () => {
  const { page } = await runWithWindow();
  const general = await settings();
  await toggle(general, 'Notifications').waitFor();

  const view = await page.evaluate(async () => (await fetch('/api/shell')).json());

  expect(view).toEqual({ startHidden: false, notices: { on: true, quietAbout: [] } });
  expect(await page.getByText('Start when I log in').count()).toBe(0);
  expect(await page.getByRole('region', { name: 'Updates' }).count()).toBe(0);
});

it.skipIf(process.platform !== 'linux')('starts at login once that is switched on', async () => {
  life().isPackaged = true;
  await runWithWindow();
  const box = toggle(await settings(), 'Start when I log in');
  expect(await box.isChecked()).toBe(false);

  await box.click();

  await expect.poll(() => box.isChecked()).toBe(true);
  const anew = toggle(await openAnew(), 'Start when I log in');
  await expect.poll(() => anew.isChecked()).toBe(true);
});

it.skipIf(process.platform !== 'linux')(
  'says beside the switch what the system did not let be set, and leaves it as it was',
  async () => {
    life().isPackaged = true;
    const { page } = await runWithWindow();
    // Where the folder of what starts at login should be.
    writeFileSync(path.join(app.getPath('appData'), 'autostart'), 'a file');
    const general = await settings();

    await toggle(general, 'Start when I log in').click();

    await general.getByRole('alert').getByText('The system did not let this be set.').waitFor();
    expect(await toggle(general, 'Start when I log in').isChecked()).toBe(false);
    expect(await violations(page, '.settings')).toEqual([]);
  },
);

it('tells of nothing that is switched off, and of the rest, also when it is started again', async () => {
  const { broker } = await runWithWindow();
  const general = await settings();
  await toggle(general, 'A server needs a sign-in, or setting up').click();
  await expect
    .poll(() => toggle(general, 'A server needs a sign-in, or setting up').isChecked())
    .toBe(false);

  broker.change(aSnapshot(aServer('linear', {})));
  broker.change(aSnapshot(aServer('linear', ended)));
  broker.change(aSnapshot(aServer('linear', { endsSoon: true })));

  await until(() => expect(life().notified).toEqual(['Linear: the sign-in ends soon']));
  const anew = await openAnew();
  await expect
    .poll(() => toggle(anew, 'A server needs a sign-in, or setting up').isChecked())
    .toBe(false);
  expect(await toggle(anew, 'A server works again after trouble').isChecked()).toBe(true);
  await toggle(anew, 'Notifications').click();
  await expect.poll(() => anew.getByRole('switch').count()).toBe(2);
});

it('keeps the window closed at the start once that is switched on', async () => {
  await runWithWindow();
  const { folder } = life();
  const hidden = toggle(await settings(), 'Keep the window closed at the start');
  await hidden.click();
  await expect.poll(() => hidden.isChecked()).toBe(true);
  const file = path.join(folder, 'data', 'window', 'preferences.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ startHidden: true });
});

it('tells of a new version, and fetches it only when asked', async () => {
  const fetched = Promise.withResolvers<void>();
  const updater = {
    look: vi.fn(async () => '9.9.9'),
    fetch: vi.fn((onProgress: (share: number) => void): Promise<void> => {
      onProgress(0.5);
      return fetched.promise;
    }),
    install: vi.fn(() => app.quit()),
  };
  const { page } = await runWithWindow(updater);
  await goTo(page, 'Settings');
  await page.getByRole('switch', { name: 'Look for new versions once a day' }).click();

  await page.getByText('There is a newer version: Drawbridge 9.9.9.').waitFor();
  expect(await violations(page, '.notices')).toEqual([]);
  expect(updater.fetch).not.toHaveBeenCalled();
  updater.fetch.mockRejectedValueOnce(new Error('the disk is full'));
  await page.getByRole('button', { name: 'Fetch it' }).click();
  // Wherever in the window somebody is.
  await goTo(page, 'Servers');
  await page.getByText('New versions could not be looked for or fetched').waitFor();
  await page.getByRole('button', { name: 'Fetch it' }).click();
  const progress = page.getByRole('progressbar', { name: 'How much of it is here' });
  await expect.poll(() => progress.getAttribute('value')).toBe('0.5');
  expect(await violations(page, '.notices')).toEqual([]);
  fetched.resolve();
  const install = page.getByRole('button', { name: 'Quit and put it in place' });
  await install.waitFor();
  expect(life().phase).toBe('running');
  await install.click();

  await until(() => expect(life().phase).toBe('ended'));
});
