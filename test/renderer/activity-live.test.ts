/** Requests that come while somebody reads: nothing moves under their eyes, and nothing is slow among ten thousand. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { waitsOf, watchWaits } from './interactions.ts';
import { manyRequests } from './long-scenes.ts';
import { activityOf, inUse, keeping, request, requests, saidIn } from './scenes.ts';
import { goTo, type OpenWindow, scrollTo } from './window.ts';

const browser = browserOfTests();

/** Of this screen alone: the one before it has a list as well. */
const rows = (page: Page) => page.locator('main.activity').getByRole('listitem');
const answer = ({ drawbridge }: OpenWindow, entries: readonly ActivityEntry[]): void =>
  drawbridge.on('activity', ({ body }) => activityOf(entries, body as RouteBody<'activity'>));
const look = async (open: OpenWindow, entries: readonly ActivityEntry[]): Promise<void> => {
  answer(open, entries);
  await goTo(open.page, 'Activity');
  await rows(open.page).first().waitFor();
};
const fresh = [102, 101, 100].map((id) => request(id, { name: `fresh_${id}` }));
/** Three more requests end. */
const more = (open: OpenWindow, others: readonly ActivityEntry[] = requests): void => {
  answer(open, [...fresh, ...others]);
  open.drawbridge.show(inUse(2));
};
const newButton = (page: Page) => page.getByRole('button', { name: '3 new requests' });

describe('what comes', () => {
  test('stands at the top at once while nobody has scrolled', async () => {
    await using open = await browser.open(inUse());
    await look(open, requests);
    more(open);
    await open.page.getByText('fresh_102').waitFor();
    expect(await newButton(open.page).count()).toBe(0);
  });

  test('waits behind a button while somebody reads further down, and moves nothing', async () => {
    await using open = await browser.open(inUse());
    const { page } = open;
    await look(open, requests);
    const row = page.getByText('update_issue');
    await scrollTo(page, 200);
    const topOf = async () => (await row.boundingBox())?.y;
    const before = await topOf();
    more(open);
    await newButton(page).waitFor();
    expect([await topOf(), await page.getByText('fresh_102').count()]).toEqual([before, 0]);
    // The picture goes on all the same.
    await page.getByText('11 requests in the last 24 hours').waitFor();
    await newButton(page).press('Enter');
    await page.getByText('fresh_102').waitFor();
    expect(await newButton(page).count()).toBe(0);
    const focused = await page.evaluate(() => document.activeElement?.textContent?.slice(0, 8));
    expect(focused).toBe('Requests');
    expect(open.complaints).toEqual([]);
  });

  test('comes by itself again once they are back at the top', async () => {
    await using open = await browser.open(inUse());
    const { page } = open;
    await look(open, requests);
    await scrollTo(page, 200);
    more(open);
    await newButton(page).waitFor();
    await scrollTo(page, 0);
    await page.getByText('fresh_102').waitFor();
    expect(await newButton(page).count()).toBe(0);
  });

  test('waits while the focus is in the list', async () => {
    await using open = await browser.open(
      { ...inUse(), ...keeping() },
      { viewport: { width: 760, height: 2_000 } },
    );
    const { page, drawbridge } = open;
    const [first] = requests;
    const answerWith = (entries: readonly ActivityEntry[]): void =>
      drawbridge.on('activity', ({ body }) =>
        activityOf(entries, body as RouteBody<'activity'>, [first!.id]),
      );
    drawbridge.on('captured', () => saidIn(first!));
    answerWith(requests);
    await goTo(page, 'Activity');
    await page.locator('summary', { hasText: 'What was said' }).press('Enter');
    await page.getByRole('textbox', { name: 'Answered' }).waitFor();
    answerWith([...fresh, ...requests]);
    drawbridge.show({ ...inUse(2), ...keeping() });
    await newButton(page).waitFor();
    // Also while it goes from one thing in the list to the next.
    await page.getByRole('textbox', { name: 'Asked' }).focus();
    await page.keyboard.press('Tab');
    answerWith([request(103), ...fresh, ...requests]);
    drawbridge.show({ ...inUse(3), ...keeping() });
    await page.getByRole('button', { name: '4 new requests' }).waitFor();
    expect(await page.getByText('fresh_102').count()).toBe(0);
    await page.getByRole('combobox', { name: 'Server', exact: true }).focus();
    await page.getByText('fresh_102').waitFor();
  });

  test('leaves an older page as it is, and is counted by what is chosen', async () => {
    await using open = await browser.open(inUse());
    const { page } = open;
    const old = Array.from({ length: 99 }, (_, n) => request(99 - n, { name: `tool_${n}` }));
    await look(open, old);
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('51–99 of 99').waitFor();
    more(open, old);
    await newButton(page).waitFor();
    expect(await rows(page).first().textContent()).toContain('tool_50');
    await page.getByRole('searchbox').fill('tool_');
    await page.getByText('1–50 of 99').waitFor();
    await newButton(page).waitFor({ state: 'detached' });
  });
});

test('among ten thousand requests nothing keeps the person waiting for a tenth of a second', {
  // What else runs on the machine may hold up one series, a defect of ours each.
  retry: 3,
}, async () => {
  await using open = await browser.open(inUse());
  const { page } = open;
  await look(open, manyRequests(10_000));
  await page.getByText('1–50 of 10,000').waitFor();
  await watchWaits(page);
  await page.getByRole('searchbox').focus();
  await page.keyboard.type('issue');
  await page.getByText('1–50 of 5,000').waitFor();
  const older = page.getByRole('button', { name: 'Older' });
  await older.press('Enter');
  await page.getByText('51–100 of 5,000').waitFor();
  await older.press('Enter');
  await page.getByText('101–150 of 5,000').waitFor();
  await page.getByRole('radio', { name: 'Day' }).press('ArrowRight');
  await page.getByText('in the last 7 days').first().waitFor();
  const point = page.getByRole('slider');
  for (let n = 0; n < 10; n += 1) await point.press('ArrowLeft');
  await page.locator('summary', { hasText: 'Show as a table' }).press('Enter');
  await page.getByRole('table').waitFor();
  expect(await rows(page).count()).toBe(50);
  const { interactions, longTasks, most } = await waitsOf(page);
  expect(Math.max(0, ...interactions, ...longTasks)).toBeLessThan(most);
});
