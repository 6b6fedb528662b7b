/** Another user's program listens on the port of the window while Drawbridge is away: what does an open page hand to it? */
import type { IncomingHttpHeaders } from 'node:http';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROOF_HEADER, PROOF_PATH } from '../../shared/contract/window-proof.ts';
import { goTo } from '../renderer/window.ts';
import { type Chromium, chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { type Answer, startLoopbackServer } from '../servers/loopback-server.ts';
import { openStage, type Stage } from './stage.ts';

let chromium: Chromium;

beforeAll(async () => {
  if (chromiumAvailable()) chromium = await openChromium();
});
afterAll(() => chromium?.close());

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const offline = (page: Page) => page.getByText('Drawbridge is not answering').first();

/** How the program on the port behaves. */
const strangers: Readonly<Record<string, Answer>> = {
  'answers everything with a page': (_req, res) => void res.end('<h1>welcome</h1>'),
  'makes proofs up': (_req, res) =>
    void res.writeHead(204, { [PROOF_HEADER]: '0'.repeat(64) }).end(),
  'says nothing and keeps the connection': () => undefined,
};

/** Takes the port of a daemon that was stopped, and records what is asked there. */
const takePort = async (stage: Stage, answer: Answer) => {
  const asked: Asked[] = [];
  const server = await startLoopbackServer(
    () => (req, res) => {
      asked.push({ url: req.url ?? '', headers: req.headers });
      return answer(req, res);
    },
    Number(new URL(stage.drawbridge.listening().window).port),
  );
  return { asked, close: server.close };
};

const cookieOf = async ({ page, drawbridge }: Stage): Promise<string> => {
  const [found] = await page.context().cookies(`${drawbridge.listening().window}/api/events`);
  return `${found?.name}=${found?.value}`;
};

it.skipIf(!chromiumAvailable()).each(Object.entries(strangers))(
  'a page that is open sends no cookie to a program that %s, and goes on once Drawbridge is back',
  { timeout: 60_000 },
  async (_how, answer) => {
    await using stage = await openStage(chromium.browser);
    const { page, server, drawbridge } = stage;
    await drawbridge.run('add', server.url, '--id', 'there');
    await page.getByText('Needs sign-in').waitFor();
    // All of the window is loaded by then.
    await page.waitForTimeout(2_000);
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    const cookie = await cookieOf(stage);
    const at = drawbridge.listening().window;

    await drawbridge.stop();
    const stranger = await takePort(stage, answer);
    await offline(page).waitFor();
    // By itself, as the person comes back to the page, and as they press what they see.
    await expect.poll(() => stranger.asked.length).toBeGreaterThan(0);
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    expect(stranger.asked.filter(({ headers }) => 'cookie' in headers)).toEqual([]);
    await page
      .getByRole('button', { name: /^Sign in/ })
      .first()
      .click();
    await page.getByRole('alert').getByText('Check that it is still running').waitFor();
    await goTo(page, 'Settings');
    await goTo(page, 'Servers');
    await stranger.close();

    expect(stranger.asked.filter(({ url }) => !url.startsWith(PROOF_PATH))).toEqual([]);
    expect(stranger.asked.filter(({ headers }) => 'cookie' in headers)).toEqual([]);
    const [, value] = /^drawbridge-\w+=([\w-]{43})$/.exec(cookie) ?? [];
    expect(value).toBeDefined();
    expect(JSON.stringify(stranger.asked)).not.toContain(value);

    await drawbridge.start();
    expect(drawbridge.listening().window).toBe(at);
    await offline(page).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    await page
      .getByRole('button', { name: /^Sign in/ })
      .first()
      .waitFor();
  },
);

/** Stays at the address by a worker that answers for whoever has the port later. */
const settling: Answer = (req, res) => {
  if (req.url === '/deep/worker.js') {
    res.writeHead(200, { 'content-type': 'text/javascript', 'service-worker-allowed': '/' });
    return void res.end(`
      self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
      self.addEventListener('fetch', (event) => event.respondWith(
        new Response('<title>stranger</title>', { headers: { 'content-type': 'text/html' } }),
      ));
    `);
  }
  res.writeHead(200, { 'content-type': 'text/html' });
  return void res.end(`<script>
    navigator.serviceWorker.register('/deep/worker.js', { scope: '/' })
      .then(() => navigator.serviceWorker.ready).then(() => (document.title = 'settled'));
  </script>`);
};

it.skipIf(!chromiumAvailable())(
  'a service worker that such a program has left answers the next visit, and none after that',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, drawbridge } = stage;
    const at = drawbridge.listening().window;
    await drawbridge.stop();
    const stranger = await takePort(stage, settling);
    await page.goto(at);
    await expect.poll(() => page.title()).toBe('settled');
    await stranger.close();
    await drawbridge.start();

    const titleOf = async (): Promise<string> => {
      await page.goto(at);
      return page.title();
    };
    expect(await titleOf()).toBe('stranger');
    // Chromium looks a second after a visit, later with each other one that comes before.
    await expect.poll(titleOf, { interval: 3_000, timeout: 30_000 }).toContain('Drawbridge');
  },
);

it.skipIf(!chromiumAvailable())(
  'a page whose session was wiped in a terminal says so, and goes on after a new link in another tab',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, drawbridge } = stage;
    await page.getByRole('textbox').first().waitFor();
    const stolen = await cookieOf(stage);
    await drawbridge.run('wipe', '--yes');
    await page.getByRole('heading', { name: 'This page needs a new link' }).waitFor();

    const { stdout } = await drawbridge.run('open', '--json');
    const other = await page.context().newPage();
    await other.goto(/http:[^"\s]+/.exec(stdout)?.[0] ?? '');
    await other.getByRole('textbox').first().waitFor();
    await page.bringToFront();
    // Chromium does not tell a page without a window that the person has come back to it.
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await page.getByRole('textbox').first().waitFor();
    expect(await cookieOf(stage)).not.toBe(stolen);
  },
);

it.skipIf(!chromiumAvailable())(
  'a wipe in the window ends the cookie that a program may have, and the page goes on with another',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, drawbridge } = stage;
    await goTo(page, 'Settings');
    const stolen = await cookieOf(stage);
    await page.getByRole('button', { name: 'Wipe everything…' }).click();
    await page.getByRole('button', { name: 'Wipe everything', exact: true }).click();
    await page.getByText('Everything is wiped.').waitFor();
    await expect.poll(() => cookieOf(stage)).not.toBe(stolen);
    const at = new URL('/api/snapshot', drawbridge.listening().window);
    expect((await fetch(at, { headers: { cookie: stolen } })).status).toBe(401);

    await offline(page).waitFor({ state: 'detached' });
    await goTo(page, 'Servers');
    await page.getByRole('textbox').first().waitFor();
    expect(await page.getByRole('heading', { name: 'This page needs a new link' }).count()).toBe(0);
  },
);
