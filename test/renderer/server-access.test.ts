/** The page of a server for everyone: axe finds nothing, nothing is cut off, and no mouse is needed. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import { faults } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  account,
  server,
  signedIn,
  signInRefused,
  snapshot,
  twoPeople,
  withCode,
} from './scenes.ts';
import { nothingKnown, tellAll, tool, tools } from './server-scenes.ts';

const browser = browserOfTests();

const linear = (...accounts: ServerView['accounts']) =>
  snapshot([server('linear', 'Linear', accounts)]);
const failed = account('needs-sign-in', {
  problem: signInRefused.problem,
  lastSignIn: { problem: signInRefused.problem, step: 'exchanging' },
});

describe('axe finds nothing in any look', () => {
  const isFine = async (page: Page): Promise<void> => {
    expect(await faults(page)).toEqual([]);
  };

  test('in facts, in being renamed, and in being removed', async () => {
    await using open = await browser.open(snapshot([twoPeople]), { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await page.goto(`${drawbridge.url}#/servers/linear`);
    await page.getByText('Access token', { exact: true }).click();
    await page.getByText('ID token', { exact: true }).click();
    await isFine(page);
    await page.getByRole('button', { name: 'Rename: Linear' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('');
    await page.keyboard.press('Enter');
    await page.getByText('Give it a name.').waitFor();
    await isFine(page);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Remove: Linear' }).click();
    await isFine(page);
  });

  test('in a sign-in with a code, in one that failed, and where nothing is known', async () => {
    await using open = await browser.open(linear(withCode), { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    tellAll(drawbridge, [], nothingKnown);
    await page.goto(`${drawbridge.url}#/servers/linear`);
    await page.getByText('WDJB-MJHT').first().waitFor();
    await page.getByRole('button', { name: 'Look now' }).waitFor();
    await isFine(page);
    drawbridge.show(linear(failed));
    await page.getByText('access was denied').first().waitFor();
    await isFine(page);
  });

  test('in tools, in what is wrong with a call, and in what came of one', async () => {
    await using open = await browser.open(linear(signedIn()), { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await page.goto(`${drawbridge.url}#/servers/linear/tools`);
    await page.locator('summary').nth(0).click();
    await page.locator('summary').nth(1).click();
    const form = page.getByRole('form').first();
    await form.getByRole('button', { name: 'Call' }).click();
    await page.getByText('The tool wants this.').waitFor();
    await isFine(page);
    await form.getByRole('textbox', { name: 'title' }).fill('x');
    await form.getByRole('combobox', { name: 'team' }).selectOption('0');
    await form.getByRole('button', { name: 'Call' }).click();
    await page.getByText('Answered in').waitFor();
    await page.getByText('The whole answer as JSON').click();
    await isFine(page);
    drawbridge.on('callTool', () => {
      throw new ProblemError('call-given-up', 'given up');
    });
    await form.getByRole('button', { name: 'Write it as JSON' }).click();
    await form.getByRole('button', { name: 'Call' }).click();
    await page.getByText('Given up.').waitFor();
    await isFine(page);
  });

  test('in prompts, resources and activity', async () => {
    await using open = await browser.open(linear(signedIn()), { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    tellAll(drawbridge);
    await page.goto(`${drawbridge.url}#/servers/linear/prompts`);
    await page.locator('summary').click();
    await isFine(page);
    await page.getByRole('link', { name: 'Resources' }).click();
    await page.locator('summary').first().click();
    await isFine(page);
    await page.getByRole('link', { name: 'Activity' }).last().click();
    await page.getByText('update_issue').waitFor();
    await isFine(page);
  });
});

test('forced colours keep the part that is shown apart from the others', async () => {
  await using open = await browser.open(linear(signedIn()), { forcedColors: 'active' });
  tellAll(open.drawbridge);
  await open.page.goto(`${open.drawbridge.url}#/servers/linear/tools`);
  await open.page.getByRole('searchbox').waitFor();
  const colours = await open.page
    .locator('.part')
    .evaluateAll((all) => all.map((one) => getComputedStyle(one).borderBottomColor));
  expect(new Set(colours).size).toBe(2);
});

test('at twice the size nothing is cut off', async () => {
  // What a window of 720 pixels shows at 200 %.
  await using open = await browser.open(linear(signedIn()), {
    viewport: { width: 360, height: 350 },
    own: { deviceScaleFactor: 2 },
  });
  const { page, drawbridge } = open;
  tellAll(drawbridge);
  await page.goto(`${drawbridge.url}#/servers/linear/tools`);
  await page.locator('summary').first().click();
  const button = page.getByRole('button', { name: 'Call', exact: true });
  await button.scrollIntoViewIfNeeded();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  expect(await button.isVisible()).toBe(true);
});

test('by keyboard alone: to the page, rename, a tool, a call, and back', async () => {
  const shown = linear(signedIn());
  await using open = await browser.open(shown);
  const { page, drawbridge } = open;
  tellAll(drawbridge, [tool('search', { inputSchema: tools[2]?.inputSchema })]);
  drawbridge.on('renameServer', () => {
    const renamed = server('linear', 'Issues', [signedIn()]);
    drawbridge.show(snapshot([renamed]));
    return { server: renamed };
  });
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      const label = element?.id ? document.querySelector(`label[for="${element.id}"]`) : null;
      return element?.getAttribute('aria-label') ?? label?.textContent ?? element?.textContent;
    });
  const press = async (key: string, then: string | RegExp): Promise<void> => {
    await page.keyboard.press(key);
    await expect
      .poll(focused, { message: `after ${key}` })
      .toMatch(typeof then === 'string' ? new RegExp(`^${then}$`) : then);
  };
  await page.getByRole('article').waitFor();
  await page.getByRole('link', { name: 'Linear' }).focus();
  // One stop, then the buttons beside it.
  await press('Tab', 'Sign-in settings: Linear');
  await press('Shift+Tab', 'Linear');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: 'Linear' }).waitFor();
  await press('Tab', 'Rename: Linear');
  await press('Enter', 'Name');
  await page.keyboard.type('Issues');
  await press('Enter', 'Rename: Issues');
  await press('Tab', 'Sign-in settings: Issues');
  await press('Tab', 'Remove: Issues');
  await press('Tab', 'Sign out: Issues');
  await press('Tab', 'Details');
  await press('Tab', /^Tools/);
  await page.keyboard.press('Enter');
  await page.getByRole('searchbox').waitFor();
  await press('Tab', /^Prompts/);
  await press('Tab', /^Resources/);
  await press('Tab', 'Activity');
  await press('Tab', 'Search tools');
  await press('Tab', 'search');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'query' }).waitFor();
  await press('Tab', 'query');
  await page.keyboard.type('bridge');
  await press('Tab', 'Write it as JSON');
  await press('Tab', 'Call');
  await press('Enter', 'Call');
  await page.getByText('Answered in').waitFor();
  expect(drawbridge.calls.find(({ route }) => route === 'callTool')?.body).toMatchObject({
    ...{ name: 'search', arguments: { query: 'bridge' } },
  });
  for (let stops = 0; (await focused()) !== 'Servers' && stops < 30; stops += 1)
    await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('article').waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('server-linear');
  expect(open.complaints).toEqual([]);
});
