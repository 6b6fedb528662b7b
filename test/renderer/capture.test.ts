/** Keeping what is said: begun only after reading what it means, seen as long as it goes on, and looked at on demand. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  activityOf,
  inUse,
  keeping,
  requests,
  saidIn,
  server,
  signedIn,
  snapshot,
} from './scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const first = requests[0]!;
const button = (page: Page, name: string) => page.getByRole('button', { name });
const called = ({ drawbridge }: OpenWindow, route: string) =>
  drawbridge.calls.filter((call) => call.route === route).map(({ body }) => body);
const lookBack = async (open: OpenWindow, captured: readonly number[] = []): Promise<void> => {
  open.drawbridge.on('activity', ({ body }) =>
    activityOf(requests, body as RouteBody<'activity'>, captured),
  );
  await goTo(open.page, 'Activity');
  await open.page.getByText('update_issue').waitFor();
};

test('it is off, and begins only where the person says so, for the server and the time they choose', async () => {
  await using open = await browser.open(inUse());
  const { page } = open;
  await lookBack(open);
  expect(await page.getByText('Drawbridge keeps what').count()).toBe(0);
  await button(page, 'Keep what is said for a while').click();
  await page.getByText('From now on arguments and results are kept as well').waitFor();
  await button(page, 'Not now').click();
  expect(called(open, 'startCapture')).toEqual([]);

  await button(page, 'Keep what is said for a while').click();
  await button(page, 'Keep it').click();
  await expect.poll(() => called(open, 'startCapture')).toEqual([{ forMs: 15 * 60_000 }]);

  await button(page, 'Keep what is said for a while').click();
  await page.getByRole('combobox', { name: 'Of which server' }).selectOption('Sentry');
  await page.getByRole('combobox', { name: 'For how long' }).selectOption('24 hours');
  await button(page, 'Keep it').click();
  await expect
    .poll(() => called(open, 'startCapture').at(-1))
    .toEqual({ server: 'sentry', forMs: 24 * 60 * 60_000 });
  expect(open.complaints).toEqual([]);
});

test('it can be begun before any AI client has asked anything', async () => {
  await using open = await browser.open(snapshot([server('sentry', 'Sentry', [signedIn()])]));
  await goTo(open.page, 'Activity');
  await button(open.page, 'Keep what is said for a while').click();
  await button(open.page, 'Keep it').click();
  await expect.poll(() => called(open, 'startCapture')).toHaveLength(1);
});

test('as long as it goes on the window says so first of all, and ends it on one click', async () => {
  await using open = await browser.open({ ...inUse(), ...keeping() });
  const { page, drawbridge } = open;
  await page.getByText('Drawbridge keeps what AI clients and servers say.').waitFor();
  await page.getByText(/^All servers: 1[34] min left$/).waitFor();
  await page.getByText(/^Linear: (239 min|3 h|4 h) left$/).waitFor();
  drawbridge.on('stopCapture', () => {
    throw new ProblemError('internal', 'no');
  });
  await button(page, 'Stop now').click();
  await page.getByRole('alert').waitFor();
  drawbridge.on('stopCapture', () => {
    drawbridge.show(inUse());
    return {};
  });
  await button(page, 'Stop now').click();
  await page.getByText('Drawbridge keeps what').waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
});

test('what was said is asked for when somebody looks, and shown as the text that it is', async () => {
  await using open = await browser.open({ ...inUse(), ...keeping() });
  const { page, drawbridge } = open;
  drawbridge.on('captured', () => saidIn(first));
  await lookBack(open, [first.id]);
  expect(called(open, 'captured')).toEqual([]);
  expect(await page.getByText('What was said', { exact: true }).count()).toBe(1);
  await page.getByText('What was said', { exact: true }).click();
  const asked = page.getByRole('textbox', { name: 'Asked' });
  await asked.waitFor();
  expect(await asked.inputValue()).toContain('"title": "The bridge <b>creaks</b>"');
  await page.getByText(/^Only the first [\d,]+ characters\.$/).waitFor();
  expect(called(open, 'captured')).toEqual([{ id: first.id }]);
  expect(open.complaints).toEqual([]);
});

test('what had to make room meanwhile is said to be gone', async () => {
  await using open = await browser.open({ ...inUse(), ...keeping() });
  open.drawbridge.on('captured', () => {
    throw new ProblemError('not-found', 'nothing is kept of what was said in that request');
  });
  await lookBack(open, [first.id]);
  await open.page.getByText('What was said', { exact: true }).click();
  await open.page.getByText('Nothing is kept of what was said in that request.').waitFor();
});

test('what is left after its end can be forgotten at once', async () => {
  await using open = await browser.open({ ...inUse(), capture: { running: [], holds: true } });
  await lookBack(open, [first.id]);
  expect(await open.page.getByText('Drawbridge keeps what').count()).toBe(0);
  await button(open.page, 'Forget it now').click();
  await expect.poll(() => called(open, 'forgetCaptured')).toHaveLength(1);
  open.drawbridge.show(inUse());
  await open.page.getByText('What was said', { exact: true }).waitFor({ state: 'detached' });
});
