/** The vault sealed in the window with a passphrase, and opened there after a restart: the real daemon and window. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { filesIn } from '../doubles/files-in.ts';
import { goTo } from '../renderer/window.ts';
import { type Chromium, chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { openStage } from './stage.ts';

let chromium: Chromium;

beforeAll(async () => {
  if (chromiumAvailable()) chromium = await openChromium();
});
afterAll(() => chromium?.close());

const PHRASE = 'canary-fake-phrase-of-the-window';

it.skipIf(!chromiumAvailable())(
  'is sealed with a passphrase, asks for it after a restart, and has every sign-in again',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, server, drawbridge, complaints } = stage;
    await drawbridge.run('add', server.url, '--id', 'there');
    await drawbridge.signIn('there');
    await page.getByText('Signed in', { exact: true }).waitFor();

    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Change vault key…' }).click();
    await page.getByRole('radio', { name: 'From a passphrase' }).check();
    await page.getByLabel('Passphrase', { exact: true }).fill(PHRASE);
    await page.getByLabel('The same once more').fill(PHRASE);
    await page.getByRole('button', { name: 'Change key' }).click();
    await page.getByText('The vault is sealed with the new passphrase.').waitFor();
    expect((await drawbridge.snapshot()).vault).toEqual({ kind: 'passphrase', state: 'open' });
    expect(complaints).toEqual([]);

    await drawbridge.stop();
    await drawbridge.start();
    await page.goto(drawbridge.listening().link);
    await page.getByText('Waiting for the vault').waitFor();
    const box = page.getByLabel('Passphrase');
    await box.fill('canary-fake-phrase-with-a-slip');
    await page.keyboard.press('Enter');
    await page.getByText('This passphrase does not open the vault.').waitFor();
    await box.fill(PHRASE);
    await page.keyboard.press('Enter');
    await page.getByText('Signed in', { exact: true }).waitFor();
    await goTo(page, 'Forecast');
    await page.getByRole('button', { name: 'Renew all now' }).click();
    await page.getByText('The sign-in is renewed.').waitFor();

    const files = await filesIn(drawbridge.dataFolder);
    const texts = [...files.values()].map((bytes) => bytes.toString('latin1'));
    texts.push(drawbridge.printed(), JSON.stringify(await drawbridge.snapshot()));
    texts.push(await page.content());
    expect(texts.filter((text) => text.includes('canary-fake-phrase'))).toEqual([]);
    expect(texts.length).toBeGreaterThan(4);
  },
);
