/** Activity and forecast for everyone: in light and dark, wide, narrow and zoomed. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { hundredsAhead, manyRequests, monthAhead } from './long-scenes.ts';
import { activityOf, inUse, request, snapshot } from './scenes.ts';
import { type Browser, goTo, type OpenWindow, startBrowser } from './window.ts';

// A look at much, in a real browser on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());

const violations = async (page: Page): Promise<string[]> => {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
};
const width = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.each([
  ['light', 760],
  ['dark', 760],
  ['light', 360],
  ['dark', 360],
] as const)('in %s, %i px wide', (colorScheme, wide) => {
  const open = (shown: Snapshot): Promise<OpenWindow> =>
    browser.open(shown, {
      ...{ colorScheme, reducedMotion: 'reduce' as const },
      viewport: { width: wide, height: 700 },
    });

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
    expect(await violations(page)).toEqual([]);
    expect(await width(page)).toBe(0);
    await page.getByText('Show as a table').click();
    await page.getByRole('table').waitFor();
    await page.evaluate(() => scrollTo({ top: 900 }));
    answer([request(401), ...all]);
    drawbridge.show(inUse(2));
    await page.getByRole('button', { name: '1 new request' }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await width(page)).toBe(0);
    await page.getByRole('searchbox').fill('nothing of that name');
    await page.getByText('Nothing of that kind').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('nothing is wrong with the forecast: of a month, of hundreds, and of nothing', async () => {
    await using opened = await open(monthAhead());
    const { page, drawbridge } = opened;
    await goTo(page, 'Forecast');
    await page.getByRole('region', { name: 'Needs you' }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await width(page)).toBe(0);
    drawbridge.show(hundredsAhead());
    await page.getByText('Show all').last().waitFor();
    expect(await violations(page)).toEqual([]);
    drawbridge.show(snapshot([]));
    await page.getByText('Nothing is known to come').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
