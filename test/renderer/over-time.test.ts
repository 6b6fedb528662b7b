/** What requests come to over time: drawn, pointed at, told in words, and as numbers. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { activityOf, inUse, request } from './scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const HOUR = 60 * 60_000;
const region = (page: Page) => page.getByRole('region', { name: 'Over time' });
const look = async (entries: readonly ActivityEntry[]): Promise<OpenWindow> => {
  const open = await browser.open(inUse());
  open.drawbridge.on('activity', ({ body }) => activityOf(entries, body as RouteBody<'activity'>));
  await goTo(open.page, 'Activity');
  await region(open.page).waitFor();
  return open;
};
const some = (): ActivityEntry[] => [
  request(99, { at: Date.now(), durationMs: 200 }),
  request(98, { at: Date.now() - 3 * HOUR, outcome: 'error', durationMs: 5 }),
  request(97, { at: Date.now() - 3 * HOUR, durationMs: 1_200 }),
  request(96, { at: Date.now() - 3 * 24 * HOUR, durationMs: 90 }),
];
/** The heights of the bars that there are. */
const bars = (page: Page, name: string): Promise<number[]> =>
  region(page)
    .locator(`rect.${name}`)
    .evaluateAll((all) => all.map((bar) => Number(bar.getAttribute('height'))));

describe('the charts', () => {
  test('are pictures that are told in words as well', async () => {
    await using open = await look(some());
    const { page } = open;
    await region(page).getByText('3 requests in the last 24 hours, 1 failed.').waitFor();
    const labels = await region(page)
      .getByRole('img')
      .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    expect(labels).toEqual([
      expect.stringMatching(
        /^Requests: 3 requests in the last 24 hours, 1 failed\. Most of them, 2, in the hour from .+\.$/,
      ),
      expect.stringMatching(/^Errors: 33 % failed\. Most, 50 %, in the hour from .+\.$/),
      expect.stringMatching(
        /^Latency: Half were answered within 200 ms, 95 % within 1\.2 s\. The longest 95 % took was 1\.2 s, in the hour from .+\.$/,
      ),
    ]);
    expect(await bars(page, 'bar-calls')).toEqual([40, 20]);
    expect(await bars(page, 'bar-failed')).toEqual([40]);
    expect((await bars(page, 'bar-median')).map(Math.round)).toEqual([40, 7]);
    expect(open.complaints).toEqual([]);
  });

  test('are of an hour, a day or a week', async () => {
    await using open = await look(some());
    const { page } = open;
    await region(page).getByRole('radio', { name: 'Day' }).press('ArrowRight');
    await region(page).getByText('4 requests in the last 7 days, 1 failed.').waitFor();
    expect(await region(page).getByRole('radio', { name: 'Week' }).isChecked()).toBe(true);
    await region(page).getByText('Hour', { exact: true }).click();
    await region(page).getByText('1 request in the last hour, none failed.').waitFor();
    expect(open.drawbridge.calls.at(-1)?.body).toMatchObject({ span: 'hour' });
    // The list is of all that is remembered.
    expect(await page.getByRole('main').getByRole('listitem').count()).toBe(4);
  });

  test('tell of the moment that is pointed at', async () => {
    await using open = await look(some());
    const { page } = open;
    const sums = () => region(page).locator('.chart-title .chart-sum').allInnerTexts();
    await expect.poll(sums).toEqual(['3', '33 %', '1.2 s', '200 ms']);
    const box = await region(page).getByRole('slider').boundingBox();
    if (box === null) throw new Error('there is nothing to point at');
    const pointAt = (hour: number) =>
      page.mouse.move(box.x + ((hour + 0.5) / 24) * box.width, box.y + box.height / 2);
    await pointAt(20);
    await expect.poll(sums).toEqual(['2', '50 %', '1.2 s', '1.2 s']);
    await pointAt(10);
    await expect.poll(sums).toEqual(['0', '0 %', '–', '–']);
    await page.mouse.move(0, 0);
    await expect.poll(sums).toEqual(['3', '33 %', '1.2 s', '200 ms']);
  });

  test('tell of each moment by keyboard, and to a screen reader', async () => {
    await using open = await look(some());
    const slider = region(open.page).getByRole('slider', { name: 'Moment' });
    const said = () => slider.getAttribute('aria-valuetext');
    await slider.focus();
    expect(await said()).toMatch(
      /^.+ to .+: 1 request\. Half were answered within 200 ms, 95 % within 200 ms\.$/,
    );
    for (let n = 0; n < 3; n += 1) await slider.press('ArrowLeft');
    expect(await said()).toMatch(/: 2 requests, 1 failed\. Half were answered within 1\.2 s/);
    await slider.press('Home');
    expect(await said()).toMatch(/: no request\.$/);
  });

  test('are a table for who wants the numbers', async () => {
    await using open = await look(some());
    const { page } = open;
    expect(await page.getByRole('table').count()).toBe(0);
    await region(page).locator('summary').press('Enter');
    const table = region(page).getByRole('table', { name: '3 requests in the last 24 hours' });
    await table.waitFor();
    const cells = (row: number) => table.getByRole('row').nth(row).locator('td').allInnerTexts();
    expect(await table.getByRole('row').count()).toBe(25);
    expect([await cells(24), await cells(21), await cells(1)]).toEqual([
      ['1', '0', '200 ms', '200 ms'],
      ['2', '1', '1.2 s', '1.2 s'],
      ['0', '0', '–', '–'],
    ]);
  });

  test('without a request are a sentence, and the way to another span', async () => {
    await using open = await look([request(1, { at: Date.now() - 30 * HOUR })]);
    const { page } = open;
    await region(page).getByText('No request in the last 24 hours.').waitFor();
    expect(await region(page).getByRole('img').count()).toBe(0);
    await region(page).getByText('Week', { exact: true }).click();
    await region(page).getByText('1 request in the last 7 days').first().waitFor();
  });
});
