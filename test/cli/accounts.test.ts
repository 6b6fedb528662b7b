/** Several accounts on one server, from the terminal. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Snapshot } from '../../shared/contract/snapshot.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { command } from '../scenarios/running-drawbridge.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk } from './commands.ts';

let signInService: AuthorizationServer;
let server: McpTestServer;
let desk: Desk;

beforeAll(async () => {
  signInService = await startAuthorizationServer({ tellsWhoAt: 'introspection' });
  server = await startMcpServer({ authorizationServer: signInService });
  desk = await createDesk();
  await desk.serve();
  await desk.run('add', server.url, '--id', 'linear');
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await server.close();
  await signInService.close();
});

/** `drawbridge sign-in`, with somebody at the browser. */
const signIn = async (person: string, ...args: string[]): Promise<number | null> => {
  const child = spawn(process.execPath, [command, 'sign-in', ...args, '--no-browser', '--json'], {
    env: desk.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [line] = await new Promise<string[]>((resolve) =>
    createInterface(child.stdout).once('line', (first) => resolve([first])),
  );
  const { link } = JSON.parse(line ?? '{}') as { link?: string };
  if (link !== undefined) await consentByScript(link, { account: person });
  return ended;
};
const snapshot = async () => Snapshot.parse(JSON.parse((await desk.run('list', '--json')).stdout));

describe('several accounts', () => {
  it('are added, signed in to, listed and used', async () => {
    expect(await signIn('ada', 'linear')).toBe(0);
    const added = await desk.run('add-account', 'linear', 'work');
    expect(added).toMatchObject({ code: 0, stdout: 'added linear/work\n' });
    expect(added.stderr).toContain('next: drawbridge sign-in linear --account work');
    expect(await signIn('grace', 'linear', '--account', 'work')).toBe(0);
    expect(
      signInService.seen.findLast(({ endpoint }) => endpoint === 'authorization')?.params['prompt'],
    ).toBe('select_account consent');

    const { stdout } = await desk.run('list');
    expect(stdout).toMatch(
      /^linear\/default {2}ada \(default\) {2}signed in .*\nlinear\/work {5}grace {10}signed in /,
    );
    const [first, second] = [
      await desk.run('token', 'linear'),
      await desk.run('token', 'linear', '--account', 'work'),
    ];
    expect([first.code, second.code, first.stdout === second.stdout]).toEqual([0, 0, false]);
  });

  it('are connected to under names of their own, which work as they are printed', async () => {
    const entryFor = async (...args: string[]) => {
      const { stdout } = await desk.run('connect', 'linear', ...args, '--json');
      return (JSON.parse(stdout) as { mcpServers: Record<string, unknown> }).mcpServers;
    };
    const whoIs = async (way: unknown): Promise<string> => {
      await using client = await openClient('SDK 2.x, any era', way as never);
      return (await client.call('whoami')).text;
    };
    const shim = (entry: unknown) => ({
      ...(entry as { command: string; args: string[] }),
      env: { DRAWBRIDGE_DATA_DIR: desk.dataFolder, PATH: process.env.PATH ?? '' },
    });
    const http = (entry: unknown) => {
      const { url, headers } = entry as { url: string; headers: { Authorization: string } };
      return { url, key: headers.Authorization.replace('Bearer ', '') };
    };

    const plain = await entryFor();
    const named = await entryFor('--account', 'work');
    const overHttp = await entryFor('--account', 'work', '--http');
    expect([plain, named, overHttp].map((servers) => Object.keys(servers))).toEqual([
      ['linear'],
      ['linear-work'],
      ['linear-work'],
    ]);
    expect(await whoIs(shim(plain['linear']))).toBe('ada');
    expect(await whoIs(shim(named['linear-work']))).toBe('grace');
    expect(await whoIs(http(overHttp['linear-work']))).toBe('grace');
    const codex = await desk.run('connect', 'linear', '--account', 'work', '--for', 'codex');
    expect(codex.stdout).toMatch(/^\[mcp_servers\.linear-work\]\n/);
  });

  it('of which another is made the default one: commands that name none mean that', async () => {
    const work = (await desk.run('token', 'linear', '--account', 'work')).stdout;
    expect(await desk.run('default-account', 'linear', 'work')).toMatchObject({
      code: 0,
      stdout: 'linear is linear/work now\n',
    });
    expect((await desk.run('token', 'linear')).stdout).toBe(work);
    expect((await desk.run('list')).stdout).toMatch(/linear\/work +grace \(default\)/);
    await desk.run('default-account', 'linear', 'default');
  });

  it('change hands by a sign-in that lets the person choose', async () => {
    expect(await signIn('hedy', 'linear', '--account', 'work', '--switch')).toBe(0);
    const [linear] = (await snapshot()).servers;
    expect(linear?.accounts.map(({ label }) => label)).toEqual(['ada', 'hedy']);
  });

  it('are removed, but for the default one', async () => {
    const refused = await desk.run('remove-account', 'linear', 'default');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('hint: make another account the default one first');
    const removed = await desk.run('remove-account', 'linear', 'work');
    expect(removed).toMatchObject({ code: 0, stdout: 'removed linear/work\n' });
    expect((await desk.run('list')).stdout).toMatch(/^linear {2}ada {2}signed in/);
  });
});

describe('an account that is not there', () => {
  it.each([
    ['sign-in', 'linear', '--account', 'nobody'],
    ['sign-out', 'linear', '--account', 'nobody'],
    ['token', 'linear', '--account', 'nobody'],
    ['connect', 'linear', '--account', 'nobody'],
    ['remove-account', 'linear', 'nobody'],
    ['default-account', 'linear', 'nobody'],
  ])('is told by %s', async (...args) => {
    const { code, stdout, stderr } = await desk.run(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('linear has no account "nobody" (not-found)');
    expect(stderr).toContain('hint: drawbridge list');
  });

  it.each([
    ['a name that is none', ['add-account', 'linear', 'No Name'], 2],
    ['a server that is not there', ['add-account', 'nothing', 'work'], 1],
    ['no name at all', ['add-account', 'linear'], 2],
  ])('is not added with %s', async (_what, args, expected) => {
    expect((await desk.run(...args)).code).toBe(expected);
  });
});
