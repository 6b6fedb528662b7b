/** The link to the broker: it drops, it comes back, it asks for a session. */
import type { Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { browserOfTests } from './browser-of-tests.ts';
import { account, server, signedIn, snapshot } from './scenes.ts';

const browser = browserOfTests();

const linear = snapshot([server('linear', 'Linear', [account('needs-sign-in')])]);
const offline = 'Drawbridge is not answering';

test('a dropped stream shows a banner, keeps the list, and mends itself', async () => {
  await using open = await browser.open(linear);
  const { page, drawbridge } = open;
  await page.getByText('Needs sign-in').waitFor();
  drawbridge.setReachable(false);
  drawbridge.dropStreams();
  await page.getByText(offline).waitFor();
  await page.getByRole('heading', { name: 'Linear' }).waitFor();
  drawbridge.show(snapshot([server('linear', 'Linear', [signedIn()])]));
  drawbridge.setReachable(true);
  await page.getByText('ada@example.org').waitFor();
  await page.getByText(offline).waitFor({ state: 'detached' });
  expect(open.complaints).toEqual([]);
});

test('a stream that drops again and again is not asked for without a pause', async () => {
  await using open = await browser.open(linear);
  const { page, drawbridge } = open;
  await page.getByText('Needs sign-in').waitFor();
  const at: number[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/events')) at.push(performance.now());
  });
  drawbridge.setReachable(false);
  const dropped = performance.now();
  drawbridge.dropStreams();
  await expect.poll(() => at.length).toBe(2);
  // After half a second, and a whole one more; it is told with some delay.
  expect((at[1] ?? 0) - dropped).toBeGreaterThan(1_250);
  const tryNow = page.getByRole('button', { name: 'Try now' });
  for (const tries of [3, 4, 5, 6]) {
    await tryNow.click();
    await expect.poll(() => at.length).toBeGreaterThanOrEqual(tries);
  }
  drawbridge.setReachable(true);
  await tryNow.click();
  // By itself it would be tried again after ten seconds.
  await page.getByText(offline).waitFor({ state: 'detached', timeout: 5_000 });
});

test('a snapshot of a form this window does not know is not shown, and does no harm', async () => {
  await using open = await browser.open(linear);
  await open.page.route('**/api/events', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: 'data: {"revision":"new"}\n\n' }),
  );
  await open.page.reload();
  await open.page.getByText(offline).waitFor();
  expect(open.complaints).toEqual([]);
});

test('a page without a session says how to get one, and goes on once there is one', async () => {
  await using open = await browser.open(linear);
  const { page, drawbridge } = open;
  drawbridge.setSession(false);
  await page.reload();
  await page.getByRole('heading', { name: 'This page needs a new link' }).waitFor();
  await page.getByText('drawbridge open', { exact: true }).waitFor();
  const opened = drawbridge.streamsOpened();
  drawbridge.setSession(true);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Linear' }).waitFor();
  expect(drawbridge.streamsOpened()).toBe(opened + 1);
  expect(open.complaints).toEqual([]);
});

test('a session that ends while the page is open is noticed by the next deed', async () => {
  await using open = await browser.open(linear);
  await open.page.getByText('Needs sign-in').waitFor();
  open.drawbridge.setSession(false);
  await open.page.getByRole('button', { name: 'Sign in: Linear' }).click();
  await open.page.getByText('drawbridge open', { exact: true }).waitFor();
});

test('a deed while nothing answers says so in place', async () => {
  await using open = await browser.open(linear);
  await open.page.getByText('Needs sign-in').waitFor();
  await open.page.route('**/sign-in', (route) => route.abort());
  await open.page.getByRole('button', { name: 'Sign in: Linear' }).click();
  await open.page.getByRole('alert').getByText('Check that it is still running').waitFor();
});

test('a screen that could not be loaded says so, and comes once Drawbridge is back', async () => {
  await using open = await browser.open(linear);
  const { page, drawbridge } = open;
  await page.route('**/settings-screen*', (route) => route.abort());
  await page.goto(`${drawbridge.url}#/settings`);
  await page.reload();
  await page.getByText('cannot be shown').waitFor();
  drawbridge.setReachable(false);
  drawbridge.dropStreams();
  await page.getByText(offline).waitFor();
  await page.unroute('**/settings-screen*');
  drawbridge.setReachable(true);
  await page.getByRole('button', { name: 'Change vault key…' }).waitFor();
});

test('a screen that was asked for while Drawbridge was away, and failed when it was back, comes', async () => {
  await using open = await browser.open(linear);
  const { page, drawbridge } = open;
  const part = '**/settings-screen*';
  await page.route(part, (route) => route.abort());
  await page.goto(`${drawbridge.url}#/settings`);
  await page.reload();
  await page.getByText('cannot be shown').waitFor();
  await page.unroute(part);
  const asked = Promise.withResolvers<Route>();
  await page.route(part, asked.resolve, { times: 1 });
  drawbridge.setReachable(false);
  drawbridge.dropStreams();
  await page.getByText(offline).waitFor();
  const early = await asked.promise;
  drawbridge.setReachable(true);
  await page.getByText(offline).waitFor({ state: 'detached' });
  await early.abort();
  await page.getByRole('button', { name: 'Change vault key…' }).waitFor({ timeout: 5_000 });
});
