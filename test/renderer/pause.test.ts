/** A pause is seen first of all in the window, as long as it goes on, and ended there on one click. */
import { expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { inUse } from './scenes.ts';

const browser = browserOfTests();

test('it is said with the time left, and ended on one click', async () => {
  const since = Date.now();
  await using open = await browser.open({
    ...inUse(),
    pause: { since, until: since + 14.5 * 60_000 },
  });
  const { page, drawbridge } = open;
  await page.getByText(/^Drawbridge is paused\. 14 min left$/).waitFor();
  const resume = page.getByRole('button', { name: 'Resume' });
  drawbridge.on('resume', () => {
    throw new ProblemError('internal', 'no');
  });
  await resume.click();
  await page.getByRole('alert').waitFor();
  drawbridge.on('resume', () => {
    drawbridge.show(inUse());
    return {};
  });
  await resume.click();
  await page.getByText('Drawbridge is paused.').waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
  expect(open.complaints).toEqual([]);
});

test('one without an end says nothing of a time', async () => {
  await using open = await browser.open({ ...inUse(), pause: { since: Date.now() } });
  await open.page.getByText('Drawbridge is paused.', { exact: true }).waitFor();
  expect(
    await open.page.getByText('left').locator('visible=true').filter({ hasText: 'paused' }).count(),
  ).toBe(0);
});
