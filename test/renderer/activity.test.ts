/** What AI clients have asked: shown as it comes, chosen, counted, and saved to a file. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { csvHead } from '../../shared/activity.ts';
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, activityOf, inUse, request, requests, server, snapshot } from './scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const region = (page: Page) => page.getByRole('main');
/** Of this screen alone: the one before it has a list as well. */
const rows = (page: Page) => page.locator('main.activity').getByRole('listitem');
/** Words of each row: what, whose, and what became of it. */
const told = (page: Page): Promise<string[][]> =>
  rows(page).evaluateAll((all) =>
    all.map((row) =>
      [...row.querySelectorAll('bdi, .request-outcome > p:first-child')].map(
        (one) => one.textContent ?? '',
      ),
    ),
  );

const chooseOutcome = (page: Page, name: string) =>
  page.getByRole('combobox', { name: 'Outcome' }).selectOption(name);

const answer = ({ drawbridge }: OpenWindow, entries: readonly ActivityEntry[]): void =>
  drawbridge.on('activity', ({ body }) => activityOf(entries, body as RouteBody<'activity'>));

const openActivity = async (entries = requests): Promise<OpenWindow> => {
  const open = await browser.open(inUse());
  answer(open, entries);
  await goTo(open.page, 'Activity');
  return open;
};

describe('what AI clients have asked', () => {
  test('is asked for once somebody looks, and shown with the newest first', async () => {
    await using open = await browser.open(inUse());
    answer(open, requests);
    await region(open.page).getByRole('heading', { name: 'Servers' }).waitFor();
    expect(open.drawbridge.calls).toEqual([]);
    await open.page.getByRole('link', { name: 'Activity' }).press('Enter');
    await rows(open.page).first().waitFor();
    expect((await told(open.page)).slice(0, 4)).toEqual([
      ['create_issue', 'tools/call', 'Claude', 'Linear (ada@example.org)', 'Answered'],
      ['update_issue', 'tools/call', 'Claude', 'Linear (grace@work.example)', 'Tool error'],
      ['tools/list', 'Cursor', 'Linear (ada@example.org)', 'Answered'],
      ['create_issue', 'tools/call', 'Cursor', 'Linear (ada@example.org)', 'Error -32602'],
    ]);
    await region(open.page).getByText('219 ms, 2.3 kB').waitFor();
    expect(open.complaints).toEqual([]);
  });

  test('is chosen by server, by AI client, and by what failed', async () => {
    await using open = await openActivity();
    const { page } = open;
    await rows(page).first().waitFor();
    await page.getByRole('combobox', { name: 'Server' }).selectOption('Public docs');
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.getByRole('combobox', { name: 'Server' }).selectOption('All');
    await page.getByRole('combobox', { name: 'AI client' }).selectOption('Cursor');
    await chooseOutcome(page, 'Only errors');
    await expect
      .poll(() => told(page).then((all) => all.map((row) => row.at(-1))))
      .toEqual(['Error -32602']);
    await page.getByRole('combobox', { name: 'Server' }).selectOption('Sentry');
    await region(page).getByText('Nothing of that kind is remembered.').waitFor();
    expect(open.drawbridge.calls.at(-1)?.body).toEqual({
      server: 'sentry',
      aiClient: 'Cursor',
      outcomes: ['tool-error', 'error'],
      span: 'day',
      limit: 50,
    });
  });

  test('is chosen by one outcome, and by a part of the tool or the method', async () => {
    await using open = await openActivity();
    const { page } = open;
    await rows(page).first().waitFor();
    await chooseOutcome(page, 'Cancelled');
    await expect.poll(() => told(page).then((all) => all.length)).toBe(1);
    await chooseOutcome(page, 'All');
    await page.getByRole('searchbox', { name: 'Tool or method' }).pressSequentially('ISSUE');
    await expect
      .poll(() => told(page).then((all) => all.map(([what]) => what)))
      .toEqual(['create_issue', 'update_issue', 'create_issue']);
    // What is drawn is of the same choice.
    await region(page).getByText('3 requests in the last 24 hours, 2 failed.').waitFor();
    await page.getByRole('searchbox').fill('resources/');
    await expect.poll(() => told(page).then((all) => all[0]?.[1])).toBe('resources/read');
    await page.getByRole('searchbox').fill('nothing of that name');
    await page.getByRole('button', { name: 'Show everything' }).press('Enter');
    await expect.poll(() => rows(page).count()).toBe(requests.length);
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
    const focused = await page.evaluate(() => document.activeElement?.textContent?.slice(0, 8));
    expect(focused).toBe('Requests');
  });

  test('is chosen by the link that leads there, and by one that names nobody known it is not', async () => {
    await using open = await openActivity();
    const { page } = open;
    await rows(page).first().waitFor();
    await page.goto(`${open.drawbridge.url}#/activity/docs`);
    await expect.poll(() => rows(page).count()).toBe(1);
    const chosen = page.getByRole('combobox', { name: 'Server' });
    expect(await chosen.inputValue()).toBe('docs');
    await page.goto(`${open.drawbridge.url}#/activity/nobody`);
    await expect.poll(() => rows(page).count()).toBe(requests.length);
    expect(await chosen.inputValue()).toBe('');
    await page.goto(`${open.drawbridge.url}#/servers/linear`);
    await page.getByRole('main').getByRole('link', { name: 'Activity' }).click();
    await page.getByRole('link', { name: 'All activity' }).click();
    await expect.poll(() => rows(page).count()).toBe(requests.length - 1);
    expect(new URL(page.url()).hash).toBe('#/activity/linear');
  });

  test('follows what comes, with the choice and the focus where they were', async () => {
    await using open = await openActivity();
    const { page, drawbridge } = open;
    await page.getByRole('combobox', { name: 'Outcome' }).focus();
    await chooseOutcome(page, 'Only errors');
    await expect.poll(() => rows(page).count()).toBe(3);
    answer(open, [request(100, { outcome: 'tool-error', name: 'brand_new' }), ...requests]);
    drawbridge.show(inUse(2));
    await region(page).getByText('brand_new').waitFor();
    expect(await rows(page).count()).toBe(4);
    const focused = await page.evaluate(() => (document.activeElement as HTMLSelectElement).value);
    expect(focused).toBe('failed');
    const before = drawbridge.calls.length;
    drawbridge.show(inUse(2));
    await page.waitForTimeout(200);
    expect(drawbridge.calls.length).toBe(before);
  });

  test('comes page by page, with the focus at the top of each', async () => {
    await using open = await openActivity(Array.from({ length: 120 }, (_, n) => request(120 - n)));
    const { page } = open;
    const turn = (name: string) => page.getByRole('button', { name, exact: true });
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.slice(0, 8));
    await page.getByText('1–50 of 120').waitFor();
    expect(await turn('Newer').getAttribute('aria-disabled')).toBe('true');
    await turn('Older').press('Enter');
    await page.getByText('51–100 of 120').waitFor();
    expect([await rows(page).count(), await focused()]).toEqual([50, 'Requests']);
    await turn('Older').press('Enter');
    await page.getByText('101–120 of 120').waitFor();
    expect(await rows(page).count()).toBe(20);
    expect(await turn('Older').getAttribute('aria-disabled')).toBe('true');
    expect(open.drawbridge.calls.at(-1)?.body).toMatchObject({ skip: 100, limit: 50 });
    await turn('Newer').press('Enter');
    await page.getByText('51–100 of 120').waitFor();
    // Another choice begins with its first page.
    await page.getByRole('searchbox').fill('create');
    await page.getByText('1–50 of 120').waitFor();
  });

  test('goes back to the last page there is when the others are forgotten', async () => {
    await using open = await openActivity(Array.from({ length: 120 }, (_, n) => request(120 - n)));
    const { page, drawbridge } = open;
    await page.getByText('1–50 of 120').waitFor();
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('51–100 of 120').waitFor();
    answer(open, [request(120), request(119)]);
    drawbridge.show(inUse(2));
    await page.getByText('1–2 of 2').waitFor();
    expect(await rows(page).count()).toBe(2);
  });

  test('is nothing yet, and says so without asking', async () => {
    await using open = await browser.open(snapshot([server('docs', 'Docs', [account('open')])]));
    await goTo(open.page, 'Activity');
    await region(open.page).getByText('No AI client has asked anything yet.').waitFor();
    expect(open.drawbridge.calls).toEqual([]);
    open.drawbridge.show(snapshot([]));
    await region(open.page).getByText('No AI client has asked anything yet.').waitFor();
    await goTo(open.page, 'Servers');
    await open.page.getByText('No servers yet').waitFor();
    expect(open.drawbridge.calls).toEqual([]);
  });

  test('that is awaited or cannot be had says so, and is tried again', async () => {
    await using open = await browser.open(inUse());
    const { page, drawbridge } = open;
    const wait = Promise.withResolvers<void>();
    drawbridge.on('activity', async () => {
      await wait.promise;
      throw new ProblemError('internal', 'something went wrong');
    });
    await goTo(page, 'Activity');
    await region(page).getByRole('status').getByText('Loading…').waitFor();
    wait.resolve();
    await region(page).getByRole('alert').getByText('Something went wrong.').waitFor();
    answer(open, requests);
    await region(page).getByRole('button', { name: 'Try again' }).click();
    await rows(page).first().waitFor();
    expect(await region(page).getByRole('alert').count()).toBe(0);
  });

  test('with names without end stays within the page', async () => {
    const long = 'A'.repeat(100);
    await using open = await browser.open(inUse(), { viewport: { width: 360, height: 700 } });
    answer(open, [request(1, { aiClient: long, name: long.repeat(2), method: long, code: long })]);
    await goTo(open.page, 'Activity');
    await rows(open.page).first().waitFor();
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});

describe('what is chosen', () => {
  const save = async (open: OpenWindow, name: string): Promise<[string, string]> => {
    const [download] = await Promise.all([
      open.page.waitForEvent('download'),
      open.page.getByRole('button', { name }).click(),
    ]);
    return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')];
  };

  test('is saved whole as CSV, the newest last', async () => {
    await using open = await openActivity(
      Array.from({ length: 60 }, (_, n) => request(60 - n, { name: n === 0 ? '=1+1' : `tool` })),
    );
    await open.page.getByText('1–50 of 60').waitFor();
    const [name, text] = await save(open, 'Save as CSV');
    const lines = text.trimEnd().split('\r\n');
    expect([name, lines[0], lines.length]).toEqual(['drawbridge-activity.csv', csvHead, 61]);
    expect(lines.at(-1)).toContain(",tools/call,'=1+1,");
    expect(open.complaints).toEqual([]);
  });

  test('is saved as JSON', async () => {
    await using open = await openActivity();
    await chooseOutcome(open.page, 'Only errors');
    await expect.poll(() => rows(open.page).count()).toBe(3);
    const [name, text] = await save(open, 'Save as JSON');
    expect([name, (JSON.parse(text) as ActivityEntry[]).map(({ id }) => id)]).toEqual([
      'drawbridge-activity.json',
      [80, 90, 97],
    ]);
  });
});

describe('the card of a server', () => {
  test('says which AI clients have used it, and when', async () => {
    await using open = await browser.open(inUse());
    const card = (name: string) => open.page.getByRole('article', { name });
    await card('Linear').getByText('Used by Claude and Cursor').waitFor();
    expect(await card('Linear').locator('.server-note').innerText()).toBe(
      'Used by Claude and Cursor · 2 min ago',
    );
    expect(await card('Public docs').locator('.server-note').innerText()).toBe('Last used 3 h ago');
    expect(await card('Sentry').locator('.server-note').count()).toBe(0);
  });
});
