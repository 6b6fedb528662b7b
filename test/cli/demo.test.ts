/** Does the whole way lie open to a person with a terminal and no account: add the demo, sign in, connect, call? */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { routes } from '../../shared/contract/routes.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { signInLikeABrowser } from '../broker/demo/stage.ts';
import { command } from '../scenarios/running-drawbridge.ts';
import { createDesk, type Desk } from './commands.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await createDesk();
  await desk.serve();
});
afterAll(() => desk[Symbol.asyncDispose]());

it('adds, signs in at its page, connects and calls; a second time it is the same', async () => {
  const { code, stdout, stderr } = await desk.run('add', '--demo');
  expect([code, stdout]).toEqual([0, 'added demo\n']);
  expect(stderr).toContain('wants a sign-in\n');
  expect(stderr).toContain('next: drawbridge sign-in demo\n');
  const again = await desk.run('add', '--demo', '--json');
  expect(routes.addDemo.reply.parse(JSON.parse(again.stdout)).server.id).toBe('demo');

  const signingIn = spawn(
    process.execPath,
    [command, 'sign-in', 'demo', '--no-browser', '--json'],
    { env: desk.env, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = new Promise<number | null>((resolve) => signingIn.once('close', resolve));
  const { value } = await createInterface(signingIn.stdout)[Symbol.asyncIterator]().next();
  await signInLikeABrowser(z.object({ link: z.url() }).parse(JSON.parse(String(value))).link);
  expect(await ended).toBe(0);

  const Entry = z.object({
    mcpServers: z.object({
      demo: z.object({
        command: z.string(),
        args: z.array(z.string()),
        env: z.record(z.string(), z.string()),
      }),
    }),
  });
  const entry = await desk.run('connect', 'demo', '--json');
  const { mcpServers } = Entry.parse(JSON.parse(entry.stdout));
  await using client = await openClient('SDK 1.x', mcpServers.demo);
  expect((await client.call('who_am_i')).text).toMatch(/^You are Guest, /);
}, 60_000);

it.each([
  ['an address', ['https://mcp.example.com/mcp']],
  ['an id', ['--id', 'mine']],
  ['a scope', ['--scope', 'all']],
  ['a setting of sign-ins', ['--no-browser']],
])('takes nothing else: not %s', async (_what, more) => {
  const { code, stdout, stderr } = await desk.run('add', '--demo', ...more);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('--demo takes nothing else (bad-usage)\nhint: drawbridge add --help\n');
});

it('without it, add wants an address', async () => {
  const { code, stderr } = await desk.run('add');
  expect(code).toBe(2);
  expect(stderr).toContain('usage: drawbridge add <url> (bad-usage)\n');
});
