/** Do the commands for rules and for waiting calls say and do what they promise? */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ApprovalView, Rule } from '../../shared/contract/rules.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk, type Serving } from './commands.ts';

// Each of these runs many commands, and each of those is a process.
vi.setConfig({ testTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 50 };

let server: McpTestServer;
let desk: Desk;
let serving: Serving;

beforeAll(async () => {
  server = await startMcpServer();
  desk = await createDesk();
  serving = await desk.serve();
  await desk.run('add', server.url, '--id', 'small');
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await server.close();
});

const json = async <T>(schema: z.ZodType<T>, ...args: string[]): Promise<T> =>
  schema.parse(JSON.parse((await desk.run(...args, '--json')).stdout));
const Rules = z.object({ rules: z.array(Rule) });
const Approvals = z.object({ approvals: z.array(ApprovalView) });
const Entry = z.object({
  mcpServers: z.object({
    small: z.object({ url: z.url(), headers: z.object({ Authorization: z.string() }) }),
  }),
});
const way = async () => {
  const { url, headers } = (await json(Entry, 'connect', 'small', '--http', '--client', 'nightly'))
    .mcpServers.small;
  return { url, key: headers.Authorization.replace('Bearer ', '') };
};
const waiting = async () => (await json(Approvals, 'approvals')).approvals;

describe('rules', () => {
  it('are none at first', async () => {
    expect(await desk.run('rules')).toEqual({
      code: 0,
      stdout: 'AI clients may use everything: drawbridge add-rule\n',
      stderr: '',
    });
  });

  it('are made, listed and removed, and hold meanwhile', async () => {
    await using client = await openClient('SDK 2.x, any era', await way());
    const added = await desk.run(
      'add-rule',
      '--client',
      'Nightly',
      '--server',
      'small',
      '--deny',
      'echo,sl?w',
      '--deny',
      'who*',
    );
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^added [0-9a-f]{10}: Nightly at small: never echo, sl\?w, who\*\n$/,
      ),
    });
    await desk.run('add-rule', '--read-only', '--allow', 'add');
    const { stdout } = await desk.run('rules');
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^[0-9a-f]{10} {2}Nightly at small {17}never echo, sl\?w, who\*$/),
      expect.stringMatching(
        /^[0-9a-f]{10} {2}every AI client at every server {2}only add; only reading$/,
      ),
    ]);
    expect(await client.tools()).toEqual(['add']);
    const { rules } = await json(Rules, 'rules');
    for (const { id } of rules)
      expect(await desk.run('remove-rule', id)).toMatchObject({
        code: 0,
        stdout: `removed ${id}\n`,
      });
    expect((await client.tools()).length).toBeGreaterThan(1);
    expect(await desk.run('remove-rule', rules[0]?.id ?? '')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('drawbridge rules shows the ones there are'),
    });
  });

  it.each<[string[], string]>([
    [['add-rule'], 'say at least one of'],
    [['add-rule', '--client', 'Cursor'], 'say at least one of'],
    [['add-rule', '--deny', 'a b'], '"a b" names no tool'],
    [['add-rule', '--deny', 'a,,b'], '"" names no tool'],
    [['add-rule', '--server', 'Small!', '--read-only'], '"Small!" is no server'],
    [['remove-rule', 'echo'], '"echo" is no id of a rule'],
    [['approve', 'echo'], '"echo" is no id of a waiting call'],
    [['deny'], 'usage: drawbridge deny <id>'],
  ])('%j makes no sense, and says why', async (args, why) => {
    expect(await desk.run(...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(why),
    });
  });

  it('cannot be for a server that is not there', async () => {
    expect(await desk.run('add-rule', '--server', 'smal', '--read-only')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('smal'),
    });
    expect((await json(Rules, 'rules')).rules).toEqual([]);
  });
});

describe('a call that waits', () => {
  it('is listed without what it is made with, shown when asked for, and answered', async () => {
    expect((await desk.run('approvals')).stdout).toBe('no call waits for you\n');
    let told = '';
    serving.child.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()));
    await desk.run('add-rule', '--approve', 'echo');
    await using client = await openClient('SDK 2.x, any era', await way());
    const allowed = client.call('echo', { message: 'fake argument' });
    await expect.poll(async () => (await waiting()).length, eventually).toBe(1);
    const { stdout } = await desk.run('approvals');
    expect(stdout).toMatch(
      /^[0-9a-f]{10} {2}nightly {2}small\/default {2}echo {2}[34] min left\n$/,
    );
    const [{ id } = { id: '' }] = await waiting();
    // Whoever looks at the daemon alone learns of it as well.
    expect(told).toMatch(/^nightly wants to call echo at .+, and waits for you$/m);
    expect(told).toContain(
      `hint: drawbridge approvals ${id}, then drawbridge approve ${id} or deny ${id}`,
    );
    expect(told).not.toContain('fake argument');
    expect((await desk.run('approvals', id)).stdout).toBe('{"message":"fake argument"}\n');
    expect(await desk.run('approve', id)).toMatchObject({
      code: 0,
      stdout: `allowed once: ${id}\n`,
    });
    expect((await allowed).text).toBe('fake argument');
    expect(await desk.run('approve', id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no call waits under'),
    });

    const denied = client.call('echo', { message: 'x' });
    await expect.poll(async () => (await waiting()).length, eventually).toBe(1);
    const [other = { id: '' }] = await waiting();
    expect(await desk.run('deny', other.id)).toMatchObject({
      code: 0,
      stdout: `denied: ${other.id}\n`,
    });
    expect((await denied).isError).toBe(true);
  });
});
