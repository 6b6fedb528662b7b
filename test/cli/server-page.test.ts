/** Do `facts`, `tools` and `call` tell a person and a script what they promise, and nothing that they must not? */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { command } from '../scenarios/running-drawbridge.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk } from './commands.ts';

// Each of these runs many commands, and each of those is a process.
vi.setConfig({ testTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 50 };

let signInService: AuthorizationServer;
let guarded: McpTestServer;
let server: McpTestServer;
let desk: Desk;

beforeAll(async () => {
  signInService = await startAuthorizationServer();
  guarded = await startMcpServer({ authorizationServer: signInService });
  server = await startMcpServer();
  desk = await createDesk();
  await desk.serve();
  await desk.run('add', server.url, '--id', 'small');
  await desk.run('add', guarded.url, '--id', 'guarded');
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await Promise.all([server.close(), guarded.close(), signInService.close()]);
});

/** A command that is not at its end yet. */
const start = (...args: string[]) => {
  const child = spawn(process.execPath, [command, ...args], { env: desk.env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended, said: () => stdout };
};
const signInTo = async (id: string): Promise<void> => {
  const { said, ended } = start('sign-in', id, '--no-browser', '--json');
  await expect.poll(said, eventually).toContain('\n');
  const { link } = JSON.parse(said().split('\n')[0] ?? '') as { link: string };
  await consentByScript(link);
  await ended;
};

describe('facts', () => {
  it('say of a server without a sign-in what there is to say', async () => {
    expect((await desk.run('facts', 'small')).stdout).toBe('sign-in  none is needed\n');
    const { stdout } = await desk.run('facts', 'guarded');
    expect(stdout).toContain('nobody is signed in');
    expect(stdout).toContain('--look asks for them');
    const looked = await desk.run('facts', 'guarded', '--look');
    expect(looked.stdout).toContain(`${signInService.issuer}/token`);
  });

  it('of a sign-in are all there, without a token', async () => {
    await signInTo('guarded');
    const { stdout, code } = await desk.run('facts', 'guarded');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^signed in as +\S/);
    expect(stdout).toMatch(/\nissuer +http.* \(said by the server in its protected-resource/);
    expect(stdout).toMatch(
      /\nscopes asked +mcp:read mcp:tools offline_access \(named by the server/,
    );
    expect(stdout).toMatch(/\naccess token +JWT, alg ES256.*; decoded, not verified\n/);
    expect(stdout).toMatch(/\nclaim jti +\(not shown\)\n/);
    expect(stdout).toMatch(
      /\ntoken endpoint +http\S+\/token \(said by the sign-in service in its metadata\)\n/,
    );
    expect(stdout).toMatch(/\nclient +\S+ \(registered by Drawbridge, without a secret\)\n/);
    const asJson = (await desk.run('facts', 'guarded', '--json')).stdout;
    expect(JSON.parse(asJson)).toMatchObject({ kind: 'sign-in', held: { renewable: true } });
    const needles = signInService.needles();
    expect(needles.filter((needle) => (stdout + asJson).includes(needle))).toEqual([]);
  });
});

describe('tools', () => {
  it('are listed by name, and found by their words', async () => {
    const { stdout } = await desk.run('tools', 'small');
    expect(stdout).toMatch(/^add +only reads +Adds two numbers$/m);
    expect((await desk.run('tools', 'small', 'says', 'again')).stdout).toMatch(
      /^echo +Says it again\n$/,
    );
    expect((await desk.run('tools', 'small', 'nothing-of-it')).stdout).toBe('no tools are known\n');
  });

  it('and the other lists as well, with schemas for a script', async () => {
    const resources = await desk.run('tools', 'small', '--list', 'resources');
    expect(resources.stdout).toMatch(/^test:\/\/greeting +greeting/);
    const { items } = JSON.parse((await desk.run('tools', 'small', 'add', '--json')).stdout) as {
      items: { inputSchema: { required: string[] } }[];
    };
    expect(items[0]?.inputSchema.required).toEqual(['a', 'b']);
    expect(await desk.run('tools', 'small', '--list', 'all')).toMatchObject({ code: 2 });
    expect(await desk.run('tools', 'nobody')).toMatchObject({ code: 1 });
  });
});

describe('call', () => {
  it('prints what the tool answers', async () => {
    const args = ['--args', '{"a": 2, "b": 3}'];
    expect(await desk.run('call', 'small', 'add', ...args)).toMatchObject({
      code: 0,
      stdout: '5\n',
    });
    const { stdout } = await desk.run('call', 'small', 'add', ...args, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ isError: false, declined: [] },
      result: { structuredContent: { sum: 5 } },
    });
  });

  it('takes its arguments from standard input, where no other user sees them', async () => {
    const { child, ended } = start('call', 'small', 'echo', '--args', '-');
    child.stdin.end('{"message": "from the input"}');
    expect(await ended).toMatchObject({ code: 0, stdout: 'from the input\n' });
  });

  it('ends with 1 where the tool fails or the server refuses, and tells which', async () => {
    expect(await desk.run('call', 'small', 'fail')).toMatchObject({
      ...{ code: 1, stdout: 'this tool always fails\n' },
      stderr: expect.stringContaining('the tool says that it failed') as string,
    });
    expect(await desk.run('call', 'small', 'no-such-tool')).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: expect.stringContaining('the server refused: ') as string,
    });
  });

  it.each([
    ['arguments that are no JSON', ['--args', '{']],
    ['arguments that are no object', ['--args', '[1]']],
    ['a time that is none', ['--timeout', 'soon']],
    ['more time than there is', ['--timeout', '6m']],
  ])('%s: the command line makes no sense', async (_what, options) => {
    expect(await desk.run('call', 'small', 'echo', ...options)).toMatchObject({ code: 2 });
  });

  it('ends in time, and is given up with Ctrl-C', async () => {
    const wait = ['call', 'small', 'slow', '--args', '{"steps": 100, "stepMs": 5000}'];
    expect(await desk.run(...wait, '--timeout', '1s')).toMatchObject({ code: 5 });
    await expect.poll(server.givenUp, eventually).toBe(1);
    const before = server.count({ method: 'tools/call' });
    const { child, ended } = start(...wait);
    const calls = () => server.count({ method: 'tools/call' });
    await expect.poll(calls, eventually).toBe(before + 1);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      ...{ code: 130, stdout: '' },
      stderr: expect.stringContaining('given up') as string,
    });
    await expect.poll(server.givenUp, eventually).toBe(2);
  });
});
