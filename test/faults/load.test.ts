/** A hundred AI clients on ten servers, each of which dies ten times: no answer is wrong, none is lost, nothing is left. */
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { type ShimProcess, startShim } from '../broker/bridge/shim-process.ts';
import { eventually } from '../doubles/eventually.ts';
import { startInProcessBroker } from '../doubles/in-process-broker.ts';
import { countResources, forgottenSince } from '../doubles/resources.ts';
import { startEverythingServer } from '../servers/everything-server.ts';
import type { McpFront } from '../servers/mcp-front.ts';
import { startMcpServer } from '../servers/mcp-server.ts';

const SHIMS = 100;
const DEATHS = 10;
/** Between one answer and the next question of an AI client, ms. */
const PAUSE_MS = 60;
/** How long a server is away, and how long it stays, ms. */
const AWAY_MS = 60;
const UP_MS = 1_200;
/** Whoever waits longer has lost the answer, ms. */
const LOST_MS = 30_000;
const MOST_GROWTH_MB = 150;

type Start = (port?: number) => Promise<McpFront>;
type Era = 'legacy' | 'modern';

/** What the ten servers are, and what the AI clients of each speak in turn. */
const kinds: readonly {
  readonly kind: string;
  readonly start: Start;
  readonly eras: readonly Era[];
}[] = [
  ...Array.from({ length: 4 }, () => ({
    kind: 'legacy, with sessions',
    start: (port?: number) => startEverythingServer(port === undefined ? {} : { port }),
    eras: ['legacy'] as const,
  })),
  ...Array.from({ length: 3 }, () => ({
    kind: 'modern only',
    start: (port?: number) =>
      startMcpServer({ eras: 'modern', ...(port === undefined ? {} : { port }) }),
    eras: ['legacy', 'modern'] as const,
  })),
  ...Array.from({ length: 3 }, () => ({
    kind: 'both eras',
    start: (port?: number) => startMcpServer(port === undefined ? {} : { port }),
    eras: ['legacy', 'modern'] as const,
  })),
];

/** How a call can end. The last three must not be. */
interface Totals {
  calls: number;
  answered: number;
  /** With an error that says so: nobody is there, or the connection broke. */
  broken: number;
  wrong: number;
  twice: number;
  lost: number;
}

const none = (): Totals => ({ calls: 0, answered: 0, broken: 0, wrong: 0, twice: 0, lost: 0 });

interface Reply {
  readonly id?: unknown;
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly { readonly text?: string }[];
  };
  readonly error?: { readonly code: number; readonly message: string };
}

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const modernMeta = {
  [VERSION_KEY]: '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'load', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

interface Question {
  readonly params: object;
  /** Is in the answer, and in no answer to another question asked at about the same time. */
  readonly answer: string;
}

const echo = (id: string): Question => {
  const message = `"the words of ${id}"`;
  return { params: { name: 'echo', arguments: { message } }, answer: message };
};

/** Takes a while, so that servers die in the middle of it. */
const slow = (count: number, isLegacyServer: boolean): Question => {
  const steps = 1 + (count % 5);
  return isLegacyServer
    ? {
        params: { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps } },
        answer: `Steps: ${steps}`,
      }
    : {
        params: { name: 'slow', arguments: { steps, stepMs: Math.floor(200 / steps) } },
        answer: `done in ${steps} steps`,
      };
};

/** An AI client that asks one thing after the other, each with words of its own. */
const startClient = (
  shim: ShimProcess,
  era: Era,
  name: string,
  isLegacyServer: boolean,
  totals: Totals,
) => {
  const over = new AbortController();
  let read = 0;
  const replies = new Map<unknown, Reply[]>();
  const take = (id: string): readonly Reply[] => {
    for (; read < shim.lines.length; read += 1) {
      const reply = JSON.parse(shim.lines[read] ?? '') as Reply;
      replies.set(reply.id, [...(replies.get(reply.id) ?? []), reply]);
    }
    return replies.get(id) ?? [];
  };
  const ask = async (id: string, method: string, params: object): Promise<Reply | undefined> => {
    const all = era === 'modern' ? { ...params, _meta: modernMeta } : params;
    shim.write(JSON.stringify({ jsonrpc: '2.0', id, method, params: all }));
    const end = Date.now() + LOST_MS;
    while (Date.now() < end) {
      const [reply] = take(id);
      if (reply !== undefined) return reply;
      await sleep(5);
    }
    return undefined;
  };

  const initialize = async (): Promise<void> => {
    if (era === 'modern') return;
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const reply = await ask(`${name} begins ${attempt}`, 'initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name, version: '1' },
      });
      if (reply?.result !== undefined) break;
      await sleep(PAUSE_MS);
    }
    shim.write('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  };

  const call = async (id: string, { params, answer } = echo(id)): Promise<void> => {
    totals.calls += 1;
    const reply = await ask(id, 'tools/call', params);
    const text = reply?.result?.content?.[0]?.text ?? reply?.error?.message ?? '';
    if (reply === undefined) totals.lost += 1;
    else if (reply.result?.isError !== true && text.includes(answer)) totals.answered += 1;
    else if (/nothing answers|connection|ended before|status 50\d/.test(text)) totals.broken += 1;
    else {
      totals.wrong += 1;
      process.stdout.write(`wrong: ${id}: ${JSON.stringify(reply)}\n`);
    }
  };

  const talk = async (): Promise<void> => {
    for (let count = 0; !over.signal.aborted; count += 1) {
      const id = `${name}, ${count}`;
      await call(id, count % 4 === 3 ? slow(count, isLegacyServer) : echo(id));
      await sleep(PAUSE_MS);
    }
  };

  return {
    initialize,
    talk,
    call,
    stop: () => over.abort(),
    countDoubles: () => {
      take('');
      for (const [id, all] of replies) {
        if (typeof id === 'string' && all.length > 1) totals.twice += 1;
      }
    },
  };
};

/** Every connection that this process opens, by the port it leads to, for as long as it is open. */
const watchConnections = () => {
  const open = new Map<Socket, number>();
  const noted = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    socket.once('connect', () => {
      if (socket.remotePort !== undefined) open.set(socket, socket.remotePort);
    });
    socket.once('close', () => open.delete(socket));
  };
  diagnostics.subscribe('net.client.socket', noted);
  return {
    to: (port: number) => [...open.values()].filter((other) => other === port).length,
    [Symbol.dispose]: () => void diagnostics.unsubscribe('net.client.socket', noted),
  };
};

const heapMb = (): number => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};

it(`${SHIMS} shims on ${kinds.length} servers that die ${DEATHS} times each`, {
  timeout: 240_000,
}, async () => {
  const resourcesBefore = countResources();
  const began = Date.now();
  using connections = watchConnections();
  const totals = new Map<string, Totals>();
  let restarts = 0;
  let mostConnections = 0;
  let growth = 0;
  {
    await using undo = new AsyncDisposableStack();
    const drawbridge = undo.use(await startInProcessBroker());
    const servers = await Promise.all(
      kinds.map(async ({ kind, start, eras }, at) => {
        const running = { front: await start() };
        undo.defer(() => running.front.close());
        const id = `server-${at}`;
        await drawbridge.addServer(id, running.front.url);
        return { id, kind, start, eras, running, port: Number(new URL(running.front.url).port) };
      }),
    );
    const shims: ShimProcess[] = [];
    const clients = Array.from({ length: SHIMS }, (_none, at) => {
      const server = servers[at % servers.length] as (typeof servers)[number];
      const era = server.eras[Math.floor(at / servers.length) % server.eras.length] as Era;
      const shim = startShim(drawbridge.dataFolder, server.id);
      shims.push(shim);
      const row = `${server.kind}, ${era} AI clients`;
      if (!totals.has(row)) totals.set(row, none());
      const isLegacyServer = server.kind.startsWith('legacy');
      return startClient(shim, era, `shim ${at}`, isLegacyServer, totals.get(row) as Totals);
    });
    undo.defer(async () => {
      for (const shim of shims) shim.closeInput();
      expect(await Promise.all(shims.map(({ ended }) => ended))).toEqual(Array(SHIMS).fill(0));
      expect(shims.map((shim) => shim.stderr()).join('')).toBe('');
    });

    await Promise.all(clients.map(({ initialize }) => initialize()));
    await Promise.all(clients.map(({ call }, at) => call(`shim ${at}, before`)));
    const heapBefore = heapMb();
    const talks = clients.map(({ talk }) => talk());
    await Promise.all(
      servers.map(async ({ start, running, port }, at) => {
        await sleep((at * UP_MS) / servers.length);
        for (let death = 0; death < DEATHS; death += 1) {
          await sleep(UP_MS);
          mostConnections = Math.max(mostConnections, connections.to(port));
          await running.front.close();
          await sleep(AWAY_MS);
          running.front = await start(port);
          restarts += 1;
        }
      }),
    );
    await sleep(UP_MS);
    for (const { stop } of clients) stop();
    await Promise.all(talks);
    // Everybody is back: not one of the last calls may fail.
    const brokenBefore = [...totals.values()].reduce((sum, { broken }) => sum + broken, 0);
    await Promise.all(clients.map(({ call }, at) => call(`shim ${at}, at the end`)));
    const brokenAfter = [...totals.values()].reduce((sum, { broken }) => sum + broken, 0);
    expect(brokenAfter - brokenBefore).toBe(0);
    for (const { countDoubles } of clients) countDoubles();
    growth = heapMb() - heapBefore;

    // AI clients that go leave no connection of the broker in use; those that are not in use, servers close soon.
    for (const shim of shims) shim.closeInput();
    await Promise.all(shims.map(({ ended }) => ended));
    await expect
      .poll(() => servers.map(({ port }) => connections.to(port)), {
        ...eventually,
        timeout: 20_000,
      })
      .toEqual(servers.map(() => 0));
  }
  process.stdout.write(tableOf(totals, { restarts, mostConnections, growth, began }));
  const all = [...totals.values()];
  const sum = (of: keyof Totals): number => all.reduce((total, row) => total + row[of], 0);
  expect({
    wrong: sum('wrong'),
    twice: sum('twice'),
    lost: sum('lost'),
    restarts,
    all: sum('answered') + sum('broken'),
  }).toEqual({ wrong: 0, twice: 0, lost: 0, restarts: kinds.length * DEATHS, all: sum('calls') });
  // A death costs an AI client the call that is under way, and at times one that finds nobody there.
  expect(sum('broken')).toBeLessThan(1.5 * SHIMS * DEATHS);
  // Or so few calls were made that this says nothing.
  expect(sum('answered')).toBeGreaterThan(sum('calls') / 2);
  expect(growth).toBeLessThan(MOST_GROWTH_MB);
  expect(await forgottenSince(resourcesBefore)).toEqual([]);
});

const tableOf = (
  totals: ReadonlyMap<string, Totals>,
  facts: {
    readonly restarts: number;
    readonly mostConnections: number;
    readonly growth: number;
    readonly began: number;
  },
): string => {
  const columns: readonly (keyof Totals)[] = [
    'calls',
    'answered',
    'broken',
    'wrong',
    'twice',
    'lost',
  ];
  const line = (title: string, cells: readonly (string | number)[]): string =>
    `  ${title.padEnd(42)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
  const rows = [...totals].map(([title, row]) =>
    line(
      title,
      columns.map((column) => row[column]),
    ),
  );
  const sums = columns.map((column) =>
    [...totals.values()].reduce((sum, row) => sum + row[column], 0),
  );
  return [
    `load: ${SHIMS} shims, ${facts.restarts} restarts, ${((Date.now() - facts.began) / 1000).toFixed(0)} s, ` +
      `at most ${facts.mostConnections} connections to a server, heap ${facts.growth.toFixed(0)} MB more`,
    line('', columns),
    ...rows,
    line('all', sums),
    '',
  ].join('\n');
};
