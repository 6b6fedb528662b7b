/** Does `drawbridge connect --all` print one entry that works for every server? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openClient } from '../broker/bridge/official-clients.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk } from './commands.ts';

let server: McpTestServer;
let other: McpTestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startMcpServer();
  other = await startMcpServer({ eras: 'modern' });
  desk = await createDesk();
  await desk.serve();
  await desk.run('add', server.url, '--id', 'small');
  await desk.run('add', other.url, '--id', 'other');
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await other.close();
  await server.close();
});

const Command = z.object({
  mcpServers: z.object({
    drawbridge: z.object({
      command: z.string(),
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
    }),
  }),
});
const Address = z.object({
  mcpServers: z.object({
    drawbridge: z.object({ url: z.url(), headers: z.object({ Authorization: z.string() }) }),
  }),
});

const connect = async (...args: string[]): Promise<unknown> =>
  JSON.parse((await desk.run('connect', '--all', ...args, '--json')).stdout);
const wayIn = async (...args: string[]): Promise<{ url: string; key: string }> => {
  const { url, headers } = Address.parse(await connect('--http', ...args)).mcpServers.drawbridge;
  return { url, key: headers.Authorization.replace('Bearer ', '') };
};

it('is a command under the name drawbridge, which works as it stands', async () => {
  const { drawbridge } = Command.parse(await connect()).mcpServers;
  expect(drawbridge.args.at(-1)).toBe('+all');
  await using client = await openClient('SDK 1.x', drawbridge);
  expect((await client.call('small_add', { a: 1, b: 2 })).text).toBe('3');
  expect((await client.call('other_add', { a: 3, b: 4 })).text).toBe('7');
});

it('is an address and a key with --http, which work as they stand', async () => {
  const way = await wayIn();
  expect(new URL(way.url).pathname).toBe('/mcp');
  await using client = await openClient('SDK 2.x, any era', way);
  expect((await client.call('small_add', { a: 1, b: 2 })).text).toBe('3');
  expect((await client.call('other_add', { a: 3, b: 4 })).text).toBe('7');
});

it('has with --server only what the key opens', async () => {
  const way = await wayIn('--server', 'other');
  await using client = await openClient('SDK 2.x, any era', way);
  const tools = await client.tools();
  expect(tools).toContain('other_add');
  expect(tools.filter((name) => !name.startsWith('other_'))).toEqual([]);
});

it.each<[string, RegExp]>([
  ['cursor', /^\{\n {2}"mcpServers": \{\n {4}"drawbridge": /],
  ['claude-code', /^claude mcp add-json drawbridge '\{"type":"stdio","command":".*"\+all".*\}'\n$/],
  ['codex', /^\[mcp_servers\.drawbridge\]\ncommand = ".+"\nargs = \[".*shim\.cjs","\+all"\]\n/],
])('is printed in the form that %s reads', async (aiClient, form) => {
  expect((await desk.run('connect', '--all', '--for', aiClient)).stdout).toMatch(form);
});

describe('ends with 2', () => {
  it.each([
    ['with a server as well', ['connect', 'small', '--all']],
    ['with an account', ['connect', '--all', '--account', 'work']],
    ['without both', ['connect']],
  ])('%s', async (_what, args) => {
    const { code, stderr } = await desk.run(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('name a server, or say --all')]);
  });
});

it('is what stdio is with +all', async () => {
  expect((await desk.run('stdio', '--help')).stdout).toContain('+all is all servers as one');
});
