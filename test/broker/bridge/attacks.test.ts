/** More attacks on the HTTP door, each test by its name; those on what every request must have are in guard.test.ts. */
import type crypto from 'node:crypto';
import type http from 'node:http';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { took } from '../../doubles/timing.ts';
import {
  type LoopbackServer,
  readBody,
  startLoopbackServer,
} from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { type Bridge, openBridge, startAsking } from './open-bridge.ts';

/** Pairs of hashes that were compared, in constant time. */
const compared = vi.hoisted(() => ({ count: 0 }));
vi.mock('node:crypto', async (load) => {
  const real = await load<typeof crypto>();
  const timingSafeEqual: typeof crypto.timingSafeEqual = (a, b) => {
    compared.count += 1;
    return real.timingSafeEqual(a, b);
  };
  return { ...real, timingSafeEqual };
});

/** So much faster do limits run out here. */
const FASTER = 200;
vi.mock('node:http', async (load) => {
  const real = await load<typeof http>();
  const createServer = (handle: Parameters<typeof http.createServer>[1]) => {
    const server = real.createServer({ connectionsCheckingInterval: 50 }, handle);
    server.headersTimeout /= FASTER;
    server.requestTimeout /= FASTER;
    return server;
  };
  return { ...real, createServer };
});

let server: LoopbackServer;
let bridge: Bridge;
/** Paths and bodies that reached the server. */
let arrived: string[] = [];

beforeAll(async () => {
  server = await startLoopbackServer(() => async (req, res) => {
    const body = (await readBody(req)).toString();
    arrived.push(body);
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end('{"jsonrpc":"2.0","id":1,"result":{}}');
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  bridge = await openBridge({ one: server.origin });
  arrived = [];
});
afterEach(() => bridge[Symbol.asyncDispose]());

const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

/** Says it over one connection, and gives all that came back: until the door hung up, or after a while. */
const say = (bytes: string, waitMs = 500): Promise<{ said: string; hungUp: boolean }> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port: bridge.port });
    let said = '';
    const over = (hungUp: boolean): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve({ said, hungUp });
    };
    const patience = setTimeout(() => over(false), waitMs);
    socket.on('data', (chunk) => (said += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => over(true));
    socket.write(bytes, 'latin1');
  });

const statusesOf = (said: string): number[] =>
  [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

const head = (...lines: string[]): string =>
  [`POST /mcp/one HTTP/1.1`, `Host: 127.0.0.1:${bridge.port}`, ...lines, '', ''].join('\r\n');
const bearer = (): string => `Authorization: Bearer ${bridge.key}`;

const stillServes = async (): Promise<void> => {
  expect((await bridge.ask({ body: list })).status).toBe(200);
};

describe('a page of another site', () => {
  it.each([
    ['application/x-www-form-urlencoded', `a=1&${list}=`],
    ['text/plain', `${list.slice(0, -1)},"x":"=\\r\\n"}`],
    ['multipart/form-data; boundary=b', `--b\r\n\r\n${list}\r\n--b--\r\n`],
  ])(
    'posts a form of type %s, as no-cors allows: nothing arrives, with its Origin or without',
    async (type, body) => {
      const site = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'cross-site', cookie: 'a=b' };
      const form = { authorization: '', 'content-type': type, ...site };
      const withOrigin = { ...form, origin: 'https://evil.example' };
      const answers = [
        await bridge.ask({ headers: form, body }),
        await bridge.ask({ headers: withOrigin, body }),
        await bridge.ask({
          headers: { ...withOrigin, authorization: `Bearer ${bridge.key}` },
          body,
        }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
      expect(answers.map(({ headers }) => headers['access-control-allow-origin'])).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(arrived).toEqual([]);
    },
  );

  it('rebinds its name and says it twice, in the wrong case, or in the address: nothing arrives', async () => {
    const here = `127.0.0.1:${bridge.port}`;
    const rest = `${bearer()}\r\nConnection: close\r\nContent-Length: ${list.length}\r\n\r\n${list}`;
    const hosts = [
      `Host: ${here}\r\nHost: evil.example`,
      `Host: evil.example\r\nHost: ${here}`,
      `Host: ${here}, evil.example`,
      `Host: ${here}@evil.example`,
      `Host: ${here}.`,
      'Host:',
      'X: no host at all',
    ];
    for (const host of hosts) {
      const { said } = await say(`POST /mcp/one HTTP/1.1\r\n${host}\r\n${rest}`);
      expect([host, String(statusesOf(said))]).toEqual([host, expect.stringMatching(/^40[03]$/)]);
    }
    const { said } = await say(
      `POST http://evil.example/mcp/one HTTP/1.1\r\nHost: ${here}\r\n${rest}`,
    );
    expect([statusesOf(said), arrived]).toEqual([[404], []]);
  });
});

describe('somebody who guesses keys', () => {
  it('500 times at once: is refused each time, and the right key is never locked out', async () => {
    const guesses = Array.from({ length: 500 }, (_none, at) =>
      // Longer than the key, which may itself end in a digit.
      at % 2 === 0
        ? `${bridge.key.slice(0, -1)}-${at}`
        : Buffer.alloc(32, at).toString('base64url'),
    );
    const [right, ...answers] = await Promise.all([
      bridge.ask({ body: list }),
      ...guesses.map((guess) =>
        bridge.ask({ headers: { authorization: `Bearer ${guess}` }, body: list }),
      ),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect([right?.status, arrived]).toEqual([200, [list]]);
    await stillServes();
  });

  it('and looks at the clock: every key is compared, right or wrong, the first or the last, in constant time', async () => {
    const keys = [bridge.key, bridge.keyOf('second'), bridge.keyOf('third')];
    const counts: number[] = [];
    for (const key of [...keys, 'x', `${bridge.key}x`, '']) {
      compared.count = 0;
      await bridge.ask({ headers: { authorization: `Bearer ${key}` }, body: list });
      counts.push(compared.count);
    }
    expect(counts).toEqual(Array(6).fill(keys.length));
  });

  it.each(['key', 'token', 'access_token', 'authorization', 'x-drawbridge-key'])(
    'and puts a right one into the address as %s, where logs and histories would keep it: is refused',
    async (name) => {
      const path = `/mcp/one?${name}=${bridge.key}`;
      const { status } = await bridge.ask({ path, headers: { authorization: '' }, body: list });
      expect([status, arrived]).toEqual([403, []]);
      expect(bridge.log.filter((line) => line.includes(bridge.key))).toEqual([]);
    },
  );
});

describe('an AI client that learns the session of another one', () => {
  let modern: McpTestServer;
  beforeEach(async () => {
    modern = await startMcpServer({ eras: 'modern' });
    await bridge[Symbol.asyncDispose]();
    bridge = await openBridge({ one: modern.url, two: modern.url });
  });
  afterEach(() => modern.close());

  const initialize = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'a', version: '1' },
    },
  });

  it.each(['POST', 'GET', 'DELETE'])(
    'finds nothing under it with %s, and ends nothing',
    async (method) => {
      const begun = await bridge.ask({ body: initialize });
      const session = String(begun.headers['mcp-session-id']);
      expect(session).toMatch(/^drawbridge-door-/);
      const theirs = { authorization: `Bearer ${bridge.keyOf('another')}` };
      const body = method === 'POST' ? { body: list } : {};
      const ask = (headers: Record<string, string>, path = '/mcp/one') =>
        bridge.ask({ method, path, headers: { ...headers, 'mcp-session-id': session }, ...body });
      expect((await ask(theirs)).status).toBe(404);
      // Nor is it one at another server, for its owner either.
      expect((await ask({}, '/mcp/two')).status).toBe(404);
      const own = await bridge.ask({ headers: { 'mcp-session-id': session }, body: list });
      expect([own.status, own.text.includes('"echo"')]).toEqual([200, true]);
    },
  );
});

describe('a request in another one', () => {
  const hidden = (): string =>
    head(bearer(), `Content-Length: ${list.length}`) + list.replace('tools/list', 'evil/evil_');

  it.each<[string, () => string]>([
    [
      'CL and TE',
      () =>
        head(bearer(), 'Content-Length: 4', 'Transfer-Encoding: chunked') + `0\r\n\r\n${hidden()}`,
    ],
    [
      'TE and CL',
      () =>
        head(bearer(), 'Transfer-Encoding: chunked', 'Content-Length: 6') + `0\r\n\r\n${hidden()}`,
    ],
    ['two lengths', () => head(bearer(), 'Content-Length: 0', 'Content-Length: 5') + hidden()],
    ['a list of lengths', () => head(bearer(), 'Content-Length: 0, 5') + hidden()],
    ['a length with a sign', () => head(bearer(), 'Content-Length: +0') + hidden()],
    ['a name with a space', () => head(bearer(), 'Content-Length : 0') + hidden()],
    ['an unknown coding', () => head(bearer(), 'Transfer-Encoding: xchunked') + hidden()],
    [
      'a coding after chunked',
      () => head(bearer(), 'Transfer-Encoding: chunked, identity') + hidden(),
    ],
    [
      'a folded coding',
      () => head(bearer(), 'Transfer-Encoding:\r\n chunked') + `0\r\n\r\n${hidden()}`,
    ],
    ['a lone line feed', () => head(`X: a\nTransfer-Encoding: chunked`, bearer()) + hidden()],
    [
      'a size that overflows',
      () => head(bearer(), 'Transfer-Encoding: chunked') + `fffffffffffffffff\r\n${hidden()}`,
    ],
  ])('by %s: the second one reaches nobody', async (_how, bytes) => {
    const { said, hungUp } = await say(bytes());
    expect(statusesOf(said)[0] ?? 400).toBe(400);
    expect([statusesOf(said).length <= 1, hungUp]).toEqual([true, true]);
    expect(arrived.filter((body) => body.includes('evil'))).toEqual([]);
    await stillServes();
  });

  it('after one with a key, on its connection: needs a key of its own', async () => {
    const first = head(bearer(), `Content-Length: ${list.length}`) + list;
    const second = head(`Content-Length: ${list.length}`, 'Connection: close') + list;
    const { said } = await say(first + second, 2_000);
    expect([statusesOf(said), arrived.length]).toEqual([[200, 403], 1]);
  });

  it('in a value of a header: is refused, and splits nothing on the way to the server', async () => {
    const value = 'Mcp-Name: a\rContent-Length: 0\r\r';
    const { said } = await say(head(bearer(), value, `Content-Length: ${list.length}`) + list);
    expect([statusesOf(said), arrived]).toEqual([[400], []]);
  });
});

describe('a slow one (slowloris)', () => {
  it.each<[string, () => string]>([
    ['half a head', () => head(bearer()).slice(0, -2)],
    ['half a body', () => head(bearer(), 'Content-Length: 100') + list],
    ['half a chunk', () => head(bearer(), 'Transfer-Encoding: chunked') + '40\r\n{'],
  ])(
    'that sends %s on 200 connections: keeps nobody from the door, and is cut in the end',
    async (_half, bytes) => {
      const timed = async (): Promise<number> => (await took(stillServes))[1];
      const alone = [await timed(), await timed(), await timed()];
      const slow = Array.from({ length: 200 }, () => say(bytes(), 15_000));
      const cut = new AbortController();
      for (const one of slow) void one.then(() => cut.abort());
      const beside: number[] = [];
      while (!cut.signal.aborted) beside.push(await timed());
      // Who had to wait for them would be served when they are cut, and not before.
      expect(Math.min(...beside) / Math.min(...alone)).toBeLessThan(50);
      const answers = await Promise.all(slow);
      expect(new Set(answers.map(({ hungUp }) => hungUp))).toEqual(new Set([true]));
      expect(new Set(answers.flatMap(({ said }) => statusesOf(said)))).toEqual(new Set([408]));
      expect(new Set(arrived)).toEqual(new Set([list]));
    },
  );

  it('that is answered slowly, because its server thinks: is not cut', async () => {
    await using thoughtful = await startLoopbackServer(() => async (req, res) => {
      await readBody(req);
      await sleep(2_500);
      res.writeHead(200).end('{}');
    });
    await using other = await openBridge({ one: thoughtful.origin });
    const answer = await startAsking(other.port, other.key, { body: list });
    expect(answer.resume().statusCode).toBe(200);
  });
});
