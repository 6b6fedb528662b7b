/** AI clients: who was here and what they use, their keys and rules beside them, and the entry that connects another. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { eventually } from '../doubles/eventually.ts';
import { browserOfTests } from './browser-of-tests.ts';
import {
  keyed,
  provider,
  ruled,
  seenAiClients,
  server,
  signedIn,
  snapshot,
  twoPeople,
} from './scenes.ts';
import { goTo } from './window.ts';

const browser = browserOfTests();

const activity = { revision: 1, lastAt: Date.now() };
const two = (more: Partial<Snapshot> = {}): Snapshot =>
  snapshot([twoPeople, server('sentry', 'Sentry', [signedIn()])], more);
const rows = (page: Page) =>
  page.getByRole('region', { name: 'Seen so far' }).locator('.ai-client');
const connect = { name: 'Connect an AI client' };
const entry = (page: Page) => page.getByRole('textbox', { name: 'The entry' });

test('each is listed with the servers it uses, its last call, its keys and its rules', async () => {
  const shown = two({ ...keyed(), rules: [...ruled()], activity });
  await using open = await browser.open(shown);
  const { page, drawbridge } = open;
  drawbridge.on('aiClients', () => ({ aiClients: seenAiClients() }));
  await goTo(page, 'AI clients');
  await page.getByText('Claude').waitFor();
  expect((await rows(page).allInnerTexts()).map((text) => text.split(/\n+/).slice(1))).toEqual([
    [
      ...['Cursor', 'Last call 4 min ago', '341 requests remembered', 'Uses', 'Sentry', 'Linear'],
      ...['Key', '0a1b2c3d4e', 'Every server', 'Last used 4 min ago', 'Revoke'],
      ...['Rules', 'Never delete_*, drop_? at sentry'],
    ],
    ['Claude', 'Last call 3 h ago', 'one request remembered', 'Uses', 'Linear'],
    [
      ...['nightly report', 'Has called nothing that is remembered', 'Key', '5f60718293'],
      ...['Only sentry and github/work', 'Never used', 'Revoke', 'Rules'],
      'Only get_*, list_*, search, asks before create_* at every server',
    ],
  ]);
  await page.getByText('One rule for all of them holds as well.').waitFor();
  await rows(page).first().getByRole('link', { name: 'Sentry' }).click();
  expect(new URL(page.url()).hash).toBe('#/servers/sentry');
  expect(open.complaints).toEqual([]);
});

test('one that comes in while the person looks is there at once', async () => {
  await using open = await browser.open(two({ activity }));
  const { page, drawbridge } = open;
  let seen = seenAiClients().slice(1);
  drawbridge.on('aiClients', () => ({ aiClients: seen }));
  await goTo(page, 'AI clients');
  await page.getByText('Claude').waitFor();
  seen = seenAiClients();
  drawbridge.show(two({ activity: { ...activity, revision: 2 } }));
  await expect.poll(() => rows(page).count(), eventually).toBe(2);
});

test('without any it says what to do first', async () => {
  await using none = await browser.open(snapshot([provider('okta', 'Okta', [signedIn()])]));
  await goTo(none.page, 'AI clients');
  await none.page.getByText('Add a server first.').waitFor();
  expect(await none.page.getByRole('button', connect).count()).toBe(0);
  await none.page.getByRole('link', { name: 'Add a server' }).click();
  await none.page.getByRole('heading', { name: 'Servers' }).waitFor();

  await using empty = await browser.open(two());
  await goTo(empty.page, 'AI clients');
  await empty.page.getByText('No AI client has come in yet.').waitFor();
  // The way to change that is open already, and takes nobody's focus.
  await entry(empty.page).waitFor();
  expect(await empty.page.evaluate(() => document.activeElement?.textContent)).toBe('AI clients');
  await empty.page.getByRole('button', { name: 'Done' }).press('Enter');
  await expect
    .poll(() => empty.page.evaluate(() => document.activeElement?.textContent))
    .toBe('Connect an AI client');
});

test('a list that cannot be had says why, and is asked for again', async () => {
  await using open = await browser.open(two({ activity }));
  const { page, drawbridge } = open;
  drawbridge.on('aiClients', () => {
    throw new ProblemError('internal', 'the activity could not be read');
  });
  await goTo(page, 'AI clients');
  await page.getByText('The activity could not be read.').waitFor();
  drawbridge.on('aiClients', () => ({ aiClients: seenAiClients() }));
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => rows(page).count(), eventually).toBe(2);
});

test('the entry is for whom and what was chosen, with where it belongs, by keyboard', async () => {
  await using open = await browser.open(two({ activity }), {
    own: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page, drawbridge } = open;
  drawbridge.on('host', () => ({
    dataFolder: '/data',
    shim: {
      command: '/usr/bin/node',
      args: ['/opt/shim.cjs'],
      env: { DRAWBRIDGE_DATA_DIR: '/data' },
    },
  }));
  await goTo(page, 'AI clients');
  await page.getByRole('button', connect).press('Enter');
  const whom = page.getByRole('combobox', { name: 'AI client' });
  await expect.poll(() => whom.evaluate((one) => one === document.activeElement)).toBe(true);
  expect(await whom.locator('option').allTextContents()).toEqual([
    ...['Claude Desktop', 'Claude Code', 'Cursor', 'VS Code', 'Codex', 'Another AI client'],
  ]);
  await page.getByText('Put this into claude_desktop_config.json').waitFor();
  expect(JSON.parse(await entry(page).inputValue())).toEqual({
    mcpServers: {
      drawbridge: {
        command: '/usr/bin/node',
        args: ['/opt/shim.cjs', '+all'],
        env: { DRAWBRIDGE_DATA_DIR: '/data' },
      },
    },
  });
  // Claude Desktop takes commands only.
  expect(await page.getByText('--http').count()).toBe(0);

  await whom.selectOption('Codex');
  await page.getByRole('combobox', { name: 'To' }).selectOption('Linear (grace@work.example)');
  await page.getByText('Put this into ~/.codex/config.toml.').waitFor();
  const text = await entry(page).inputValue();
  expect(text).toContain('[mcp_servers.linear-work]');
  expect(text).toContain('args = ["/opt/shim.cjs","linear/work"]');
  await page.getByText('drawbridge connect linear --account work --for codex --http').waitFor();
  await page.getByRole('button', { name: 'Copy: entry' }).press('Enter');
  await page.getByText('Copied').first().waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);

  await page.keyboard.press('Escape');
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toBe('Connect an AI client');
  expect(drawbridge.calls).toEqual([]);
  expect(open.complaints).toEqual([]);
});

test('a host that cannot say how its shim is started names the command that prints the entry', async () => {
  await using open = await browser.open(two({ activity }));
  open.drawbridge.on('host', () => ({ dataFolder: '/data' }));
  await goTo(open.page, 'AI clients');
  await open.page.getByRole('button', connect).click();
  await open.page.getByText('drawbridge connect --all --for claude-desktop').waitFor();
  expect(await entry(open.page).count()).toBe(0);
});

test('while the door takes tokens it is said that keys open nothing', async () => {
  const doors = { ...keyed().doors, verified: { base: 'https://mcp.acme.example' } };
  await using open = await browser.open(two({ doors }));
  await goTo(open.page, 'AI clients');
  await open.page.getByText('keys open nothing meanwhile').waitFor();
});

test('names from elsewhere are inert, and many of them stay within the page', async () => {
  const odd = '<img src=x onerror=alert(1)> \u202eevil';
  const [one] = seenAiClients();
  const many = Array.from({ length: 50 }, (_, n) => ({
    ...one!,
    name: `${odd} ${n} ${'A'.repeat(40)}`,
  }));
  const servers = Array.from({ length: 30 }, (_, n) =>
    server(`s${n}`, `${'Z'.repeat(90)} ${n}`, [signedIn()]),
  );
  await using open = await browser.open(snapshot(servers, { activity }), {
    viewport: { width: 360, height: 700 },
  });
  const { page, drawbridge } = open;
  drawbridge.on('aiClients', () => ({
    aiClients: many.map((client) => ({ ...client, servers: servers.map(({ id }) => id) })),
  }));
  await goTo(page, 'AI clients');
  await expect.poll(() => rows(page).count(), eventually).toBe(50);
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  await page.getByText('and 24 more').first().waitFor();
  await page.getByRole('button', connect).click();
  await entry(page).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  expect(open.complaints).toEqual([]);
});
