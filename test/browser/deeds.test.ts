/** Every deed of a person, in a real browser before the real daemon. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chromium, chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { type DeedWorld, everyDeed } from './deeds.ts';
import { openStage } from './stage.ts';

let chromium: Chromium;

beforeAll(async () => {
  if (chromiumAvailable()) chromium = await openChromium();
});
afterAll(() => chromium?.close());

it.skipIf(!chromiumAvailable())(
  'add, cancel, fail, retry, sign out and back, rename, accounts, connect, call, watch over, set, a new start without a reload, and the end of everything',
  { timeout: 120_000 },
  async () => {
    await using stage = await openStage(chromium.browser, 'light', { accessTokenSeconds: 600 });
    const { page, server, drawbridge, complaints } = stage;
    const opened = async (press: () => Promise<void>) => {
      const opening = page.context().waitForEvent('page');
      await press();
      return opening;
    };
    const world: DeedWorld = {
      page: async () => page,
      dataFolder: () => drawbridge.dataFolder,
      guarded: server.url,
      answer: async (press, answer) => {
        const consent = await opened(press);
        await consent.getByRole('button', { name: answer }).click();
        // What lies behind another page is drawn once a second.
        await page.bringToFront();
      },
      leaveOpen: async (press) => {
        const consent = await opened(press);
        await consent.getByRole('button', { name: 'Allow' }).waitFor();
        await consent.close();
      },
      pause: () => drawbridge.run('pause'),
      restart: async (meanwhile) => {
        await drawbridge.stop();
        await meanwhile(page);
        await drawbridge.start();
      },
      pageStays: true,
    };
    await everyDeed(world);
    // While the daemon was away the page has asked for it, which Chromium reports.
    const away = /ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)/;
    expect(complaints.filter((one) => !away.test(one))).toEqual([]);
  },
);
