/** Does `drawbridge activity` tell who asked what, for people, scripts and spreadsheets? */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { routes } from '../../shared/contract/routes.ts';
import { type OfficialClient, openClient } from '../broker/bridge/official-clients.ts';
import { shimCommand } from '../broker/bridge/shim-process.ts';
import { eventually } from '../doubles/eventually.ts';
import { command } from '../scenarios/running-drawbridge.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk } from './commands.ts';

let server: McpTestServer;
let other: McpTestServer;
let desk: Desk;
let client: OfficialClient;

beforeAll(async () => {
  server = await startMcpServer();
  other = await startMcpServer();
  desk = await createDesk();
  await desk.serve();
  await desk.run('add', server.url, '--id', 'small');
  await desk.run('add', other.url, '--id', 'idle');
  client = await openClient('SDK 2.x, any era', shimCommand(desk.dataFolder, 'small'));
  await client.call('echo', { message: 'canary-argument' });
  await client.call('fail');
  await client.call('=1+1').catch(() => undefined);
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
  await server.close();
  await other.close();
});

const Printed = routes.activity.reply;
const print = async (...args: string[]) =>
  Printed.parse(JSON.parse((await desk.run('activity', ...args, '--json')).stdout));
const columnAt = (lines: readonly string[], word: string): Set<number> =>
  new Set(lines.map((line) => line.indexOf(word)));

describe('activity', () => {
  it('is an aligned table, the newest last, without what was said', async () => {
    const { code, stdout, stderr } = await desk.run('activity');
    const lines = stdout.trimEnd().split('\n');
    expect([code, stderr]).toEqual([0, '']);
    expect(lines.find((line) => line.includes('fail'))).toMatch(
      /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d {2}small {2}official-client {2}shim {2}tools\/call fail +tool error +\d+ ms +\d+ B in, \d+ B out$/,
    );
    expect(columnAt(lines, 'shim').size).toBe(1);
    expect(lines.at(-1)).toContain('=1+1');
    expect(stdout).not.toContain('canary');
  });

  it('is chosen by server, AI client, failure, time and number', async () => {
    expect(await print('idle')).toMatchObject({ entries: [], found: 0 });
    expect((await print('small', '--limit', '1')).entries).toMatchObject([{ name: '=1+1' }]);
    expect((await print('--client', 'nobody')).entries).toEqual([]);
    expect((await print('--name', 'FAI')).entries).toMatchObject([{ name: 'fail' }]);
    const failed = await print('--errors', '--client', 'official-client', '--since', '1h');
    expect(failed.entries.map(({ name }) => name)).toEqual(['fail', '=1+1']);
    expect((await desk.run('activity', 'idle')).stdout).toBe(
      'nothing of that kind is remembered\n',
    );
  });

  it('is comma-separated for a spreadsheet, with nothing that it would run', async () => {
    const { stdout } = await desk.run('activity', '--csv');
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toBe(
      'time,ai_client,door,server,account,method,name,outcome,code,duration_ms,bytes_in,bytes_out',
    );
    expect(rows.at(-1)).toContain(",tools/call,'=1+1,");
  });

  it.each([
    [['--since', 'yesterday'], 2, 'is no length of time'],
    [['--limit', '0'], 2, '--limit takes a number from 1 to 10000'],
    [['--csv', '--json'], 2, 'choose one'],
    [['nowhere'], 1, 'there is no server "nowhere"'],
    [['a b'], 1, 'there is no server "a b"'],
  ])('%j ends with %i', async (args, expected, says) => {
    const { code, stderr } = await desk.run('activity', ...args);
    expect([code, stderr]).toEqual([expected, expect.stringContaining(says)]);
  });
});

describe('--follow', () => {
  interface Following extends AsyncDisposable {
    readonly lines: () => string[];
    readonly ended: Promise<number | null>;
  }
  const follow = (from: Desk, ...args: string[]): Following => {
    const child: ChildProcess = spawn(
      process.execPath,
      [command, 'activity', '--follow', ...args],
      { env: from.env, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return {
      lines: () => stdout.split('\n').filter((line) => line !== ''),
      ended,
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGINT');
        await ended;
      },
    };
  };
  const Line = z.object({ id: z.number(), name: z.string().optional() });

  it('goes on with what comes, once each, one JSON text a line', async () => {
    await using following = follow(desk, '--json', '--limit', '1');
    await expect.poll(() => following.lines().length, eventually).toBe(1);
    await client.call('add', { a: 1, b: 1 });
    await expect.poll(() => following.lines().length, eventually).toBe(2);
    await client.call('whoami');
    await expect.poll(() => following.lines().length, eventually).toBe(3);
    const entries = following.lines().map((line) => Line.parse(JSON.parse(line)));
    expect(entries.map(({ name }) => name)).toEqual(['=1+1', 'add', 'whoami']);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(3);
  });

  it('ends with 4 when Drawbridge does', async () => {
    await using brief = await createDesk();
    const serving = await brief.serve();
    await using following = follow(brief, '--csv');
    await expect.poll(() => following.lines().length, eventually).toBe(1);
    await serving.stop('SIGTERM');
    expect(await following.ended).toBe(4);
  });
});
