/** Does `drawbridge capture` keep what is said for as long as it says, and show and save it for its owner alone? */
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type OfficialClient, openClient } from '../broker/bridge/official-clients.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk } from './commands.ts';

let server: McpTestServer;
let desk: Desk;
let client: OfficialClient;

beforeAll(async () => {
  server = await startMcpServer();
  desk = await createDesk();
  await desk.serve();
  await desk.run('add', server.url, '--id', 'small', '--title', 'Small');
  const { stdout } = await desk.run('connect', 'small', '--http', '--client', 'tester', '--json');
  const { url, headers } = JSON.parse(stdout).mcpServers.small;
  const key = headers.Authorization.replace('Bearer ', '');
  client = await openClient('SDK 2.x, any era', { url, key });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
  await server.close();
});
beforeEach(() => desk.run('capture', 'on', 'small'));
afterEach(() => desk.run('capture', 'forget'));

const echo = (message: string) => client.call('echo', { message, password: 'canary-password' });

it('tells what goes on, for how long and how it ends; list says so too', async () => {
  expect(await desk.run('capture', 'off')).toEqual({
    ...{ code: 0, stdout: 'what is said is not kept\n', stderr: '' },
  });
  const { stdout, stderr } = await desk.run('capture', 'on', 'small', '--for', '2h');
  expect(stdout).toMatch(/^what is said is kept: Small, (119 min|1 h|2 h) left\n$/);
  expect(stderr).toContain('drawbridge capture off ends it');
  expect((await desk.run('list')).stderr).toContain('what is said is kept: Small, ');
  const { stdout: json } = await desk.run('capture', 'on', '--json');
  expect(JSON.parse(json)).toMatchObject({
    running: [{ server: 'small' }, { until: expect.any(Number) }],
    holds: false,
  });
});

it('shows what was said, in the list and one by one, without secrets', async () => {
  expect((await desk.run('capture', 'show')).stdout).toContain(
    'nothing of what was said is kept so far',
  );
  await echo('canary-said\u001b[31m');
  const list = (await desk.run('capture', 'show')).stdout.trimEnd().split('\n').at(-1) ?? '';
  expect(list).toMatch(
    /^\d+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}small {2}tester {2}tools\/call echo$/,
  );
  const { stdout, stderr } = await desk.run('capture', 'show', /^\d+/.exec(list)?.[0] ?? '');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^tester asked small, /);
  expect(stdout.match(/canary-said/g)).toHaveLength(2);
  expect(stdout).toContain('the answer:');
  for (const hidden of ['canary-password', '\u001b']) expect(stdout).not.toContain(hidden);
});

it('saves it to a new file that its owner alone can read', async () => {
  await echo('canary-said');
  const file = path.join(desk.dataFolder, 'said.json');
  const { code, stdout } = await desk.run('capture', 'save', file);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^saved \d+ requests? to /)]);
  const text = await readFile(file, 'utf8');
  expect(text).toContain('canary-said');
  expect(text).not.toContain('canary-password');
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);

  await writeFile(file, 'mine');
  expect(await desk.run('capture', 'save', file)).toMatchObject({
    stderr: expect.stringContaining('is there already'),
  });
  expect(await readFile(file, 'utf8')).toBe('mine');
});

it.each([
  [['capture'], 2],
  [['capture', 'all'], 2],
  [['capture', 'on', 'small', '--for', 'ever'], 2],
  [['capture', 'on', '--for', '25h'], 2],
  [['capture', 'off', '--for', '1h'], 2],
  [['capture', 'save'], 2],
  [['capture', 'forget', 'small'], 2],
  [['capture', 'show', 'x'], 2],
  [['capture', 'on', 'nobody'], 1],
  [['capture', 'show', '999999'], 1],
])('%j is refused with a sentence', async (args, code) => {
  const ended = await desk.run(...args);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
  expect(ended.stderr).toMatch(/^drawbridge: .+ \(.+\)\n/);
});
