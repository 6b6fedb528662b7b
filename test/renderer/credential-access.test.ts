/** Credentials and secrets for everyone: every kind in light and dark, wide and narrow, as it is and with what is wrong. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { credentialKinds } from '../../renderer/screens/credential/kinds.ts';
import { minted } from './scenes.ts';
import { type Browser, goTo, type OpenWindow, startBrowser } from './window.ts';

// A look at every kind, in a real browser on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());

const violations = async (page: Page, within: string): Promise<string[]> => {
  const { violations: found } = await new AxeBuilder({ page }).include(within).analyze();
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
};
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.each([
  ['light', 760],
  ['light', 360],
  ['dark', 760],
  ['dark', 360],
] as const)('in %s, %i px wide', (colorScheme, width) => {
  const open = async (): Promise<OpenWindow> => {
    const viewport = { width, height: 700 };
    const opened = await browser.open(minted(), { colorScheme, viewport, reducedMotion: 'reduce' });
    opened.drawbridge.on('secrets', () => ({ names: ['OLD_KEY', 'SEARCH_KEY'] }));
    return opened;
  };

  test('nothing is wrong with secrets, and with the settings of a credential', async () => {
    await using opened = await open();
    const { page } = opened;
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Remove: OLD_KEY' }).click();
    await page.getByRole('button', { name: 'Type it in: SNOWFLAKE_KEY' }).click();
    expect(await violations(page, 'main')).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await goTo(page, 'Servers');
    await page.getByRole('button', { name: 'Credential settings: Warehouse' }).click();
    await page.getByText('This secret is not in the vault.').waitFor();
    await page.getByRole('button', { name: /^Go back/ }).click();
    expect(await violations(page, 'main')).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });

  test('nothing is wrong with any kind', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.getByRole('button', { name: 'Add server' }).click();
    await page.getByRole('button', { name: 'It wants an API key or token' }).click();
    await page.getByRole('textbox', { name: 'Server address' }).fill('https://mcp.acme.example');
    for (const kind of Object.keys(credentialKinds)) {
      await page.getByLabel('What the server takes').selectOption(kind);
      const more = page.locator('form').getByText('More settings');
      if ((await more.count()) > 0) await more.click();
      // With what is wrong; where nothing is, it is tried.
      await page.getByRole('button', { name: 'Add server', exact: true }).click();
      expect([kind, await violations(page, '.add')]).toEqual([kind, []]);
      expect([kind, await overflow(page)]).toEqual([kind, 0]);
    }
  });
});
