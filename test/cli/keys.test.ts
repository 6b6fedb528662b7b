/** Do `drawbridge keys`, `revoke-key` and `connect --http --server` say and do what they promise? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { routes } from '../../shared/contract/routes.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk } from './commands.ts';

let server: McpTestServer;
let other: McpTestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startMcpServer();
  other = await startMcpServer();
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

const Entry = z.object({
  mcpServers: z.object({
    small: z.object({ url: z.url(), headers: z.object({ Authorization: z.string() }) }),
  }),
});
const List = routes.doorKeys.reply;

const connect = async (...args: string[]): Promise<{ url: string; key: string }> => {
  const { stdout } = await desk.run('connect', 'small', '--http', ...args, '--json');
  const { url, headers } = Entry.parse(JSON.parse(stdout)).mcpServers.small;
  return { url, key: headers.Authorization.replace('Bearer ', '') };
};
const listed = async () => List.parse(JSON.parse((await desk.run('keys', '--json')).stdout)).keys;

describe('keys', () => {
  it('are none at first, and how to make one is said', async () => {
    expect(await desk.run('keys')).toEqual({
      code: 0,
      stdout: 'no AI client has a key: drawbridge connect <server> --http\n',
      stderr: '',
    });
  });

  it('are listed in columns, without the keys themselves, and end when they are revoked', async () => {
    const limited = await connect('--client', 'nightly', '--server', 'small');
    const whole = await connect('--for', 'cursor');
    await using client = await openClient('SDK 2.x, any era', limited);
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
    await expect(
      openClient('SDK 2.x, any era', { ...limited, url: limited.url.replace('small', 'other') }),
    ).rejects.toThrow();

    const { code, stdout, stderr } = await desk.run('keys');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^[0-9a-f]{10} {2}nightly {2}small {9}made just now {2}used just now$/),
      expect.stringMatching(
        /^[0-9a-f]{10} {2}cursor {3}every server {2}made just now {2}never used$/,
      ),
    ]);
    const keys = await listed();
    expect(keys).toMatchObject([
      { aiClient: 'nightly', servers: ['small'], usedAt: expect.any(Number) },
      { aiClient: 'cursor' },
    ]);
    const secrets = [limited.key, whole.key];
    const all = `${stdout}${JSON.stringify(keys)}${(await desk.run('list', '--json')).stdout}`;
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);

    const id = keys[0]?.id ?? '';
    expect(await desk.run('revoke-key', id)).toMatchObject({ code: 0, stdout: `revoked ${id}\n` });
    await expect(client.call('add', { a: 1, b: 2 })).rejects.toThrow();
    expect((await listed()).map(({ aiClient }) => aiClient)).toEqual(['cursor']);
    const again = await desk.run('revoke-key', id, '--json');
    expect([again.code, JSON.parse(again.stdout).error.code]).toEqual([1, 'not-found']);
  });

  it('are made for several servers, and for an account of one', async () => {
    await connect('--client', 'several', '--server', 'small/default', '--server', 'other');
    expect((await listed()).find(({ aiClient }) => aiClient === 'several')?.servers).toEqual([
      'small/default',
      'other',
    ]);
  });

  it.each([
    [['connect', 'small', '--server', 'small'], 2, '--server limits the key of --http'],
    [['connect', 'small', '--http', '--server', 'other'], 2, 'hint: add --server small\n'],
    [['connect', 'small', '--http', '--server', 'My Server'], 2, '"My Server" is no server'],
    [
      ['connect', 'small', '--http', '--server', 'small', '--server', 'nowhere'],
      1,
      'there is no server "nowhere"',
    ],
    [['revoke-key', 'drawbridge_fake'], 2, 'never give the key itself'],
    [['revoke-key'], 2, 'usage: drawbridge revoke-key <id>'],
    [['keys', 'small'], 2, 'usage: drawbridge keys'],
  ])('%j ends with %i', async (args, code, says) => {
    const before = await listed();
    const ended = await desk.run(...args);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toContain(says);
    expect(await listed()).toEqual(before);
  });
});
