/** Is the built shim a good stdio server: nothing but protocol on stdout, and gone when it should be? */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, until } from '../../doubles/eventually.ts';
import {
  type InProcessBroker,
  readInstance,
  startInProcessBroker,
} from '../../doubles/in-process-broker.ts';
import { expectUnder } from '../../doubles/timing.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { nodes, type ShimProcess, startShim } from './shim-process.ts';

/** What a shim waits for a Drawbridge at least. */
const PATIENCE_MS = 4_500;

const named = Object.entries(nodes);
const initialize = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  },
};

let everything: EverythingServer;
let drawbridge: InProcessBroker;

beforeAll(async () => {
  everything = await startEverythingServer();
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('everything', everything.url);
});
afterAll(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await everything.close();
});

const initialized = async (shim: ShimProcess): Promise<void> => {
  shim.write(JSON.stringify(initialize));
  await expect.poll(() => shim.lines.length, eventually).toBeGreaterThan(0);
};

const emptyFolder = async (): Promise<{ readonly folder: string } & AsyncDisposable> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
};

describe.each(named)('the shim on %s', (_name, node) => {
  it('puts one JSON-RPC message a line on stdout and nothing on stderr (T22)', async () => {
    const shim = startShim(drawbridge.dataFolder, 'everything', node);
    await initialized(shim);
    shim.write('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    shim.write('{"jsonrpc":"2.0","id":2,"method":"tools/list"}');
    shim.write('this is no message');
    await expect.poll(() => shim.lines.length, eventually).toBeGreaterThan(2);
    shim.closeInput();
    await shim.ended;
    const messages = shim.lines.map((line) => JSON.parse(line) as { jsonrpc: string; id: unknown });
    expect(new Set(messages.map(({ jsonrpc }) => jsonrpc))).toEqual(new Set(['2.0']));
    expect(messages.map(({ id }) => id)).toEqual(expect.arrayContaining(['init', 2, null]));
    expect(shim.stderr()).toBe('');
  });

  it('ends with 0 as soon as its input does, and with it its session at the server (T23, T15)', async () => {
    const others = new Set(everything.sessions());
    const own: string[] = [];
    let shim: ShimProcess | undefined;
    const start = async (): Promise<void> => {
      shim = startShim(drawbridge.dataFolder, 'everything', node);
      await initialized(shim);
      own.push(...everything.sessions().filter((session) => !others.has(session)));
    };
    const end = async (): Promise<void> => {
      shim?.closeInput();
      expect(await shim?.ended).toBe(0);
    };
    await expectUnder(3, end, start);
    expect(own).not.toEqual([]);
    await expect
      .poll(() => everything.sessions().filter((session) => own.includes(session)), eventually)
      .toEqual([]);
  });

  it('ends with 1 and says why when there is no such server', async () => {
    const shim = startShim(drawbridge.dataFolder, 'nowhere', node);
    expect([await shim.ended, shim.lines, shim.stderr()]).toEqual([
      1,
      [],
      expect.stringMatching(/^drawbridge: there is no server "nowhere" \(.*list/),
    ]);
  });

  it('ends with 2 and its usage without a server', async () => {
    const shim = startShim(drawbridge.dataFolder, '--nonsense', node);
    expect([await shim.ended, shim.lines, shim.stderr()]).toEqual([
      2,
      [],
      'usage: drawbridge stdio <server>\n',
    ]);
  });

  it('ends with 1 and answers what is open when a message is longer than Drawbridge passes on', async () => {
    const shim = startShim(drawbridge.dataFolder, 'everything', node);
    await initialized(shim);
    shim.write('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    shim.write(
      '{"jsonrpc":"2.0","id":"open","method":"tools/call","params":{"name":"trigger-long-running-operation","arguments":{"duration":60,"steps":2}}}',
    );
    shim.write(`{"text":"${'x'.repeat(64 * 1024 * 1024)}"}`);
    expect([await shim.ended, shim.stderr()]).toEqual([
      1,
      'drawbridge: a message longer than Drawbridge passes on\n',
    ]);
    expect(shim.lines.at(-1)).toContain('"id":"open"');
  });

  it('ends with 1 when its key is not that of the running Drawbridge', async () => {
    await using folder = await emptyFolder();
    const { door } = await readInstance(drawbridge.dataFolder);
    const record = { door: { ...door, key: 'fake-key' } };
    await writeFile(path.join(folder.folder, 'instance.json'), JSON.stringify(record));
    const shim = startShim(folder.folder, 'everything', node);
    expect([await shim.ended, shim.lines, shim.stderr()]).toEqual([
      1,
      [],
      expect.stringContaining('does not belong to the running Drawbridge'),
    ]);
  });
});

// They wait for seconds, so they wait together.
describe.concurrent('the shim without a Drawbridge', () => {
  it.each(named)(
    'on %s ends with 4 after its patience when no Drawbridge runs, not before',
    async (_name, node) => {
      await using empty = await emptyFolder();
      const began = Date.now();
      const shim = startShim(empty.folder, 'everything', node);
      expect([await shim.ended, shim.lines]).toEqual([4, []]);
      expect(shim.stderr()).toContain('Drawbridge is not running');
      expect(Date.now() - began).toBeGreaterThan(PATIENCE_MS);
      expect(Date.now() - began).toBeLessThan(2 * PATIENCE_MS);
    },
  );

  it('and with a record of how it was started that names no program, ends as without one', async () => {
    await using empty = await emptyFolder();
    await writeFile(path.join(empty.folder, 'launch.json'), '{"program":7}');
    const shim = startShim(empty.folder, 'everything');
    expect([await shim.ended, shim.lines]).toEqual([4, []]);
    expect(shim.stderr()).toContain('Drawbridge is not running');
  });

  it.each(named)(
    'on %s ends at once when its input does while it waits for a Drawbridge (T23)',
    async (_name, node) => {
      await using empty = await emptyFolder();
      const startAndEnd = async (): Promise<void> => {
        const shim = startShim(empty.folder, 'everything', node);
        shim.closeInput();
        expect(await shim.ended).toBe(0);
      };
      const refused = () => startShim(empty.folder, '--nonsense', node).ended;
      await expectUnder(5, startAndEnd, refused);
    },
  );

  it.each(named)('on %s finds a Drawbridge that starts while it waits', async (_name, node) => {
    await using empty = await emptyFolder();
    const shim = startShim(empty.folder, 'everything', node);
    shim.write(JSON.stringify(initialize));
    const instance = await readInstance(drawbridge.dataFolder);
    await writeFile(path.join(empty.folder, 'instance.json'), '{"half');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await writeFile(path.join(empty.folder, 'instance.json'), JSON.stringify(instance));
    await until(() => expect(shim.lines.length).toBe(1));
    shim.closeInput();
    expect(await shim.ended).toBe(0);
  });
});

it('ten shims at once each have their own session, and answer soon (T26, T15)', async () => {
  const before = new Set(everything.sessions());
  const shims = Array.from({ length: 10 }, () => startShim(drawbridge.dataFolder, 'everything'));
  await Promise.all(shims.map(initialized));
  for (const shim of shims) shim.write('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  const textsOf = (shim: ShimProcess) =>
    shim.lines
      .map((line) => JSON.parse(line) as { result?: { content?: { text: string }[] } })
      .flatMap(({ result }) => result?.content?.map(({ text }) => text) ?? []);
  let id = 0;
  /** Each asks, and has its own answer and no other. */
  const echo = async (asking: readonly ShimProcess[]): Promise<void> => {
    const words = asking.map(() => `from ${(id += 1)}`);
    const had = asking.map((shim) => textsOf(shim));
    for (const [at, shim] of asking.entries()) {
      const params = { name: 'echo', arguments: { message: words[at] } };
      shim.write(JSON.stringify({ jsonrpc: '2.0', id: words[at], method: 'tools/call', params }));
    }
    await expect
      .poll(() => asking.map(textsOf), { ...eventually, interval: 1 })
      .toEqual(words.map((text, at) => [...(had[at] ?? []), `Echo: ${text}`]));
  };
  await expectUnder(
    20,
    () => echo(shims),
    () => echo(shims.slice(0, 1)),
  );
  expect(everything.sessions().filter((session) => !before.has(session))).toHaveLength(10);
  for (const shim of shims) shim.closeInput();
  expect(await Promise.all(shims.map(({ ended }) => ended))).toEqual(Array(10).fill(0));
});
