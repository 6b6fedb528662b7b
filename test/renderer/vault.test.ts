/** What a closed vault asks of the person, and wiping everything. */
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import { browserOfTests } from './browser-of-tests.ts';
import type { ControlDouble } from './control-double.ts';
import {
  behind,
  lockedVault,
  memoryVault,
  olderVault,
  passphraseVault,
  server,
  signedIn,
  snapshot,
} from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

/** What was done; what a screen asks for by itself is not. */
const deeds = ({ calls }: ControlDouble) =>
  calls.filter(({ route }) => ['openVault', 'sealVault', 'wipe'].includes(route));

const open = { kind: 'keychain', state: 'open' } as const;
const well = snapshot([server('linear', 'Linear', [signedIn()])]);

describe('a closed vault', () => {
  test('is told once, and no account asks for a sign-in or for setting up', async () => {
    await using shown = await browser.open(behind(lockedVault));
    const { page } = shown;
    await page.getByText('Waiting for the vault').first().waitFor();
    await page.getByText('The keychain is locked.').waitFor();
    expect(await page.getByText('The keychain is locked.').count()).toBe(1);
    expect(
      await page
        .getByRole('article')
        .getByRole('button', { name: /sign (in|out)$/i })
        .count(),
    ).toBe(0);
    expect(await page.getByText(/needs (sign|setting)/i).count()).toBe(0);
    expect(shown.complaints).toEqual([]);
  });

  test('is opened again on demand, with the focus on the list afterwards', async () => {
    await using shown = await browser.open(behind(lockedVault));
    const { page, drawbridge } = shown;
    drawbridge.on('openVault', () => {
      drawbridge.show(well);
      return open;
    });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('ada@example.org').waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Servers');
    expect(drawbridge.calls).toEqual([
      { route: 'openVault', params: {}, body: { acceptOlder: false } },
    ]);
  });

  test('that stays closed for the same reason is not told twice', async () => {
    await using shown = await browser.open(behind(lockedVault));
    const { page, drawbridge } = shown;
    drawbridge.on('openVault', () => {
      throw new ProblemError('vault-locked', lockedVault.problem.message);
    });
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => drawbridge.calls.length).toBe(1);
    await page.locator('button[aria-disabled]').waitFor({ state: 'detached' });
    expect(await page.getByText('The keychain is locked.').count()).toBe(1);
  });

  test('that is being opened asks for nothing', async () => {
    const problem = { code: 'vault-opening', message: 'the vault is not open yet' } as const;
    await using shown = await browser.open(behind({ kind: 'keychain', state: 'closed', problem }));
    await shown.page.getByText('Opening the saved sign-ins…').waitFor();
    expect(await shown.page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  test('for an older file: it is used after one more question, and not by a slip', async () => {
    await using shown = await browser.open(behind(olderVault));
    const { page, drawbridge } = shown;
    drawbridge.on('openVault', () => {
      drawbridge.show(well);
      return open;
    });
    const button = page.getByRole('button', { name: 'Use this older file' });
    await button.click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Leave it closed');
    await page.keyboard.press('Escape');
    await expect
      .poll(() => button.evaluate((element) => element === document.activeElement))
      .toBe(true);
    expect(drawbridge.calls).toEqual([]);

    await button.click();
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('ada@example.org').waitFor();
    expect(drawbridge.calls).toEqual([
      { route: 'openVault', params: {}, body: { acceptOlder: true } },
    ]);
  });

  test('for any other reason offers no older file', async () => {
    await using shown = await browser.open(behind(lockedVault));
    await shown.page.getByRole('button', { name: 'Try again' }).waitFor();
    expect(await shown.page.getByRole('button', { name: 'Use this older file' }).count()).toBe(0);
  });
});

describe('a vault that is sealed with a passphrase', () => {
  const PHRASE = 'fake phrase of a test';

  test('is opened by typing it, with the focus on the list afterwards', async () => {
    await using shown = await browser.open(behind(passphraseVault));
    const { page, drawbridge } = shown;
    const box = page.getByRole('textbox', { name: 'Passphrase' });
    expect([await box.getAttribute('type'), await box.getAttribute('autocomplete')]).toEqual([
      'password',
      'off',
    ]);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await box.fill(PHRASE);
    expect(await page.content()).not.toContain(PHRASE);
    drawbridge.on('openVault', () => {
      drawbridge.show(well);
      return { kind: 'passphrase', state: 'open' };
    });
    await page.keyboard.press('Enter');
    await page.getByText('ada@example.org').waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Servers');
    expect(drawbridge.calls).toEqual([
      { route: 'openVault', params: {}, body: { passphrase: PHRASE } },
    ]);
    expect(shown.complaints).toEqual([]);
  });

  test('stays closed with the wrong one, which is not left in its field, and may be tried again', async () => {
    await using shown = await browser.open(behind(passphraseVault));
    const { page, drawbridge } = shown;
    drawbridge.on('openVault', () => {
      throw new ProblemError('vault-wrong-key', 'this passphrase does not open the vault');
    });
    const box = page.getByRole('textbox', { name: 'Passphrase' });
    const opener = page.getByRole('button', { name: 'Open', exact: true });
    await opener.click();
    expect(drawbridge.calls).toEqual([]);
    await box.fill('wrong');
    await opener.click();
    await page.getByRole('alert').getByText('This passphrase does not open the vault.').waitFor();
    await page.getByText('Nothing is lost.').waitFor();
    expect(await box.inputValue()).toBe('');
    await expect
      .poll(() => box.evaluate((element) => element === document.activeElement))
      .toBe(true);

    await page.keyboard.type('another');
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    await page.keyboard.press('Enter');
    await expect.poll(() => drawbridge.calls.length).toBe(2);
  });

  test('asks for nothing while its key is only in the keychain, and is another', async () => {
    const other = { ...passphraseVault, kind: 'keychain' } as const;
    await using shown = await browser.open(behind(other));
    await shown.page.getByRole('button', { name: 'Try again' }).waitFor();
    expect(await shown.page.getByRole('textbox', { name: 'Passphrase' }).count()).toBe(0);
  });
});

describe('another key for the vault', () => {
  const change = { name: 'Change vault key…' };
  const PHRASE = 'fake phrase of a test';

  test('a fresh one in the keychain is two presses away, by keyboard', async () => {
    await using shown = await browser.open(well);
    const { page, drawbridge } = shown;
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = document;
        const name = activeElement?.getAttribute('aria-labelledby') ?? '';
        return (document.getElementById(name) ?? activeElement)?.textContent;
      });
    drawbridge.on('sealVault', () => open);
    await goTo(page, 'Settings');
    await page.getByRole('button', change).press('Enter');
    await expect.poll(focused).toBe('In the keychain');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('Change vault key…');
    expect(deeds(drawbridge)).toEqual([]);

    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('In the keychain');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The vault has a new key in the keychain.').waitFor();
    expect(deeds(drawbridge)).toEqual([
      { route: 'sealVault', params: {}, body: { kind: 'keychain' } },
    ]);
    await expect.poll(focused).toBe('Close');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('Change vault key…');
    expect(shown.complaints).toEqual([]);
  });

  test('a passphrase is typed twice, the same both times, and is not left in its fields', async () => {
    await using shown = await browser.open(well);
    const { page, drawbridge } = shown;
    const sealed = Promise.withResolvers<void>();
    drawbridge.on('sealVault', async () => {
      await sealed.promise;
      throw new ProblemError('cannot-save', 'the vault cannot be written: the disk is full');
    });
    await goTo(page, 'Settings');
    await page.getByRole('button', change).click();
    await page.getByRole('radio', { name: 'From a passphrase' }).check();
    const [box, again] = [
      page.getByLabel('Passphrase', { exact: true }),
      page.getByLabel('The same once more'),
    ];
    const submit = page.getByRole('button', { name: 'Change key' });
    expect([await box.getAttribute('type'), await again.getAttribute('autocomplete')]).toEqual([
      'password',
      'new-password',
    ]);
    await submit.click();
    await page.getByText('Type a passphrase.').waitFor();
    await box.fill(PHRASE);
    await again.fill('another');
    await submit.click();
    await page.getByText('These are two different passphrases.').waitFor();
    expect([await again.getAttribute('aria-invalid'), deeds(drawbridge)]).toEqual(['true', []]);

    await again.fill(PHRASE);
    expect(await page.content()).not.toContain(PHRASE);
    await submit.click();
    await page.getByRole('button', { name: 'Changing…' }).waitFor();
    expect([await box.inputValue(), await again.inputValue()]).toEqual(['', '']);
    // Its outcome has to be told.
    await page.keyboard.press('Escape');
    sealed.resolve();
    await page
      .getByRole('alert')
      .getByText('The vault cannot be written: the disk is full.')
      .waitFor();
    expect(deeds(drawbridge)).toEqual([
      { route: 'sealVault', params: {}, body: { kind: 'passphrase', passphrase: PHRASE } },
    ]);
  });

  test('tells what was left behind', async () => {
    await using shown = await browser.open(well);
    const { page, drawbridge } = shown;
    drawbridge.on('sealVault', () => ({
      ...open,
      problem: {
        code: 'vault-remains',
        message: 'the vault has a new key, but its old one could not be removed yet',
      },
    }));
    await goTo(page, 'Settings');
    await page.getByRole('button', change).click();
    await page.getByRole('button', { name: 'Change key' }).click();
    await page.getByText('its old one could not be removed yet.').waitFor();
  });

  test('is a lasting place for a vault in memory, and nothing for a closed one', async () => {
    await using shown = await browser.open(snapshot([], { vault: memoryVault }));
    await goTo(shown.page, 'Settings');
    await shown.page.getByRole('button', change).click();
    await shown.page.getByText('outlast Drawbridge').waitFor();
    expect(await shown.page.getByRole('radio', { name: 'From a passphrase' }).isChecked()).toBe(
      true,
    );

    await using closed = await browser.open(behind(lockedVault));
    await goTo(closed.page, 'Settings');
    await closed.page.getByRole('button', { name: 'Wipe everything…' }).waitFor();
    expect(await closed.page.getByRole('button', change).count()).toBe(0);
  });
});

describe('wiping everything', () => {
  const wipe = { name: 'Wipe everything…' };

  test('asks once more, with the focus on the harmless answer', async () => {
    await using shown = await browser.open(well);
    const { page, drawbridge } = shown;
    await goTo(page, 'Settings');
    await page.getByRole('button', wipe).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Keep');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Wipe everything…');
    expect(deeds(drawbridge)).toEqual([]);
  });

  test('tells what came of it, server by server, and what is left', async () => {
    await using shown = await browser.open(well);
    const { page, drawbridge } = shown;
    drawbridge.on('wipe', () => ({
      accounts: [
        { server: 'linear', account: 'default', revoked: 'no' },
        { server: 'gone', account: 'default', revoked: 'unknown' },
      ],
      left: [{ code: 'vault-remains', message: 'the keychain did not let go', hint: 'wipe again' }],
    }));
    await goTo(page, 'Settings');
    await page.getByRole('button', wipe).click();
    await page.getByRole('button', { name: 'Wipe everything', exact: true }).click();
    const text = await page.getByRole('alert').filter({ hasText: 'Wiped' }).innerText();
    for (const words of [
      'Linear: the sign-in service did not confirm the end.',
      'gone: the vault was closed',
      'The keychain did not let go.',
    ])
      expect(text).toContain(words);
    expect(deeds(drawbridge)).toEqual([{ route: 'wipe', params: {}, body: {} }]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', wipe).waitFor();
    expect(shown.complaints).toEqual([]);
  });

  test('cannot be left while it runs, so that its outcome is told', async () => {
    await using shown = await browser.open(well);
    const { page, drawbridge } = shown;
    const server = Promise.withResolvers<void>();
    drawbridge.on('wipe', async () => {
      await server.promise;
      return { accounts: [], left: [] };
    });
    await goTo(page, 'Settings');
    await page.getByRole('button', wipe).click();
    await page.getByRole('button', { name: 'Wipe everything', exact: true }).click();
    await page.getByRole('button', { name: 'Wiping…' }).waitFor();
    await page.keyboard.press('Escape');
    server.resolve();
    await page.getByText('Everything is wiped.').waitFor();
  });
});
