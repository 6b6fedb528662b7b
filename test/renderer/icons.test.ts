/** The picture of a server: drawn beside its title, and never in the place of it. */
import { expect, test } from 'vitest';
import { png } from '../doubles/png.ts';
import { faults } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { server, signedIn, snapshot } from './scenes.ts';
import { tellAll } from './server-scenes.ts';

const browser = browserOfTests();

const digest = 'a'.repeat(32);
const linear = { ...server('linear', 'Linear', [signedIn()]), icon: digest };
const sentry = server('sentry', 'Sentry', [signedIn()]);

test('stands in the list and on its page, and says nothing to a reader', async () => {
  await using open = await browser.open(snapshot([]));
  const { page, drawbridge } = open;
  tellAll(drawbridge);
  drawbridge.icons.set(digest, png(48, 48));
  drawbridge.show(snapshot([linear, sentry]));
  const card = page.getByRole('article', { name: 'Linear' });
  const picture = card.locator('img');
  await picture.waitFor();
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBe(48);
  const box = await picture.boundingBox();
  expect([box?.width, box?.height]).toEqual([34, 34]);
  expect(await page.getByRole('img').count()).toBe(0);
  expect(await page.getByRole('article', { name: 'Sentry' }).locator('.tile').innerText()).toBe(
    'S',
  );
  expect(await faults(page)).toEqual([]);
  await page.getByRole('link', { name: 'Linear' }).click();
  await page.locator('.server-page-head img').waitFor();
  expect(open.complaints).toEqual([]);
});

test.each([
  [
    'a program',
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="broken"</script></svg>',
    ),
  ],
  ['a page', Buffer.from('<!doctype html><script>parent.document.title="broken"</script>')],
  ['half a picture', png(48, 48).subarray(0, 40)],
  ['nothing', new Uint8Array()],
])('that is %s leaves the letter where it was', async (_name, bytes) => {
  await using open = await browser.open(snapshot([sentry]));
  const { page, drawbridge } = open;
  drawbridge.icons.set(digest, Uint8Array.from(bytes));
  drawbridge.show(snapshot([linear, sentry]));
  const tile = page.getByRole('article', { name: 'Linear' }).locator('.tile');
  await expect.poll(() => tile.innerText()).toBe('L');
  expect(await page.title()).toBe('Servers · Drawbridge');
  expect(await page.locator('.tile img').count()).toBe(0);
});
