/** Calls that wait for the person: nobody misses them, a yes comes after looking, and each is answered once. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ApprovalView } from '../../shared/contract/rules.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { eventually } from '../doubles/eventually.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { asking, server, signedIn, snapshot, withArguments } from './scenes.ts';
import type { OpenWindow } from './window.ts';

const browser = browserOfTests();

const servers = [server('sentry', 'Sentry', [signedIn()])];
const calm = snapshot(servers);
const withCalls = (...approvals: ApprovalView[]): Snapshot =>
  snapshot(servers, approvals.length === 0 ? {} : { approvals });
const [first, second] = asking() as [ApprovalView, ApprovalView];
const region = (page: Page) => page.getByRole('region', { name: 'Waiting for you' });
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent);
const allowed = ({ drawbridge }: OpenWindow) =>
  drawbridge.calls.filter(({ route }) => route === 'answerApproval').map(({ body }) => body);

/** Once it can be pressed. */
const allowing = async (page: Page, tool: string) => {
  const button = page.getByRole('button', { name: `Allow once: ${tool}` });
  await expect.poll(() => button.getAttribute('aria-disabled'), eventually).toBeNull();
  return button;
};

const openCalm = async (): Promise<OpenWindow> => {
  const open = await browser.open(calm);
  open.drawbridge.on('approvalArguments', () => ({ text: withArguments, more: 0 }));
  await open.page.getByText('Sentry').first().waitFor();
  return open;
};

describe('a call that waits', () => {
  test('appears above everything, is said aloud, and takes the focus from nothing', async () => {
    await using open = await openCalm();
    const { page, drawbridge } = open;
    expect(await region(page).count()).toBe(0);
    await page.getByRole('button', { name: 'Add server' }).focus();
    drawbridge.show(withCalls(first));
    await region(page).waitFor();
    await expect
      .poll(() => page.getByRole('status').first().textContent(), eventually)
      .toContain('Cursor wants to call delete_project at Sentry. It waits for you');
    expect(await focused(page)).toBe('Add server');
    const place = await region(page).boundingBox();
    const main = await page.getByRole('main').boundingBox();
    expect(place?.y).toBeLessThan(main?.y ?? 0);
    expect(await region(page).innerText()).toMatch(
      /^Waiting for you\s+Cursor\s+wants to call\s+delete_project\s+at Sentry\s+4 min left/,
    );
    expect(open.complaints).toEqual([]);
  });

  test('shows what it would be made with, to the letter', async () => {
    await using open = await openCalm();
    open.drawbridge.show(withCalls(first));
    const shown = open.page.getByLabel('What delete_project is called with');
    expect((await shown.inputValue()).split('\n').slice(1, 4)).toEqual([
      '  "project": "web",',
      '  "reason": "It is \\u202eold",',
      '  "ids": [',
    ]);
    expect(open.drawbridge.calls).toEqual([
      { route: 'approvalArguments', params: {}, body: { id: first.id } },
    ]);
  });

  test('is also there in the settings of a server', async () => {
    await using open = await openCalm();
    await open.page.getByRole('button', { name: /Sign-in settings/ }).click();
    open.drawbridge.show(withCalls(first));
    await region(open.page).waitFor();
  });

  test('cannot be allowed before that is seen, but denied', async () => {
    await using open = await openCalm();
    const { page, drawbridge } = open;
    drawbridge.on('approvalArguments', () => new Promise(() => undefined));
    drawbridge.show(withCalls(first));
    const allow = page.getByRole('button', { name: 'Allow once: delete_project' });
    expect(await allow.getAttribute('aria-disabled')).toBe('true');
    await allow.press('Enter');
    expect(allowed(open)).toEqual([]);
    await page.getByRole('button', { name: 'Deny: delete_project' }).press('Enter');
    await expect.poll(() => allowed(open), eventually).toEqual([{ id: first.id, allow: false }]);
  });

  test('is answered by keyboard, once for a double-click, and the focus stays near', async () => {
    await using open = await openCalm();
    const { page, drawbridge } = open;
    drawbridge.on('answerApproval', ({ body }) => {
      drawbridge.show((body as { id: string }).id === first.id ? withCalls(second) : calm);
      return {};
    });
    drawbridge.show(withCalls(first, second));
    await (await allowing(page, 'delete_project')).press('Enter');
    await expect.poll(() => focused(page), eventually).toBe('Waiting for you');
    await expect
      .poll(() => page.getByRole('status').first().textContent(), eventually)
      .toContain('Cursor wants to call delete_project at Sentry: it waits no longer');
    await (await allowing(page, 'create_issue')).dblclick();
    await expect.poll(() => focused(page), eventually).toBe('Servers');
    expect(allowed(open)).toEqual([
      { id: first.id, allow: true },
      { id: second.id, allow: true },
    ]);
    expect(open.complaints).toEqual([]);
  });

  test('cannot be allowed by a click that was meant for the one before it', async () => {
    await using open = await openCalm();
    const { page, drawbridge } = open;
    drawbridge.show(withCalls(first, second));
    await allowing(page, 'delete_project');
    const below = await allowing(page, 'create_issue');
    const states = await below.evaluateHandle((button) => {
      const seen: (string | null)[] = [];
      new MutationObserver(() => seen.push(button.getAttribute('aria-disabled'))).observe(button, {
        attributes: true,
      });
      return seen;
    });
    drawbridge.show(withCalls(second));
    // As soon as it has moved up, and for a moment.
    await expect.poll(() => states.jsonValue(), eventually).toEqual(['true', null]);
    await (await allowing(page, 'create_issue')).click();
    await expect.poll(() => allowed(open), eventually).toEqual([{ id: second.id, allow: true }]);
  });

  test('that was answered elsewhere says so, and goes', async () => {
    await using open = await openCalm();
    const { page, drawbridge } = open;
    drawbridge.on('answerApproval', () => {
      throw new ProblemError('not-found', 'no call waits under "00000000b1"');
    });
    drawbridge.show(withCalls(first));
    await page.getByRole('button', { name: 'Deny: delete_project' }).click();
    await page.getByRole('alert').getByText('No call waits').waitFor();
    drawbridge.show(calm);
    await expect.poll(() => region(page).count(), eventually).toBe(0);
  });

  test('with names and arguments without end stays within the page', async () => {
    await using open = await browser.open(calm, { viewport: { width: 360, height: 700 } });
    open.drawbridge.on('approvalArguments', () => ({
      text: `{"x":"${'y'.repeat(16_000)}`,
      more: 99,
    }));
    open.drawbridge.show(withCalls({ ...first, tool: 't'.repeat(128), aiClient: 'A'.repeat(60) }));
    await open.page.getByText('99 more characters are not shown.').waitFor();
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
