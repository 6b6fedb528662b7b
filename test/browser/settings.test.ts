/** Settings, and the entry for an AI client, in the window of the real daemon: kept over a restart, and what is shown works. */
import { createServer } from 'node:net';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { filesIn } from '../doubles/files-in.ts';
import { goTo } from '../renderer/window.ts';
import { type Chromium, chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { openStage } from './stage.ts';

let chromium: Chromium;
beforeAll(async () => {
  if (chromiumAvailable()) chromium = await openChromium();
});
afterAll(() => chromium?.close());

const row = (page: Page, name: string) => page.getByRole('group', { name, exact: true });
const change = (page: Page, name: string) =>
  page.getByRole('button', { name: `Change: ${name}` }).click();

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });

it.skipIf(!chromiumAvailable())(
  'a proxy with its password and another port are there after a restart, and the password is in no file',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, drawbridge, complaints } = stage;
    const port = await freePort();
    await goTo(page, 'Settings');
    await row(page, 'Data folder').getByText(drawbridge.dataFolder, { exact: true }).waitFor();
    await change(page, 'Proxy');
    await page.getByRole('textbox', { name: 'Address' }).fill('http://proxy.example:8080');
    await page.getByRole('textbox', { name: 'User' }).fill('ada');
    await page.getByLabel('Password').fill('canary-of-the-proxy');
    await page.getByRole('button', { name: 'Save' }).click();
    await row(page, 'Proxy').getByText('With a user and a password').waitFor();
    await change(page, 'Certificates');
    await page.getByRole('textbox', { name: 'Certificates' }).fill('/nowhere/at-all.pem');
    await page.getByRole('button', { name: 'Save' }).click();
    await row(page, 'Certificates').getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await change(page, 'Port');
    await page.getByRole('textbox', { name: 'Port' }).fill(String(port));
    await page.getByRole('button', { name: 'Save' }).click();
    await row(page, 'Port').getByText(`${port} from the next start on`).waitFor();
    expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([]);

    await drawbridge.stop();
    await drawbridge.start();
    await page.goto(drawbridge.listening().link);
    await goTo(page, 'Settings');

    await row(page, 'Proxy').getByText('proxy.example:8080', { exact: true }).waitFor();
    await row(page, 'Proxy').getByText('With a user and a password').waitFor();
    await row(page, 'Certificates').getByText('The usual ones', { exact: true }).waitFor();
    await row(page, 'Port').getByText(String(port), { exact: true }).waitFor();
    expect((await drawbridge.snapshot()).doors.http).toBe(`http://127.0.0.1:${port}`);
    const files = await filesIn(drawbridge.dataFolder);
    const texts = [...files.values()].map((bytes) => bytes.toString('latin1'));
    texts.push(drawbridge.printed(), await page.content());
    expect(texts.filter((text) => text.includes('canary-of-the-proxy'))).toEqual([]);
    expect(texts.length).toBeGreaterThan(3);
  },
);

const Entries = z.object({
  mcpServers: z.record(
    z.string(),
    z.object({
      command: z.string(),
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

it.skipIf(!chromiumAvailable())(
  'an AI client that is given the entry of the window can call, and is listed there from then on',
  { timeout: 60_000 },
  async () => {
    await using stage = await openStage(chromium.browser);
    const { page, server, drawbridge, complaints } = stage;
    await drawbridge.run('add', server.url, '--id', 'there');
    await drawbridge.signIn('there');
    await goTo(page, 'AI clients');
    await page.getByText('No AI client has come in yet.').waitFor();
    await page.getByRole('combobox', { name: 'AI client' }).selectOption('Cursor');
    await page.getByRole('combobox', { name: 'To' }).selectOption({ index: 1 });
    const text = await page.getByRole('textbox', { name: 'The entry' }).inputValue();
    const printed = await drawbridge.run('connect', 'there', '--for', 'cursor');
    expect(`${text}\n`).toBe(printed.stdout);

    const { there } = Entries.parse(JSON.parse(text)).mcpServers;
    const { command = '', args = [], env = {} } = there ?? {};
    const client = new Client({ name: 'The One of the Window', version: '1' });
    // Nothing but what the entry says, and a PATH as every program has one.
    await client.connect(
      new StdioClientTransport({ command, args, env: { ...env, PATH: process.env['PATH'] ?? '' } }),
    );
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
    await client.close();

    const listed = page.getByRole('region', { name: 'Seen so far' });
    await listed.getByRole('heading', { name: 'The One of the Window' }).waitFor();
    await listed.getByRole('link', { name: '127.0.0.1' }).waitFor();
    expect(complaints).toEqual([]);
  },
);
