/** Rules for AI clients: each in a sentence, made in a form, and removed after one more question. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Rule, RuleWish } from '../../shared/contract/rules.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { eventually } from '../doubles/eventually.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { keyed, removal, ruled, server, signedIn, snapshot, someTools } from './scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const servers = [
  server('sentry', 'Sentry', [signedIn()], undefined, { usedBy: ['Claude'] }),
  server('linear', 'Linear', [signedIn(), signedIn({ id: 'work' })]),
];
const withRules = (rules: readonly Rule[]): Snapshot =>
  snapshot(servers, { ...keyed(), ...(rules.length === 0 ? {} : { rules: [...rules] }) });
const region = (page: Page) => page.getByRole('region', { name: 'Rules for AI clients' });
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent);
const calls = ({ drawbridge }: OpenWindow, name: string) =>
  drawbridge.calls.filter(({ route }) => route === name).map(({ body }) => body);

const open = async (rules: readonly Rule[] = []): Promise<OpenWindow> => {
  const opened = await browser.open(withRules(rules));
  opened.drawbridge.on('knownTools', () => ({ tools: someTools }));
  opened.drawbridge.on('addRule', ({ body }) => {
    const rule = { id: '00000000c1', ...(body as RuleWish) };
    opened.drawbridge.show(withRules([...rules, rule]));
    return { rule };
  });
  await goTo(opened.page, 'AI clients');
  return opened;
};
const adding = async (): Promise<OpenWindow> => {
  const opened = await open();
  await opened.page.getByRole('button', { name: 'Add rule' }).click();
  return opened;
};
const submit = (page: Page) => page.getByRole('form').getByRole('button', { name: 'Add rule' });

describe('rules', () => {
  test('are not spoken of where there is nothing to narrow', async () => {
    await using empty = await browser.open(snapshot([]));
    await empty.page.getByText('Add an MCP server').waitFor();
    expect(await region(empty.page).count()).toBe(0);
  });

  test('are shown in a sentence each', async () => {
    await using opened = await open(ruled());
    const rows = region(opened.page).locator('.rule');
    await rows.first().waitFor();
    expect(await rows.allInnerTexts()).toEqual([
      expect.stringMatching(
        /^Cursor\s+at sentry\s+00000000a1\s+Never delete_\*, drop_\?\s+Remove$/,
      ),
      expect.stringMatching(
        /^Every AI client\s+at linear\/work\s+00000000a2\s+Only reading\s+Remove$/,
      ),
      expect.stringMatching(
        /^nightly report\s+at every server\s+00000000a3\s+Only get_\*, list_\*, search\s+Asks before create_\*\s+Remove$/,
      ),
    ]);
    expect(opened.complaints).toEqual([]);
  });

  test('are removed after one more question, by keyboard, and the focus stays near', async () => {
    await using opened = await open(ruled());
    const { page, drawbridge } = opened;
    await page.getByRole('button', { name: /^Remove: Cursor at sentry/ }).press('Enter');
    await expect.poll(() => focused(page), eventually).toBe('Keep');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page), eventually).toMatch(/^Remove: Cursor/);
    await page.keyboard.press('Enter');
    drawbridge.on('remove', () => {
      drawbridge.show(withRules(ruled().slice(1)));
      return removal;
    });
    await page.getByRole('button', { name: 'Remove', exact: true }).press('Enter');
    await expect.poll(() => focused(page), eventually).toBe('Add rule');
    expect(calls(opened, 'remove')).toEqual([{ what: 'rule', id: '00000000a1' }]);
  });
});

describe('a new rule', () => {
  test('for everyone is made of patterns', async () => {
    await using opened = await adding();
    const { page } = opened;
    await page.getByLabel('Only these tools').fill('get_*, list_?  search');
    await page.getByLabel('Ask me before these tools').fill('search');
    await submit(page).press('Enter');
    await region(page).getByText('Only get_*, list_?, search').waitFor();
    expect(calls(opened, 'addRule')).toEqual([
      { allow: ['get_*', 'list_?', 'search'], approve: ['search'] },
    ]);
    await expect.poll(() => focused(page), eventually).toBe('Add rule');
    expect(opened.complaints).toEqual([]);
  });

  test('for one AI client at one account is made of what its tools are', async () => {
    await using opened = await adding();
    const { page } = opened;
    expect(await page.locator('datalist option').allTextContents()).toEqual([
      'Claude',
      'cursor',
      'nightly report',
    ]);
    await page.getByRole('combobox', { name: 'AI client' }).fill('cursor');
    await page.getByLabel('Server', { exact: true }).selectOption('Linear (work)');
    await expect
      .poll(() => calls(opened, 'knownTools'), eventually)
      .toEqual([{ server: 'linear/work' }]);
    await page.getByLabel('delete_project').selectOption('Off');
    await page.getByLabel('create_issue').selectOption('Ask me');
    await page.getByLabel('Only tools that change nothing').check();
    await submit(page).click();
    await region(page).getByText('Never delete_project').waitFor();
    expect(calls(opened, 'addRule')).toEqual([
      {
        ...{ aiClient: 'cursor', server: 'linear/work', readOnly: true },
        ...{ deny: ['delete_project'], approve: ['create_issue'] },
      },
    ]);
  });

  test('forgets what was chosen of another server', async () => {
    await using opened = await adding();
    const { page } = opened;
    const where = page.getByLabel('Server', { exact: true });
    await where.selectOption('sentry');
    await page.getByLabel('delete_project').selectOption('Off');
    await where.selectOption('linear');
    await expect
      .poll(() => page.getByLabel('delete_project').inputValue(), eventually)
      .toBe('free');
  });

  test('has to say something, in names of tools', async () => {
    await using opened = await adding();
    const { page } = opened;
    await submit(page).click();
    await page.getByRole('alert').getByText('The rule says nothing yet.').waitFor();
    await page.getByLabel('Never these tools').fill('x'.repeat(200));
    await submit(page).click();
    await page.getByText('These are no names of tools, or too many.').waitFor();
    expect(await page.getByLabel('Never these tools').getAttribute('aria-invalid')).toBe('true');
    expect(calls(opened, 'addRule')).toEqual([]);
  });

  test('that cannot be kept stays in the form, and why is said', async () => {
    await using opened = await adding();
    opened.drawbridge.on('addRule', () => {
      throw new ProblemError('cannot-save', 'the settings could not be saved');
    });
    await opened.page.getByLabel('Never these tools').fill('delete_*');
    await submit(opened.page).click();
    await opened.page.getByRole('alert').getByText('The settings could not be saved.').waitFor();
    expect(await opened.page.getByLabel('Never these tools').inputValue()).toBe('delete_*');
  });

  test('says so where no tool is known', async () => {
    await using opened = await adding();
    opened.drawbridge.on('knownTools', () => ({ tools: [] }));
    await opened.page.getByLabel('Server', { exact: true }).selectOption('sentry');
    await opened.page.getByText('None of its tools are known yet.').waitFor();
  });
});
