/** The settings and the AI clients for everyone: in every look, by keyboard alone, and in forced colours. */
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { faults, violations } from './axe.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  keyed,
  networkSet,
  passphraseVault,
  ruled,
  seenAiClients,
  server,
  signedIn,
  snapshot,
  twoPeople,
} from './scenes.ts';
import { everySetting } from './settings-scenes.ts';
import { goTo, type OpenWindow } from './window.ts';

const browser = browserOfTests();

const shown: Snapshot = snapshot([twoPeople, server('sentry', 'Sentry', [signedIn()])], {
  ...keyed(),
  rules: [...ruled()],
  activity: { revision: 1, lastAt: Date.now() },
  policy: { file: '/etc/drawbridge/policy.json', required: ['noProxy'], disabled: ['capture'] },
});

const inSettings = async (open: OpenWindow): Promise<void> => {
  const { page } = open;
  await everySetting(open);
  await goTo(page, 'Settings');
  await page.getByText('How callers are verified').click();
};

describe('axe finds nothing in any look', () => {
  test('in the settings, as they are and while they are changed', async () => {
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page } = open;
    await inSettings(open);
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Change: Proxy' }).click();
    await page.getByRole('button', { name: 'Replace or remove' }).click();
    await page.getByRole('button', { name: 'Change: Client document' }).click();
    await page.getByRole('textbox', { name: 'Client document' }).fill('nothing');
    await page.keyboard.press('Enter');
    await page.getByText('It has to be an https address').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('in the AI clients, and in the entry for another', async () => {
    await using open = await browser.open(shown, { reducedMotion: 'reduce' });
    const { page, drawbridge } = open;
    drawbridge.on('aiClients', () => ({ aiClients: seenAiClients() }));
    await goTo(page, 'AI clients');
    await page.getByText('Claude').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Connect an AI client' }).click();
    await page.getByRole('textbox', { name: 'The entry' }).waitFor();
    await page.getByRole('button', { name: 'Revoke: cursor' }).click();
    expect(await faults(page)).toEqual([]);
  });

  test('in both while there is nothing, and the vault is closed', async () => {
    await using open = await browser.open(snapshot([], { vault: passphraseVault }), {
      reducedMotion: 'reduce',
    });
    await goTo(open.page, 'AI clients');
    await open.page.getByText('Add a server first.').waitFor();
    expect(await faults(open.page)).toEqual([]);
    await goTo(open.page, 'Settings');
    await open.page.getByText('The vault is closed.').waitFor();
    expect(await faults(open.page)).toEqual([]);
  });
});

test('a keyboard alone comes to every setting, changes one, and is led back', async () => {
  await using open = await browser.open(shown);
  const { page, drawbridge } = open;
  await inSettings(open);
  await page.locator('main h2').focus();
  const passed: string[] = [];
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: one } = document;
      const label = one instanceof HTMLInputElement ? one.labels?.[0]?.textContent : undefined;
      return one?.ariaLabel ?? label ?? one?.textContent ?? '';
    });
  for (let step = 0; step < 60 && passed.at(-1) !== 'Copy: folder of the log'; step += 1) {
    await page.keyboard.press('Tab');
    passed.push(await focused());
  }
  for (const name of [
    ...['Start when I log in', 'Notifications', 'A call waits for your word', 'Change: Proxy'],
    ...['Change: Certificates', 'Copy: address of the door', 'How callers are verified'],
    ...['Change vault key…', 'Wipe everything…', 'Look for new versions once a day'],
    ...['Copy: folder of the log'],
  ])
    expect(passed).toContain(name);
  // What is settled is no stop on the way.
  expect(passed).not.toContain('Change: Not through the proxy');

  drawbridge.on('changePreferences', networkSet);
  await page.getByRole('button', { name: 'Change: Certificates' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('/etc/other.pem');
  await page.keyboard.press('Enter');
  await expect.poll(focused).toBe('Change: Certificates');
  expect(drawbridge.calls.at(-1)?.body).toEqual({ set: { caFile: '/etc/other.pem' } });
});

test('in forced colours a switch still shows whether it is on', async () => {
  await using open = await browser.open(shown, { forcedColors: 'active' });
  await inSettings(open);
  const knob = (name: string) =>
    open.page
      .getByRole('switch', { name })
      .evaluate((one) => getComputedStyle(one, '::before').backgroundColor);
  const [on, off] = [await knob('Start when I log in'), await knob('Keep the window closed')];
  expect(on).not.toBe(off);
  expect(await violations(open.page)).toEqual([]);
});
