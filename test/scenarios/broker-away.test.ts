/** Does an AI client behind the shim notice when Drawbridge stops, dies, or was not running at all? */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it } from 'vitest';
import { type ShimProcess, startShim } from '../broker/bridge/shim-process.ts';
import { eventually } from '../doubles/eventually.ts';
import { startEverythingServer } from '../servers/everything-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { aiClients } from './ai-clients.ts';
import { type RunningDrawbridge, runDrawbridge, stdioParameters } from './running-drawbridge.ts';

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: { readonly isError?: boolean; readonly content?: { readonly text: string }[] };
  readonly error?: { readonly code: number; readonly message: string };
}

const messagesOf = (shim: ShimProcess): Message[] =>
  shim.lines.map((line) => JSON.parse(line) as Message);

const answerTo = async (shim: ShimProcess, id: unknown): Promise<Message> => {
  const find = () => messagesOf(shim).find((message) => message.id === id);
  await expect.poll(find, { timeout: 20_000 }).toBeDefined();
  return find() ?? expect.fail();
};

const ask = (shim: ShimProcess, id: unknown, method: string, params: object = {}): void =>
  shim.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }));

const shake = async (shim: ShimProcess): Promise<void> => {
  ask(shim, 'init', 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  });
  await answerTo(shim, 'init');
  shim.write('{"jsonrpc":"2.0","method":"notifications/initialized"}');
};

const pidIn = async (drawbridge: RunningDrawbridge): Promise<number> => {
  const text = await readFile(path.join(drawbridge.dataFolder, 'instance.json'), 'utf8');
  return (JSON.parse(text) as { pid: number }).pid;
};

/** Somebody else starts the next one: no shim may, however long that takes on a busy machine. */
const goAway = async (
  drawbridge: RunningDrawbridge,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> => {
  await rm(path.join(drawbridge.dataFolder, 'launch.json'));
  await drawbridge.stop(signal);
};

/** From now on whoever is to be started is noted: with what arguments, each time. */
const countStarts = async ({ dataFolder }: RunningDrawbridge) => {
  const [record, noting, starts] = ['launch.json', 'noting.mjs', 'starts'].map((name) =>
    path.join(dataFolder, name),
  ) as [string, string, string];
  const launch = JSON.parse(await readFile(record, 'utf8')) as { args: string[] };
  await writeFile(
    noting,
    `import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(starts)}, JSON.stringify(args) + '\\n');
spawn(process.execPath, args, { detached: true, stdio: 'ignore' }).unref();
`,
  );
  await writeFile(record, JSON.stringify({ ...launch, args: [noting, ...launch.args] }));
  return async () =>
    (await readFile(starts, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string[]);
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a Drawbridge that is started again', () => {
  const pinned = async (drawbridge: RunningDrawbridge, server: string) => {
    const client = new Client(
      { name: 'scenario', version: '1.0.0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(new StdioClientTransport(stdioParameters(drawbridge, server)));
    return client;
  };

  it.each(Object.entries(aiClients).filter(([name]) => name.includes('shim')))(
    'is not noticed by %s, whose call meanwhile is answered',
    async (_name, open) => {
      await using server = await startMcpServer();
      await using drawbridge = await runDrawbridge();
      await drawbridge.run('add', server.url, '--id', 'there');
      await using client = await open(drawbridge, 'there');
      expect(await client.call('add', { a: 1, b: 2 })).toContain('3');
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        await drawbridge.stop(signal);
        const held = client.call('add', { a: 20, b: 3 });
        await drawbridge.start();
        expect(await held).toContain('23');
        expect(await client.tools()).toContain('add');
      }
    },
  );

  it('is not noticed by SDK 2.x pinned to 2026-07-28, which listens on', async () => {
    await using server = await startMcpServer({ eras: 'modern' });
    await using drawbridge = await runDrawbridge();
    await drawbridge.run('add', server.url, '--id', 'there');
    await using undo = new AsyncDisposableStack();
    const client = await pinned(drawbridge, 'there');
    undo.defer(() => client.close());
    // Its shim is there only with an answer: one that finds nobody would start a Drawbridge.
    await client.listTools();
    await goAway(drawbridge, 'SIGTERM');
    const held = client.callTool({ name: 'add', arguments: { a: 20, b: 3 } });
    await drawbridge.start();
    expect(JSON.stringify(await held)).toContain('23');
  });

  it('is told again what an AI client has subscribed to, and shows it no answer twice', async () => {
    await using undo = new AsyncDisposableStack();
    const everything = await startEverythingServer();
    undo.defer(everything.close);
    await using drawbridge = await runDrawbridge();
    await drawbridge.run('add', everything.url, '--id', 'there');
    await using shim = startShim(drawbridge.dataFolder, 'there');
    await shake(shim);
    const uri = 'demo://resource/dynamic/text/1';
    ask(shim, 'subscribe', 'resources/subscribe', { uri });
    expect((await answerTo(shim, 'subscribe')).error).toBeUndefined();

    await goAway(drawbridge, 'SIGKILL');
    await drawbridge.start();
    ask(shim, 'toggle', 'tools/call', { name: 'toggle-subscriber-updates', arguments: {} });
    await answerTo(shim, 'toggle');
    await expect
      .poll(
        () =>
          messagesOf(shim).filter(
            ({ method, params }) =>
              method === 'notifications/resources/updated' && params?.['uri'] === uri,
          ).length,
        { timeout: 15_000 },
      )
      .toBeGreaterThan(0);
    const answered = messagesOf(shim).flatMap(({ id, method }) =>
      method === undefined ? [id] : [],
    );
    expect(answered).toEqual(['init', 'subscribe', 'toggle']);
    shim.closeInput();
    expect(await shim.ended).toBe(0);
  });

  it('answers what was under way: lists as before, and of a call that nobody knows what became of it', async () => {
    await using server = await startMcpServer();
    await using drawbridge = await runDrawbridge();
    await drawbridge.run('add', server.url, '--id', 'there');
    await using shim = startShim(drawbridge.dataFolder, 'there');
    await shake(shim);
    const calls = () => server.seen.filter(({ method }) => method === 'tools/call').length;
    ask(shim, 'slow', 'tools/call', { name: 'slow', arguments: { steps: 100, stepMs: 200 } });
    await expect.poll(calls, eventually).toBe(1);
    ask(shim, 'own', 'acme/unheard-of');
    await goAway(drawbridge, 'SIGKILL');
    ask(shim, 'list', 'tools/list');
    const { result } = await answerTo(shim, 'slow');
    expect(result?.isError).toBe(true);
    expect(result?.content?.[0]?.text).toMatch(/may have been carried out, or not/);
    await drawbridge.start();
    expect(JSON.stringify(await answerTo(shim, 'list'))).toContain('"add"');
    expect(calls()).toBe(1);
    shim.closeInput();
    expect(await shim.ended).toBe(0);
  });
});

describe('without a Drawbridge', () => {
  it('that ran before, twenty AI clients at once start one, as it was started, and drawbridge stop ends it', async () => {
    await using server = await startMcpServer();
    await using drawbridge = await runDrawbridge();
    await drawbridge.run('add', server.url, '--id', 'there');
    const before = await pidIn(drawbridge);
    await drawbridge.stop();
    const starts = await countStarts(drawbridge);

    await using undo = new AsyncDisposableStack();
    const shims = Array.from({ length: 20 }, () =>
      undo.use(startShim(drawbridge.dataFolder, 'there')),
    );
    for (const shim of shims) void shake(shim);
    for (const [count, shim] of shims.entries()) {
      await answerTo(shim, 'init');
      ask(shim, 1, 'tools/call', { name: 'add', arguments: { a: count, b: 1000 } });
      expect(JSON.stringify(await answerTo(shim, 1))).toContain(String(1000 + count));
    }
    const pid = await pidIn(drawbridge);
    expect(pid).not.toBe(before);
    expect(await starts()).toEqual([expect.arrayContaining(['serve'])]);
    for (const shim of shims) shim.closeInput();
    await Promise.all(shims.map(({ ended }) => ended));
    expect(isAlive(pid)).toBe(true);

    const { code, stdout } = await drawbridge.run('stop');
    expect([code, stdout]).toEqual([0, 'stopped\n']);
    await expect.poll(() => isAlive(pid), eventually).toBe(false);
  });

  it('that died, one that nobody else starts again is started', async () => {
    await using server = await startMcpServer();
    await using drawbridge = await runDrawbridge();
    await drawbridge.run('add', server.url, '--id', 'there');
    await using shim = startShim(drawbridge.dataFolder, 'there');
    await shake(shim);
    await drawbridge.stop('SIGKILL');
    ask(shim, 1, 'tools/call', { name: 'add', arguments: { a: 4, b: 5 } });
    expect(JSON.stringify(await answerTo(shim, 1))).toContain('9');
    shim.closeInput();
    await shim.ended;
    expect((await drawbridge.run('stop')).code).toBe(0);
  }, 40_000);

  it.concurrent('that was stopped, a shim waits for 30 seconds, starts none, and says so to all who wait', async () => {
    await using server = await startMcpServer();
    await using drawbridge = await runDrawbridge();
    await drawbridge.run('add', server.url, '--id', 'there');
    await using shim = startShim(drawbridge.dataFolder, 'there');
    await shake(shim);
    const began = Date.now();
    expect((await drawbridge.run('stop')).code).toBe(0);
    ask(shim, 1, 'tools/call', { name: 'add', arguments: { a: 4, b: 5 } });
    ask(shim, 2, 'tools/list');
    expect(await shim.ended).toBe(1);
    expect(Date.now() - began).toBeGreaterThan(29_000);
    expect(shim.stderr()).toBe('drawbridge: Drawbridge has stopped\n');
    expect(messagesOf(shim).slice(1)).toMatchObject([
      { id: 1, result: { isError: true, content: [{ text: 'Drawbridge has stopped' }] } },
      { id: 2, error: { message: 'Drawbridge has stopped' } },
    ]);
    await expect(pidIn(drawbridge)).rejects.toThrow('ENOENT');
  }, 60_000);

  it.concurrent('that something else watches over, a shim starts none', async () => {
    await using drawbridge = await runDrawbridge({ serve: ['--supervised'] });
    await drawbridge.stop();
    await using shim = startShim(drawbridge.dataFolder, 'there');
    ask(shim, 1, 'tools/list');
    expect([await shim.ended, messagesOf(shim)]).toMatchObject([
      4,
      [{ id: 1, error: { message: expect.stringContaining('Drawbridge is not running') } }],
    ]);
  }, 20_000);
});
