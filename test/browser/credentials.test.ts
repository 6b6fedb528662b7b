/** Servers that want a credential, set up in the window: the real daemon, real servers, and a service that mints tokens. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../doubles/eventually.ts';
import { textIn } from '../doubles/files-in.ts';
import { goTo } from '../renderer/window.ts';
import { aiClients } from '../scenarios/ai-clients.ts';
import { type Chromium, chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import {
  startWorkloadIdentity,
  WORKLOAD_CLIENT,
  WORKLOAD_SECRET,
} from '../servers/workload-identity.ts';
import { openStage, type Stage } from './stage.ts';

let chromium: Chromium;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  if (chromiumAvailable()) chromium = await openChromium();
});
afterAll(async () => {
  await chromium?.close();
  await rm(folder, { recursive: true });
});

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const box = (page: Page, name: string) => page.getByLabel(name, { exact: true });

/** Everywhere that somebody may look: the page with its fields, the snapshot, what was printed, and the files. */
const everywhere = async ({ page, drawbridge }: Stage): Promise<string> => {
  const fields = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement>('input, textarea')].map(({ value }) => value),
  );
  return [
    ...[await page.content(), ...fields, drawbridge.printed()],
    ...[JSON.stringify(await drawbridge.snapshot()), await textIn(drawbridge.dataFolder)],
  ].join('\n');
};

const sumAt = async ({ drawbridge }: Stage, server: string): Promise<string> => {
  const open = aiClients['SDK 2.x (auto) over the shim'];
  if (open === undefined) throw new Error('there is no such AI client');
  await using aiClient = await open(drawbridge, server);
  return await aiClient.call('add', { a: 2, b: 3 });
};

it.skipIf(!chromiumAvailable())(
  'an API key: refused, typed again, replaced in the list of secrets, and taken back',
  { timeout: 90_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, complaints } = stage;
    let good = 'canary-right-key';
    const server = await startMcpServer({
      admits: ({ headers }) => headers['x-api-key'] === good,
    });
    await using undo = new AsyncDisposableStack();
    undo.defer(server.close);

    await page.getByRole('textbox', { name: 'Server address' }).fill(server.url);
    await press(page, 'It wants an API key or token');
    await box(page, 'Header').fill('X-Api-Key');
    await box(page, 'Value: value').fill('canary-wrong-key');
    await press(page, 'Add server');
    await page.getByRole('alert').getByText('does not take this credential').waitFor();
    expect(await everywhere(stage)).not.toContain('canary-');

    await page.getByRole('combobox', { name: 'Value', exact: true }).selectOption('typed');
    await box(page, 'Value: value').fill(good);
    await press(page, 'Add server');
    await page.getByText('It takes the credential').waitFor();
    await press(page, 'Done');
    await page.getByText('Sends the header X-Api-Key').waitFor();
    const [{ id } = { id: '' }] = (await stage.drawbridge.snapshot()).servers;
    expect(await sumAt(stage, id)).toBe('5');

    good = 'canary-next-key';
    await goTo(page, 'Settings');
    await press(page, 'Replace: X_API_KEY');
    await box(page, 'New value of X_API_KEY').fill(good);
    await press(page, 'Save');
    await page.getByRole('button', { name: 'Replace: X_API_KEY' }).waitFor();
    expect(await sumAt(stage, id)).toBe('5');

    await press(page, 'Remove: X_API_KEY');
    await page.getByRole('group').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('Not in the vault').waitFor();
    await sumAt(stage, id).catch(() => undefined);
    await goTo(page, 'Servers');
    await page.getByText('There is nothing in ${vault:X_API_KEY}', { exact: true }).waitFor();
    expect(await everywhere(stage)).not.toContain('canary-');
    expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([]);
  },
);

it.skipIf(!chromiumAvailable())(
  'a token that is minted, in place of a sign-in, and back to it',
  { timeout: 90_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, signInService } = stage;
    await using identity = await startWorkloadIdentity();
    const server = await startMcpServer({
      admits: ({ headers }) => identity.issued(headers.authorization?.replace('Bearer ', '')),
    });
    await using undo = new AsyncDisposableStack();
    undo.defer(server.close);
    const word = await identity.subjectToken();
    const file = path.join(folder, 'word');
    await writeFile(file, word);

    // Without a word about where to sign in, it looks like a server that people sign in to.
    await page.getByRole('textbox', { name: 'Server address' }).fill(server.url);
    await press(page, 'Check');
    await press(page, 'Add server');
    await press(page, 'Not now');
    await page.getByText('Needs sign-in', { exact: true }).waitFor();
    await page.getByRole('button', { name: /^Sign-in settings/ }).click();
    await press(page, 'Use an API key or token');
    await box(page, 'What the server takes').selectOption('token-exchange');
    await box(page, 'Who issues the token').selectOption({ label: 'A token address' });
    await box(page, 'Token address').fill(identity.tokenUrl);
    await box(page, 'The token to show').selectOption('file');
    await box(page, 'The token to show: path of the file').fill(path.join(folder, 'nowhere'));
    await box(page, 'Client id (optional)').fill(WORKLOAD_CLIENT);
    await page.getByRole('combobox', { name: /^Client secret/ }).selectOption('typed');
    await box(page, 'Client secret: value').fill(WORKLOAD_SECRET);
    await press(page, 'Save');
    await page.getByText('There is nothing in ${file:').waitFor();
    await box(page, 'The token to show: path of the file').fill(file);
    await press(page, 'Save');

    await page.getByText('Credential in place', { exact: true }).waitFor();
    await page.getByText('Exchanges a token at').waitFor();
    const [{ id } = { id: '' }] = (await stage.drawbridge.snapshot()).servers;
    expect(await sumAt(stage, id)).toBe('5');
    await page.getByText('Renews itself').waitFor();
    await page.getByRole('button', { name: /^Credential settings/ }).click();
    await page.getByText(/This one was got/).waitFor();
    const seen = await everywhere(stage);
    for (const secret of [WORKLOAD_SECRET, word]) expect(seen).not.toContain(secret);

    await page.getByRole('button', { name: /^Go back/ }).click();
    await press(page, 'Go back');
    await page.getByText('Needs sign-in', { exact: true }).waitFor();
    await expect
      .poll(async () => (await stage.drawbridge.snapshot()).servers[0]?.source, eventually)
      .toBeUndefined();
    expect(signInService.count({ endpoint: 'token' })).toBe(0);
  },
);
