/** The main job in a real browser: the real daemon, the real window, a real authorization server. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chromium, chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { addInWindow, openStage } from './stage.ts';

const screenshots = path.join(import.meta.dirname, '..', 'results', 'main-job');

let chromium: Chromium;

beforeAll(async () => {
  if (!chromiumAvailable()) return;
  await mkdir(screenshots, { recursive: true });
  chromium = await openChromium();
});
afterAll(() => chromium?.close());

it.skipIf(!chromiumAvailable()).each(['light', 'dark'] as const)(
  'adds by URL, signs in by clicks and counts down, without a reload (%s)',
  { timeout: 60_000 },
  async (scheme) => {
    await using stage = await openStage(chromium.browser, scheme);
    const { page, server, signInService, complaints } = stage;
    const shoot = (name: string) =>
      page.screenshot({ path: path.join(screenshots, `${name}-${scheme}.png`) });
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    await shoot('1-empty');

    await page.getByRole('textbox').first().fill(server.url);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByRole('button', { name: 'Add server' }).waitFor();
    await shoot('2-found');
    await page.getByRole('button', { name: 'Add server' }).click();
    await page.getByText('Needs sign-in').waitFor();
    await shoot('3-signed-out');

    const opening = page.context().waitForEvent('page');
    await page
      .getByRole('button', { name: /^Sign in/ })
      .first()
      .click();
    const consent = await opening;
    await consent.getByRole('button', { name: 'Allow' }).waitFor();
    await page.getByText('Signing in').waitFor();
    await shoot('4-signing-in');
    await consent.getByRole('button', { name: 'Allow' }).click();
    await consent.getByText('You are signed in').waitFor();

    await page.getByText('Signed in', { exact: true }).waitFor();
    const left = async () =>
      Number(/(\d+) s left/.exec(await page.locator('main').innerText())?.[1]);
    const first = await left();
    await shoot('5-signed-in');
    await expect.poll(left).toBeLessThan(first);
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    expect(signInService.count({ endpoint: 'token', grantType: 'authorization_code' })).toBe(1);
    expect(await consent.evaluate(() => window.opener)).toBeNull();
    expect(complaints).toEqual([]);
  },
);

it.skipIf(!chromiumAvailable())(
  'shows a refused sign-in, and the next one works',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, server } = stage;
    await addInWindow(page, server.url);

    for (const answer of ['Deny', 'Allow']) {
      const opening = page.context().waitForEvent('page');
      await page
        .getByRole('button', { name: /^Sign in/ })
        .first()
        .click();
      const consent = await opening;
      await consent.getByRole('button', { name: answer }).click();
      if (answer === 'Deny') {
        await page.locator('.note-message', { hasText: 'was told no' }).waitFor();
        await page.screenshot({ path: path.join(screenshots, '6-failed-light.png') });
      }
    }

    await page.getByText('Signed in', { exact: true }).waitFor();
    expect(await page.locator('.note-message', { hasText: 'was told no' }).count()).toBe(0);
  },
);

it.skipIf(!chromiumAvailable())(
  'a link that is used up opens the window where there is a session, and else says what to do',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, drawbridge, complaints } = stage;
    const { link } = drawbridge.listening();

    await page.goto(link);
    await page.getByRole('heading', { name: 'No servers yet' }).waitFor();
    expect(complaints).toEqual([]);

    const stranger = await chromium.browser.newContext();
    const lost = await stranger.newPage();
    await lost.goto(link);
    await lost.getByText('This page needs a new link').waitFor();
    await stranger.close();
  },
);

it.skipIf(!chromiumAvailable())('says so when the daemon stops', { timeout: 60_000 }, async () => {
  await using stage = await openStage(chromium.browser);
  const { page, drawbridge } = stage;

  await drawbridge.stop();

  await page
    .getByText(/not answering|does not answer|no answer/i)
    .first()
    .waitFor({ timeout: 15_000 });
});
