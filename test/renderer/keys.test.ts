/** The keys of AI clients for the HTTP door: shown with whose they are, told apart, and revoked after one more question. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { eventually } from '../doubles/eventually.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { keyed, removal, server, signedIn, snapshot } from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

const servers = [server('sentry', 'Sentry', [signedIn()])];
const region = (page: Page) => page.getByRole('region', { name: 'Seen so far' });
const keysIn = (page: Page) => region(page).getByRole('list', { name: 'Keys' });
const look = (page: Page) => goTo(page, 'AI clients');
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent);

/** The same without the first `count` keys. */
const without = (count: number): Snapshot => {
  const { keys = [], ...doors } = keyed().doors!;
  const left = keys.slice(count);
  return snapshot(servers, { doors: left.length === 0 ? doors : { ...doors, keys: left } });
};

describe('AI clients with a key', () => {
  test('are not spoken of while there are none, and appear with the first', async () => {
    await using open = await browser.open(snapshot(servers));
    await look(open.page);
    await open.page.getByText('No AI client has come in yet.').waitFor();
    expect(await region(open.page).count()).toBe(0);
    open.drawbridge.show(without(1));
    await keysIn(open.page).waitFor();
    expect(await keysIn(open.page).getByRole('listitem').count()).toBe(1);
    expect(open.complaints).toEqual([]);
  });

  test('are listed with what their keys open and when they were used last', async () => {
    await using open = await browser.open(without(0));
    await look(open.page);
    await keysIn(open.page).first().waitFor();
    const names = region(open.page).getByRole('heading', { level: 4 });
    expect(await names.allInnerTexts()).toEqual(['cursor', 'nightly report']);
    expect(await keysIn(open.page).getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^Key\s+0a1b2c3d4e\s+Every server\s+Last used 4 min ago\s+Revoke$/),
      expect.stringMatching(
        /^Key\s+5f60718293\s+Only sentry and github\/work\s+Never used\s+Revoke$/,
      ),
    ]);
  });

  test('are revoked after one more question, by keyboard, and the focus stays near', async () => {
    await using open = await browser.open(without(0));
    const { page, drawbridge } = open;
    await look(page);
    await page.getByRole('button', { name: 'Revoke: cursor 0a1b2c3d4e' }).press('Enter');
    await page.getByText('Revoke this key?').waitFor();
    expect([await focused(page), drawbridge.calls]).toEqual(['Keep', []]);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page), eventually).toBe('Revoke: cursor 0a1b2c3d4e');
    await page.keyboard.press('Enter');
    drawbridge.on('remove', () => {
      drawbridge.show(without(1));
      return removal;
    });
    await page.getByRole('button', { name: 'Revoke', exact: true }).press('Enter');
    await expect.poll(() => focused(page), eventually).toBe('Seen so far');
    expect(drawbridge.calls).toEqual([
      { route: 'remove', params: {}, body: { what: 'key', id: '0a1b2c3d4e' } },
    ]);
    expect(await keysIn(page).getByRole('listitem').count()).toBe(1);

    drawbridge.on('remove', () => {
      drawbridge.show(without(2));
      return removal;
    });
    await page.getByRole('button', { name: 'Revoke: nightly report' }).click();
    await page.getByRole('button', { name: 'Revoke', exact: true }).press('Enter');
    await expect.poll(() => focused(page), eventually).toBe('AI clients');
    expect(await region(page).count()).toBe(0);
    expect(open.complaints).toEqual([]);
  });

  test('stay when a key cannot be revoked, and why is said', async () => {
    await using open = await browser.open(without(0));
    open.drawbridge.on('remove', () => {
      throw new ProblemError('cannot-save', 'the settings could not be saved');
    });
    await look(open.page);
    await open.page.getByRole('button', { name: 'Revoke: cursor' }).click();
    await open.page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await open.page.getByRole('alert').getByText('The settings could not be saved.').waitFor();
    expect(await keysIn(open.page).getByRole('listitem').count()).toBe(2);
  });

  test('with names without end stay within the page', async () => {
    const long = 'A'.repeat(60);
    const many = Array.from({ length: 100 }, (_, n) => `server-${n}/${'b'.repeat(20)}`);
    const shown = snapshot(servers, {
      doors: { keys: [{ id: '0a1b2c3d4e', aiClient: long, madeAt: 0, usedAt: 0, servers: many }] },
    });
    await using open = await browser.open(shown, { viewport: { width: 360, height: 700 } });
    await look(open.page);
    await region(open.page).getByText('97 more').waitFor();
    await open.page.getByRole('button', { name: 'Revoke: AAA' }).click();
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
