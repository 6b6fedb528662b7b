/** Credentials and secrets for everyone: every kind in every look, as it is and with what is wrong. */
import { describe, expect, test } from 'vitest';
import { credentialKinds } from '../../renderer/screens/credential/kinds.ts';
import { faults } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { minted } from './scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

// A look at every kind, in a real browser on a busy machine.

const browser = browserOfTests();

describe('in any look', () => {
  const open = async (): Promise<OpenWindow> => {
    const opened = await browser.open(minted(), { reducedMotion: 'reduce' });
    opened.drawbridge.on('secrets', () => ({ names: ['OLD_KEY', 'SEARCH_KEY'] }));
    return opened;
  };

  test('nothing is wrong with secrets, and with the settings of a credential', async () => {
    await using opened = await open();
    const { page } = opened;
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Remove: OLD_KEY' }).click();
    await page.getByRole('button', { name: 'Type it in: SNOWFLAKE_KEY' }).click();
    expect(await faults(page, 'main')).toEqual([]);
    await goTo(page, 'Servers');
    await page.getByRole('button', { name: 'Credential settings: Warehouse' }).click();
    await page.getByText('This secret is not in the vault.').waitFor();
    await page.getByRole('button', { name: /^Go back/ }).click();
    expect(await faults(page, 'main')).toEqual([]);
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
      expect([kind, await faults(page, '.add')]).toEqual([kind, []]);
    }
  });
});
