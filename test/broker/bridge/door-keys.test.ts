/** Does a key of the HTTP door open what it is for, and nothing any more once it is revoked? */

import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import {
  type LoopbackServer,
  readBody,
  sendJson,
  startLoopbackServer,
} from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { openClient } from './official-clients.ts';
import { startAsking } from './open-bridge.ts';

let small: McpTestServer;
let every: EverythingServer;
let drawbridge: InProcessBroker;

beforeEach(async () => {
  small = await startMcpServer();
  every = await startEverythingServer();
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('small', small.url);
  await drawbridge.addServer('every', every.url);
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await every.close();
  await small.close();
});

const make = (aiClient = 'cursor', servers?: string[]) =>
  drawbridge.control.makeDoorKey({ aiClient, servers });
const wayTo = (server: string, key: string) => ({
  url: `${drawbridge.baseOfDoor}/mcp/${server}`,
  key,
});
const portOfDoor = (): number => Number(new URL(drawbridge.baseOfDoor).port);

const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
const initialize = JSON.stringify({
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'a', version: '1' },
  },
});

interface Asking {
  readonly method?: string;
  readonly body?: string;
  readonly session?: string;
}

const ask = (
  key: string,
  server: string,
  { method = 'POST', body, session }: Asking,
): Promise<IncomingMessage> =>
  startAsking(portOfDoor(), key, {
    ...{ method, path: `/mcp/${server}` },
    ...(body === undefined ? {} : { body }),
    headers: session === undefined ? {} : { 'mcp-session-id': session },
  });

const statusOf = async (answer: Promise<IncomingMessage>): Promise<number> =>
  (await answer).resume().statusCode ?? 0;

const textOf = async (answer: Promise<IncomingMessage>): Promise<string> => {
  let text = '';
  for await (const chunk of await answer) text += String(chunk);
  return text;
};

const begin = async (key: string, server: string): Promise<string> => {
  const begun = await ask(key, server, { body: initialize });
  begun.resume();
  return String(begun.headers['mcp-session-id']);
};

/** How a stream ended; pending while it is open. */
const endOf = (stream: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    stream.on('error', () => undefined);
    stream.once('close', () => resolve());
    stream.resume();
  });

describe('a key that is revoked', () => {
  it.each(['SDK 2.x, any era', 'SDK 2.x, legacy era', 'SDK 1.x'] as const)(
    'stops %s in the middle of its session, and another key of the same name goes on',
    async (generation) => {
      const [mine, theirs] = [await make(), await make()];
      await using one = await openClient(generation, wayTo('small', mine.key));
      await using two = await openClient(generation, wayTo('small', theirs.key));
      expect((await one.call('add', { a: 1, b: 2 })).text).toBe('3');
      await drawbridge.control.revokeDoorKey({ id: mine.id });
      await expect(one.call('add', { a: 1, b: 2 })).rejects.toThrow();
      expect((await two.call('add', { a: 2, b: 2 })).text).toBe('4');
    },
  );

  it.each(['SDK 2.x, any era', 'SDK 1.x'] as const)(
    'ends the call of %s that is on its way',
    async (generation) => {
      const { id, key } = await make();
      await using client = await openClient(generation, wayTo('small', key));
      let steps = 0;
      const left = new AbortController();
      const call = client
        .call(
          'slow',
          { steps: 40, stepMs: 50 },
          { onprogress: () => void (steps += 1), signal: left.signal },
        )
        .then(
          () => 'answered',
          () => 'not answered',
        );
      await expect.poll(() => steps, eventually).toBeGreaterThan(0);
      await drawbridge.control.revokeDoorKey({ id });
      const seen = steps;
      // Longer than the whole call takes. These clients then wait for an answer that cannot come.
      await sleep(3_000);
      expect(steps).toBeLessThanOrEqual(seen + 1);
      left.abort();
      expect(await call).toBe('not answered');
    },
  );

  it('ends the stream of its session and leaves that of another key open', async () => {
    const [mine, theirs] = [await make(), await make()];
    const [session, other] = [await begin(mine.key, 'every'), await begin(theirs.key, 'every')];
    expect([session, other].map((id) => id.startsWith('drawbridge-door-'))).toEqual([true, true]);
    const streams = await Promise.all([
      ask(mine.key, 'every', { method: 'GET', session }),
      ask(theirs.key, 'every', { method: 'GET', session: other }),
    ]);
    const ended = endOf(streams[0]);
    let otherEnded = false;
    void endOf(streams[1]).then(() => (otherEnded = true));
    const sessionsBefore = every.sessions().length;
    await drawbridge.control.revokeDoorKey({ id: mine.id });
    await ended;
    expect(await statusOf(ask(mine.key, 'every', { body: list, session }))).toBe(403);
    expect(await textOf(ask(theirs.key, 'every', { body: list, session: other }))).toContain(
      '"echo"',
    );
    expect(otherEnded).toBe(false);
    // Nothing is kept for it: the server's own session has been ended as well.
    await expect.poll(() => every.sessions().length, eventually).toBe(sessionsBefore - 1);
    streams[1].destroy();
  });

  it('closes what the modern era keeps for it, and not what is kept for another key', async () => {
    const [mine, theirs] = [await make(), await make()];
    const before = new Set(every.sessions());
    await using one = await openClient('SDK 2.x, any era', wayTo('every', mine.key));
    await one.call('echo', { message: 'a' });
    const ofMine = every.sessions().filter((id) => !before.has(id));
    await using two = await openClient('SDK 2.x, any era', wayTo('every', theirs.key));
    await two.call('echo', { message: 'a' });
    const ofTheirs = every.sessions().filter((id) => !before.has(id) && !ofMine.includes(id));
    expect([ofMine.length, ofTheirs.length]).toEqual([1, 1]);
    await drawbridge.control.revokeDoorKey({ id: mine.id });
    await expect
      .poll(() => every.sessions().filter((id) => ofMine.includes(id)), eventually)
      .toEqual([]);
    expect((await two.call('echo', { message: 'b' })).text).toContain('b');
    expect(every.sessions()).toEqual(expect.arrayContaining(ofTheirs));
  });

  it('is no key any more while its request is still being sent', async () => {
    const { id, key } = await make();
    const arrivedBefore = small.seen.length;
    const sent = request({
      ...{ host: '127.0.0.1', port: portOfDoor(), method: 'POST', path: '/mcp/small' },
      headers: { authorization: `Bearer ${key}`, 'content-length': String(list.length) },
    });
    const failed = new Promise<void>((resolve) => sent.once('error', () => resolve()));
    sent.write(list.slice(0, 10));
    await expect
      .poll(async () => (await drawbridge.control.doorKeys()).keys[0]?.usedAt, eventually)
      .toBeDefined();
    await drawbridge.control.revokeDoorKey({ id });
    sent.end(list.slice(10));
    await failed;
    expect(small.seen.length).toBe(arrivedBefore);
  });

  it('is revoked by wiping everything, streams included', async () => {
    const { key } = await make();
    const session = await begin(key, 'every');
    const ended = endOf(await ask(key, 'every', { method: 'GET', session }));
    await drawbridge.control.wipe({});
    await ended;
    expect(await statusOf(ask(key, 'every', { body: list }))).toBe(403);
    expect((await drawbridge.control.doorKeys()).keys).toEqual([]);
  });
});

describe('a session that is only beginning', () => {
  let server: LoopbackServer;
  let silent = false;
  let [asked, hungUp] = [0, 0];
  beforeEach(async () => {
    [silent, asked, hungUp] = [false, 0, 0];
    server = await startLoopbackServer(() => async (req, res) => {
      const { id, method } = JSON.parse((await readBody(req)).toString() || '{}');
      if (method !== 'initialize') return sendJson(res, 404, {});
      if (!silent) {
        const serverInfo = { name: 'a', version: '1' };
        const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo };
        return sendJson(res, 200, { jsonrpc: '2.0', id, result });
      }
      asked += 1;
      res.once('close', () => (hungUp += 1));
    });
  });
  afterEach(() => server.close());

  it('ends with its key, before the server has said anything, and the server learns of it', async () => {
    await drawbridge.addServer('silent', server.origin);
    silent = true;
    const { id, key } = await make();
    const answer = ask(key, 'silent', { body: initialize }).then(
      () => 'answered',
      () => 'broken off',
    );
    await expect.poll(() => asked, eventually).toBe(1);
    await drawbridge.control.revokeDoorKey({ id });
    expect(await answer).toBe('broken off');
    await expect.poll(() => hungUp, eventually).toBe(1);
  });
});

describe('a key for some servers', () => {
  it('opens those, and another is answered like one that is not there', async () => {
    const { key } = await make('cursor', ['small']);
    await using client = await openClient('SDK 2.x, any era', wayTo('small', key));
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
    const [other, nothing] = await Promise.all([
      textOf(ask(key, 'every', { body: list })),
      textOf(ask(key, 'nothing', { body: list })),
    ]);
    expect(other).toBe(nothing);
    expect(await statusOf(ask(key, 'every', { body: list }))).toBe(404);
  });

  it('opens one account at whichever address means it, and no other', async () => {
    const { key } = await make('cursor', ['every/default']);
    const statuses = await Promise.all(
      ['every', 'every/default', 'small', 'small/default'].map((address) =>
        statusOf(ask(key, address, { body: initialize })),
      ),
    );
    expect(statuses).toEqual([200, 200, 404, 404]);
  });

  it('is not made for a server that is not there', async () => {
    await expect(make('cursor', ['small', 'smal'])).rejects.toMatchObject({ code: 'not-found' });
    await expect(make('cursor', ['every/nobody'])).rejects.toMatchObject({ code: 'not-found' });
    expect((await drawbridge.control.doorKeys()).keys).toEqual([]);
  });
});

describe('the list of keys', () => {
  it('is in the snapshot as well, and follows what happens', async () => {
    const heard: unknown[] = [];
    const stop = drawbridge.broker.subscribe(({ doors }) => heard.push(doors.keys?.length));
    const { id } = await make('cursor', ['small']);
    await expect.poll(() => heard.at(-1), eventually).toBe(1);
    const { keys } = await drawbridge.control.doorKeys();
    expect(keys).toEqual([
      { id, aiClient: 'cursor', madeAt: expect.any(Number), servers: ['small'] },
    ]);
    expect(drawbridge.broker.snapshot().doors.keys).toEqual(keys);
    await drawbridge.control.revokeDoorKey({ id });
    await expect.poll(() => heard.at(-1), eventually).toBeUndefined();
    expect(drawbridge.broker.snapshot().doors).not.toHaveProperty('keys');
    stop();
  });

  it('holds neither key nor hash, and nor do snapshot and log', async () => {
    const { id, key } = await make();
    await textOf(ask(key, 'small', { body: list }));
    await statusOf(ask(key, 'nothing', { body: list }));
    const settings = await readFile(path.join(drawbridge.dataFolder, 'settings.json'), 'utf8');
    const { doorKeys } = JSON.parse(settings) as { doorKeys: { hash: string }[] };
    const hash = doorKeys[0]?.hash ?? '';
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const told = [
      JSON.stringify(await drawbridge.control.doorKeys()),
      JSON.stringify(drawbridge.broker.snapshot()),
      ...drawbridge.log,
    ];
    await drawbridge.control.revokeDoorKey({ id });
    const all = [...told, ...drawbridge.log].join('\n');
    expect([key, hash].filter((secret) => all.includes(secret))).toEqual([]);
    expect(settings).not.toContain(key);
  });
});
