/** A program that is run here: typed in, shown as a whole, agreed to, and seen on its card. */
import { expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import { browserOfTests } from './browser-of-tests.ts';
import { account, doesNotRun, local, secretMissing, server, snapshot } from './scenes.ts';
import type { OpenWindow } from './window.ts';

const browser = browserOfTests();

const wiki = server('wiki', 'Wiki', [account('open')]);

const begin = async ({ page }: OpenWindow): Promise<void> => {
  await page.getByRole('button', { name: 'Add server' }).click();
  await page.getByRole('button', { name: 'Run a program on this computer instead' }).click();
};
const isFocused = (open: OpenWindow, name: string) => () =>
  open.page
    .getByRole('textbox', { name })
    .evaluate((element) => element === document.activeElement);

test('is shown as a whole before it is kept, with all that hides in it (F13)', async () => {
  await using open = await browser.open(snapshot([wiki]));
  const { page, drawbridge } = open;
  await begin(open);
  await expect.poll(isFocused(open, 'Name')).toBe(true);
  await page.getByRole('textbox', { name: 'Name' }).fill('Files');
  await page
    .getByRole('textbox', { name: 'Command' })
    .fill('npx -y server-files "/home/ada/my notes" in\u202enocent');
  await page.getByRole('button', { name: 'Next' }).click();
  await page
    .getByText('npx -y server-files "/home/ada/my notes" "in\\u{202e}nocent"', { exact: true })
    .waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Back');
  expect(drawbridge.calls).toEqual([]);
  await page.getByRole('button', { name: 'Back' }).click();
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Files');
  expect(drawbridge.calls).toEqual([]);
  expect(open.complaints).toEqual([]);
});

test('is added with its secrets, variables and folder once it is allowed', async () => {
  await using open = await browser.open(snapshot([wiki]));
  const { page, drawbridge } = open;
  drawbridge.on('addLocalServer', () => {
    drawbridge.show(snapshot([wiki, local()]));
    return { server: local() };
  });
  await begin(open);
  await page.getByRole('textbox', { name: 'Name' }).fill(' Files ');
  await page.getByRole('textbox', { name: 'Command' }).fill('npx -y "two words"');
  await page.getByRole('button', { name: 'Add a secret' }).click();
  await expect.poll(isFocused(open, 'Variable')).toBe(true);
  await page.getByRole('textbox', { name: 'Variable' }).fill('API_KEY');
  await page.getByLabel('Value').fill('fake-secret');
  await page.getByText('More settings').click();
  await page.getByRole('textbox', { name: 'Environment' }).fill('A=1\nB=2=3\n');
  await page.getByRole('textbox', { name: 'Folder' }).fill('/home/ada');
  await page.getByRole('radio', { name: 'All share one process' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('B=2=3', { exact: true }).waitFor();
  await page.getByText('API_KEY', { exact: true }).waitFor();
  expect(await page.getByText('fake-secret').count()).toBe(0);
  await page.getByRole('button', { name: 'Allow and add' }).click();
  await page.getByText('Files has been added').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Files');
  expect(drawbridge.calls).toEqual([
    {
      route: 'addLocalServer',
      params: {},
      body: {
        title: 'Files',
        command: {
          ...{ program: 'npx', args: ['-y', 'two words'], folder: '/home/ada' },
          ...{ env: { A: '1', B: '2=3' }, processes: 'shared' },
        },
        secrets: { API_KEY: 'fake-secret' },
      },
    },
  ]);
  expect(open.complaints).toEqual([]);
});

test('is not added as long as something is wrong with it', async () => {
  await using open = await browser.open(snapshot([wiki]));
  const { page, drawbridge } = open;
  await begin(open);
  await page.getByRole('textbox', { name: 'Name' }).fill('Files');
  await page.getByRole('textbox', { name: 'Command' }).fill('./here/program');
  await page.getByRole('button', { name: 'Add a secret' }).click();
  await page.getByRole('textbox', { name: 'Variable' }).fill('A B');
  await page.getByLabel('Value').fill('x');
  await page.getByText('More settings').click();
  await page.getByRole('textbox', { name: 'Folder' }).fill('here');
  await page.getByRole('textbox', { name: 'Environment' }).fill('A=1\nA=2');
  await page.getByRole('button', { name: 'Next' }).click();
  for (const words of [
    'Begin with the name of a program',
    'Each secret needs a value',
    'Give the full path',
    'no name may be given twice',
  ])
    await page.getByText(words).waitFor();
  await expect.poll(isFocused(open, 'Command')).toBe(true);
  expect(drawbridge.calls).toEqual([]);
});

test('says why it was not kept, and goes back to what was typed', async () => {
  await using open = await browser.open(snapshot([wiki]));
  const { page, drawbridge } = open;
  drawbridge.on('addLocalServer', () => {
    throw new ProblemError('vault-locked', 'the keychain is locked');
  });
  await begin(open);
  await page.getByRole('textbox', { name: 'Name' }).fill('Files');
  await page.getByRole('textbox', { name: 'Command' }).fill('npx files');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Allow and add' }).click();
  await page.getByText('The keychain is locked.').waitFor();
  await page.getByRole('button', { name: 'Back' }).click();
  expect(await page.getByRole('textbox', { name: 'Command' }).inputValue()).toBe('npx files');
});

test('shows its command on its card, needs no sign-in, and says what removing it means', async () => {
  await using open = await browser.open(snapshot([local(), wiki]));
  const { page } = open;
  const card = page.getByRole('article', { name: 'Files' });
  await card
    .getByText('npx -y @modelcontextprotocol/server-filesystem "/home/ada/my notes"')
    .waitFor();
  await card.getByText('Runs when it is asked').waitFor();
  expect(await card.getByRole('button').allTextContents()).toHaveLength(1);
  await card.getByRole('button', { name: 'Remove: Files' }).click();
  await page.getByText('the program ends, and its secrets are deleted').waitFor();
});

test('says why it does not run, and offers no sign-in for it', async () => {
  await using open = await browser.open(snapshot([local([doesNotRun])]));
  const card = open.page.getByRole('article', { name: 'Files' });
  await card.getByText('Does not run').waitFor();
  await card.getByText('Error: Cannot find module express').waitFor();
  expect(await card.getByRole('button', { name: /sign in|settings/i }).count()).toBe(0);
});

test('that does not run is tried again when a person asks for it', async () => {
  await using open = await browser.open(snapshot([local([doesNotRun])]));
  const { page, drawbridge } = open;
  drawbridge.on('examine', () => {
    drawbridge.show(snapshot([local()]));
    const report = { at: Date.now(), version: '0', server: 'files', url: 'local:files' };
    return { ...report, verdict: 'ready', checks: [], requests: [] };
  });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Runs when it is asked', { exact: true }).waitFor();
  expect(drawbridge.calls.map(({ body }) => body)).toEqual([{ server: 'files' }]);
});

test('is given its secrets again where they are missing', async () => {
  await using open = await browser.open(snapshot([local([secretMissing])]));
  const { page, drawbridge } = open;
  drawbridge.on('setLocalSecrets', () => {
    drawbridge.show(snapshot([local()]));
    return { server: local() };
  });
  await page.getByLabel('Value of API_KEY').fill('fake-secret');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Runs when it is asked', { exact: true }).waitFor();
  expect(drawbridge.calls).toEqual([
    {
      route: 'setLocalSecrets',
      params: { server: 'files' },
      body: { secrets: { API_KEY: 'fake-secret' } },
    },
  ]);
});
