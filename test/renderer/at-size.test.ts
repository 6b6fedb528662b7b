/** Does the window stay quick with 300 servers, 20 AI clients and 10,000 requests, as the browser itself measures it? */
import { expect, test } from 'vitest';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { manyServers } from '../doubles/many-servers.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { type Waits, waitsOf, watchWaits } from './interactions.ts';
import { activityOf, request } from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

const entries = Array.from({ length: 10_000 }, (_one, place) =>
  request(10_000 - place, {
    at: Date.now() - place * 8_000,
    server: `server-${place % 300}`,
    aiClient: `AI client ${place % 20}`,
  }),
);

const withOneChanged = (snapshot: Snapshot, place: number, title: string): Snapshot => ({
  ...snapshot,
  servers: snapshot.servers.map((server, at) => (at === place ? { ...server, title } : server)),
});

/** What a person does with it, with news that comes in while they type. */
const use = async (count: number): Promise<Waits> => {
  const first = manyServers(count);
  await using open = await browser.open(first);
  const { page, drawbridge } = open;
  drawbridge.on('activity', ({ body }) => activityOf(entries, body as object));
  const cards = page.getByRole('main').locator('.servers > li');
  await expect.poll(() => cards.count()).toBe(count);
  await watchWaits(page);

  const search = page.getByRole('searchbox');
  if (count > 12) {
    await search.waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('server 29', { delay: 20 });
    await expect.poll(() => cards.count()).toBeLessThan(count / 10);
    await search.press('Escape');
    await expect.poll(() => cards.count()).toBe(count);
  }
  await page.getByRole('button', { name: 'Add server' }).click();
  const box = page.getByRole('textbox', { name: 'Server address' });
  await box.pressSequentially('https://mcp.', { delay: 20 });
  drawbridge.show(withOneChanged(first, 1, 'Renamed'));
  await box.pressSequentially('new.example/mcp', { delay: 20 });
  await page.getByRole('heading', { name: 'Renamed' }).waitFor();
  expect(await box.inputValue()).toBe('https://mcp.new.example/mcp');
  await page.getByRole('button', { name: 'Cancel' }).click();
  for (const screen of ['AI clients', 'Activity', 'Forecast', 'Settings', 'Servers']) {
    await goTo(page, screen);
    await page.locator('main:not([aria-busy])').waitFor();
  }
  await expect.poll(() => cards.count()).toBe(count);
  const waits = await waitsOf(page);
  expect(open.complaints).toEqual([]);
  return waits;
};

const said = ({ interactions, longTasks, most }: Waits): string =>
  `${interactions.length} interactions, the longest ${Math.max(0, ...interactions)} ms; ${longTasks.length} long tasks; at most ${most.toFixed(0)} ms`;

test('no interaction takes 100 ms, whatever else the machine does', {
  // What else runs there may hold up one series, a defect of ours each.
  retry: 4,
}, async () => {
  const few = await use(3);
  const many = await use(300);
  console.info(`3 servers: ${said(few)}\n300 servers: ${said(many)}`);
  expect(many.interactions.length).toBeGreaterThan(20);
  for (const { interactions, most } of [few, many])
    expect(Math.max(0, ...interactions)).toBeLessThanOrEqual(most);
});

test('a snapshot that changes one server draws one card', async () => {
  const first = manyServers(300);
  await using open = await browser.open(first);
  const { page, drawbridge } = open;
  const cards = page.getByRole('main').locator('.servers > li');
  await expect.poll(() => cards.count()).toBe(300);
  // Every account that is drawn writes its moments out in the person's calendar.
  await page.evaluate(() => {
    const counted = { moments: 0 };
    const own = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format');
    Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
      get() {
        counted.moments += 1;
        return own?.get?.call(this);
      },
    });
    Object.assign(window, { counted });
  });
  drawbridge.show(withOneChanged(first, 7, 'Renamed'));
  await page.getByRole('heading', { name: 'Renamed' }).waitFor();
  const moments = await page.evaluate(
    () => (window as unknown as { counted: { moments: number } }).counted.moments,
  );
  // Two accounts with two moments each, and the last use; some countdowns may have come to their next minute.
  expect(moments).toBeGreaterThan(3);
  expect(moments).toBeLessThan(60);
});

test('servers are searched by title, address and state, and found by keyboard', async () => {
  const first = manyServers(13);
  const servers = first.servers.map((server, place) =>
    place === 4
      ? {
          ...server,
          title: 'Wiki',
          accounts: [{ id: 'default', state: 'needs-sign-in' as const, since: Date.now() }],
        }
      : server,
  );
  await using open = await browser.open({ ...first, servers });
  const { page } = open;
  const titles = () => page.getByRole('article').getByRole('heading').allInnerTexts();
  await expect.poll(async () => (await titles()).length).toBe(13);
  await page.getByRole('searchbox').waitFor();
  await page.keyboard.press('/');
  for (const [words, found] of [
    ['wiki', ['Wiki']],
    ['SERVER-7.example', ['Server 7']],
    ['needs sign', ['Wiki']],
    ['ada-9@', ['Server 9']],
    ['nothing like it', []],
  ] as const) {
    await page.keyboard.press('Escape');
    await page.keyboard.type(words);
    await expect.poll(titles).toEqual(found);
  }
  await page.getByRole('status').getByText('No server has this').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(async () => (await titles()).length).toBe(13);
  // A slash where somebody types is a letter.
  await page.keyboard.type('a/b');
  expect(await page.getByRole('searchbox').inputValue()).toBe('a/b');
});

test('with a dozen servers there is nothing to search', async () => {
  await using open = await browser.open(manyServers(12));
  await expect.poll(() => open.page.getByRole('article').count()).toBe(12);
  expect(await open.page.getByRole('searchbox').count()).toBe(0);
});

test('a server far down the list has the focus again when the person comes back to it', async () => {
  await using open = await browser.open(manyServers(300));
  const { page } = open;
  await page.getByRole('button', { name: 'Sign-in settings: Server 250' }).click();
  await page.getByRole('article').first().waitFor({ state: 'detached' });
  await page.goBack();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent ?? ''))
    .toBe('Server 250');
  await expect.poll(() => page.getByRole('article').count()).toBe(300);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Server 250');
});
