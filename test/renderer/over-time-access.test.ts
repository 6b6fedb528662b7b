/** Activity and forecast for everyone: in every look. */
import { describe, expect, test } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { faults } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { hundredsAhead, manyRequests, monthAhead } from './long-scenes.ts';
import { activityOf, inUse, request, snapshot } from './scenes.ts';
import { goTo, type OpenWindow, scrollTo } from './window.ts';

const browser = browserOfTests();

describe('in any look', () => {
  const open = (shown: Snapshot): Promise<OpenWindow> =>
    browser.open(shown, { reducedMotion: 'reduce' });

  test('nothing is wrong with activity: drawn, pointed at, as a table, with more to come, and without any', async () => {
    await using opened = await open(inUse());
    const { page, drawbridge } = opened;
    const all = manyRequests(400);
    const answer = (entries = all): void =>
      drawbridge.on('activity', ({ body }) => activityOf(entries, body as RouteBody<'activity'>));
    answer();
    await goTo(page, 'Activity');
    await page.getByText('1–50 of 400').waitFor();
    await page.getByRole('slider').focus();
    expect(await faults(page)).toEqual([]);
    await page.getByText('Show as a table').click();
    await page.getByRole('table').waitFor();
    await scrollTo(page, 900);
    answer([request(401), ...all]);
    drawbridge.show(inUse(2));
    await page.getByRole('button', { name: '1 new request' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('searchbox').fill('nothing of that name');
    await page.getByText('Nothing of that kind').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('nothing is wrong with the forecast: of a month, of hundreds, and of nothing', async () => {
    await using opened = await open(monthAhead());
    const { page, drawbridge } = opened;
    await goTo(page, 'Forecast');
    await page.getByRole('region', { name: 'Needs you' }).waitFor();
    expect(await faults(page)).toEqual([]);
    drawbridge.show(hundredsAhead());
    await page.getByText('Show all').last().waitFor();
    expect(await faults(page)).toEqual([]);
    drawbridge.show(snapshot([]));
    await page.getByText('Nothing is known to come').waitFor();
    expect(await faults(page)).toEqual([]);
  });
});
