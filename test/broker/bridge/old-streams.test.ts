/** Is the stream of an AI client of 2024-11-05 one that lasts, keeps its pace, and leaves nothing behind? (T21) */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOldStreams } from '../../../broker/bridge/doors/old-streams.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { countResources, forgottenSince } from '../../doubles/resources.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { type OldServer, startOldServer } from '../../servers/old-server.ts';
import {
  initialize,
  initialized,
  list,
  OLD_HEADERS,
  type OldStream,
  openOldStream,
  type Said,
  shakeHands,
} from './old-stream.ts';
import { openBridge, startAsking } from './open-bridge.ts';

let signInService: AuthorizationServer;
let every: EverythingServer;
let newest: McpTestServer;
let old: OldServer;
let drawbridge: InProcessBroker;
let key: string;
let keyId: string;
let port: number;

beforeAll(async () => {
  every = await startEverythingServer();
  newest = await startMcpServer({ eras: 'modern' });
  signInService = await startAuthorizationServer();
  old = await startOldServer({ authorizationServer: signInService });
});
afterAll(async () => {
  await old.close();
  await newest.close();
  await every.close();
  await signInService.close();
});
beforeEach(async () => {
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('one', every.url);
  ({ key, id: keyId } = await drawbridge.control.makeDoorKey({ aiClient: 'old-one' }));
  port = Number(new URL(drawbridge.baseOfDoor).port);
});
afterEach(() => drawbridge[Symbol.asyncDispose]());

const others: Readonly<Record<string, () => Promise<void>>> = {
  newest: () => drawbridge.addServer('newest', newest.url),
  old: () => drawbridge.signInTo('old', old.url),
};

const echo = (message: string, id = 2) => ({
  ...{ jsonrpc: '2.0', id, method: 'tools/call' },
  params: { name: 'echo', arguments: { message } },
});
const textIn = ({ result }: Said): unknown => result?.['content'];
/** What else a server says on the way is not what these tests are about. */
const answerTo = async (id: number, stream: OldStream): Promise<Said> => {
  for (;;) {
    const said = await stream.next();
    if (said.id === id && said.method === undefined) return said;
  }
};

describe('an AI client that knows 2024-11-05 only', () => {
  it.each(['one', 'newest', 'old'])(
    'is told first where messages go, has each of them taken with 202, and its answers come down (server "%s")',
    async (server) => {
      await others[server]?.();
      using stream = await openOldStream(port, key, `/mcp/${server}`);
      expect(stream.answer.headers['content-type']).toBe('text/event-stream');
      expect(stream.endpoint).toMatch(
        new RegExp(`^/mcp/${server}/default\\?stream=[0-9a-f-]{36}$`),
      );
      expect(await stream.say(initialize)).toBe(202);
      expect(await stream.next()).toMatchObject({
        id: 0,
        result: { protocolVersion: '2024-11-05', serverInfo: expect.anything() },
      });
      expect(await stream.say(initialized)).toBe(202);
      expect(await stream.say(echo('ü 漢 🚪'))).toBe(202);
      expect(textIn(await answerTo(2, stream))).toEqual([
        { type: 'text', text: expect.stringContaining('ü 漢 🚪') },
      ]);
      expect(stream.events).toEqual(['endpoint']);
    },
  );

  it('is seen like any other, by the name of its key', async () => {
    using stream = await openOldStream(port, key);
    await shakeHands(stream);
    await stream.say(echo('hello'));
    await stream.next();
    const { entries } = await drawbridge.control.activity({});
    expect(entries.filter(({ aiClient }) => aiClient === 'old-one')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ method: 'initialize', door: 'http', outcome: 'answered' }),
        expect.objectContaining({ method: 'tools/call', name: 'echo', outcome: 'answered' }),
      ]),
    );
  });

  it('goes on in a new stream without a handshake, as an SDK does whose stream broke off', async () => {
    for (const server of ['one', 'newest', 'old']) {
      await others[server]?.();
      using stream = await openOldStream(port, key, `/mcp/${server}`);
      expect(await stream.say(echo('again'))).toBe(202);
      expect(textIn(await answerTo(2, stream))).toEqual([
        { type: 'text', text: expect.stringContaining('again') },
      ]);
    }
  });
});

it('one that is asked whether it is there before any handshake says so, and begins nothing', async () => {
  const sessions = every.sessions().length;
  using stream = await openOldStream(port, key);
  await stream.say({ jsonrpc: '2.0', id: 7, method: 'ping' });
  expect(await stream.next()).toEqual({ jsonrpc: '2.0', id: 7, result: {} });
  expect(every.sessions().length).toBe(sessions);
  expect(await shakeHands(stream)).toMatchObject({ id: 0, result: expect.anything() });
  await stream.say(echo('then'));
  expect(textIn(await answerTo(2, stream))).toMatchObject([{ text: 'Echo: then' }]);
  expect(every.sessions().length).toBe(sessions + 1);
});

describe('at the same address', () => {
  const ask = (method: string, headers: Record<string, string>, body?: object) =>
    startAsking(port, key, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('one that tries a POST first finds Streamable HTTP, and never needs the stream', async () => {
    const answer = await ask('POST', {}, initialize);
    expect([answer.resume().statusCode, answer.headers['mcp-session-id']]).toEqual([
      200,
      expect.stringMatching(/^drawbridge-door-/),
    ]);
  });

  it.each<[string, Record<string, string>, number]>([
    ['takes JSON as well', { accept: 'application/json, text/event-stream' }, 400],
    ['takes pages only', { accept: 'text/html' }, 406],
    ['names a session that is not there', { ...OLD_HEADERS, 'mcp-session-id': 'x' }, 404],
    ['takes up a stream', { ...OLD_HEADERS, 'last-event-id': '7' }, 400],
  ])('a GET that %s goes to the server, as before', async (_how, headers, status) => {
    const answer = await ask('GET', headers);
    expect([answer.resume().statusCode, answer.headers['content-type']]).toEqual([
      status,
      expect.stringContaining('application/json'),
    ]);
  });

  it('a GET of the modern era, which has none, is refused by the server itself', async () => {
    await others['newest']?.();
    const answer = await startAsking(port, key, {
      ...{ method: 'GET', path: '/mcp/newest' },
      headers: { ...OLD_HEADERS, 'mcp-protocol-version': '2026-07-28' },
    });
    expect(answer.resume().statusCode).toBe(405);
  });
});

describe('a stream that is over', () => {
  it('because its AI client is gone ends all it had at the server, and nothing is left of it', async () => {
    const at = { sessions: 0, calls: 0 };
    await using server = await startLoopbackServer(() => async (req, res) => {
      const { id, method } = JSON.parse((await readBody(req)).toString() || '{}') as Said;
      if (req.method === 'DELETE') at.sessions -= 1;
      if (method === 'initialize') {
        at.sessions += 1;
        res.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'x' });
        const result = { protocolVersion: '2024-11-05', capabilities: {}, serverInfo: {} };
        res.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      } else if (method === 'tools/call') {
        at.calls += 1;
        res.on('close', () => (at.calls -= 1));
      } else res.writeHead(req.method === 'GET' ? 405 : 202).end();
    });
    await using bridge = await openBridge({ one: server.origin });
    const before = countResources();
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => openOldStream(bridge.port, bridge.key)),
    );
    await Promise.all(streams.map(shakeHands));
    await Promise.all(streams.map((stream) => stream.say(echo('never answered'))));
    await expect.poll(() => at, eventually).toEqual({ sessions: 20, calls: 20 });
    for (const stream of streams) stream[Symbol.dispose]();
    await expect.poll(() => at, eventually).toEqual({ sessions: 0, calls: 0 });
    expect(bridge.seen.filter(({ outcome }) => outcome === 'gone').length).toBe(20);
    // Connections to the server are kept for the next request; nothing else is.
    const forgotten = await forgottenSince(before);
    expect(forgotten.filter((what) => !what.includes('TCPSocketWrap'))).toEqual([]);
  });

  it('takes nothing any more', async () => {
    const stream = await openOldStream(port, key);
    await shakeHands(stream);
    stream[Symbol.dispose]();
    await expect.poll(() => stream.say(list), eventually).toBe(404);
  });

  it('because its key was revoked is closed, with its session at the server', async () => {
    const sessions = every.sessions().length;
    const other = await drawbridge.control.makeDoorKey({ aiClient: 'another' });
    const [mine, theirs] = [await openOldStream(port, key), await openOldStream(port, other.key)];
    await shakeHands(mine);
    await shakeHands(theirs);
    await drawbridge.control.revokeDoorKey({ id: keyId });
    await mine.closed;
    expect(await mine.say(list)).toBe(403);
    await expect.poll(() => every.sessions().length, eventually).toBe(sessions + 1);
    expect(await theirs.say(echo('still there'))).toBe(202);
    expect(textIn(await answerTo(2, theirs))).toMatchObject([{ text: 'Echo: still there' }]);
    theirs[Symbol.dispose]();
  });

  it('because Drawbridge stops is closed, and so is its session at the server', async () => {
    const sessions = every.sessions().length;
    const stream = await openOldStream(port, key);
    await shakeHands(stream);
    await drawbridge.broker.stop();
    await stream.closed;
    await expect.poll(() => every.sessions().length, eventually).toBe(sessions);
  });
});

describe('a message', () => {
  it.each([
    ['that is no JSON', 'x{', -32_700],
    ['of another shape', '[]', -32_600],
  ])('%s is refused where it was posted, and the stream goes on', async (_what, body, code) => {
    using stream = await openOldStream(port, key);
    await shakeHands(stream);
    const answer = await startAsking(port, key, { path: stream.endpoint, body });
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    expect([answer.statusCode, JSON.parse(Buffer.concat(chunks).toString())]).toMatchObject([
      400,
      { error: { code } },
    ]);
    await stream.say(echo('on'));
    expect(textIn(await answerTo(2, stream))).toMatchObject([{ text: 'Echo: on' }]);
  });

  it('written over several lines, as JSON may be, arrives', async () => {
    await others['old']?.();
    using stream = await openOldStream(port, key, '/mcp/old');
    await shakeHands(stream);
    expect(await stream.say(JSON.stringify(echo('spread out'), undefined, 2))).toBe(202);
    expect(textIn(await answerTo(2, stream))).toMatchObject([{ text: 'Echo: spread out' }]);
  });

  it('that is too large is refused, and the stream goes on', async () => {
    using stream = await openOldStream(port, key);
    await shakeHands(stream);
    expect(await stream.say(' '.repeat(33 * 1024 * 1024))).toBe(413);
    await stream.say(echo('on'));
    expect(textIn(await answerTo(2, stream))).toMatchObject([{ text: 'Echo: on' }]);
  });
});

describe('a server that cannot be used', () => {
  let guarded: McpTestServer;
  beforeEach(async () => {
    guarded = await startMcpServer({ authorizationServer: signInService });
    await drawbridge.signInTo('guarded', guarded.url);
    await drawbridge.control.signOut({ server: 'guarded', account: 'default' });
  });
  afterEach(() => guarded.close());

  it('is listed as it was, says why it cannot be called, and is there again after the sign-in', async () => {
    using stream = await openOldStream(port, key, '/mcp/guarded');
    expect(await shakeHands(stream)).toMatchObject({ result: { serverInfo: expect.anything() } });
    await stream.say(list);
    expect((await answerTo(1, stream)).result?.['tools']).toContainEqual(
      expect.objectContaining({ name: 'echo' }),
    );
    await stream.say(echo('no'));
    expect(await answerTo(2, stream)).toMatchObject({ result: { isError: true } });
    await drawbridge.control.signIn({ server: 'guarded', account: 'default' }, {});
    await expect.poll(() => drawbridge.stateOf('guarded'), eventually).toBe('signed-in');
    await stream.say(echo('yes', 3));
    expect(textIn(await answerTo(3, stream))).toMatchObject([{ text: 'yes' }]);
  });
});

describe('one that is somebody’s', () => {
  it('stays theirs when the address of the server comes to mean another account', async () => {
    const account = 'work';
    await others['old']?.();
    await drawbridge.control.addAccount({ server: 'old' }, { account });
    using stream = await openOldStream(port, key, '/mcp/old');
    await shakeHands(stream);
    await drawbridge.control.makeDefaultAccount({ server: 'old', account });
    expect(await stream.say(echo('as before'))).toBe(202);
    expect(textIn(await answerTo(2, stream))).toMatchObject([{ text: 'Echo: as before' }]);
    using next = await openOldStream(port, key, '/mcp/old');
    expect(next.endpoint).toContain('/mcp/old/work?');
  });
});

describe('a stream on which nothing happens', () => {
  it('says from time to time that it is there, but not to one that reads slowly', async () => {
    const due: { readonly ms: number; readonly deed: () => void }[] = [];
    const after = (ms: number, deed: () => void): (() => void) => {
      const timer = { ms, deed };
      due.push(timer);
      return () => void due.splice(due.indexOf(timer) >>> 0, 1);
    };
    const streams = createOldStreams(after);
    const leg = { say: () => () => undefined, pause: () => undefined, resume: () => undefined };
    const place = {
      ...{ title: 'One', name: 'one', account: 'default', path: '/mcp/one/default' },
      leg: () => () => ({ ...leg, close: () => undefined }),
    };
    const visitor = { keyId: 'a', aiClient: 'a', place };
    const slow = { needed: false };
    await using server = await startLoopbackServer(() => async (_req, res) => {
      Object.defineProperty(res, 'writableNeedDrain', { get: () => slow.needed });
      streams.open(visitor, () => () => ({ ...leg, close: () => undefined }), res);
    });
    const stream = await openOldStream(Number(new URL(server.origin).port), 'no key');
    const next = (): void => due.shift()?.deed();
    expect(due.map(({ ms }) => ms <= 30_000)).toEqual([true]);
    next();
    await expect.poll(() => stream.comments, eventually).toEqual(['still here']);
    slow.needed = true;
    next();
    slow.needed = false;
    next();
    await expect.poll(() => stream.comments, eventually).toEqual(['still here', 'still here']);
    stream[Symbol.dispose]();
    await expect.poll(() => due, eventually).toEqual([]);
  });
});

describe('one key', () => {
  it('has 100 streams at most, and another one when one of them ends; other keys have their own', async () => {
    const streams = await Promise.all(Array.from({ length: 100 }, () => openOldStream(port, key)));
    const other = await drawbridge.control.makeDoorKey({ aiClient: 'another' });
    const begins = (whose: string): Promise<string> =>
      openOldStream(port, whose).then(
        (stream) => {
          stream[Symbol.dispose]();
          return 'begun';
        },
        (error: Error) => error.message,
      );
    expect(await begins(key)).toBe('no stream but 429');
    expect(await begins(other.key)).toBe('begun');
    streams[0]?.[Symbol.dispose]();
    await expect.poll(() => begins(key), eventually).toBe('begun');
    for (const stream of streams) stream[Symbol.dispose]();
  });
});

describe('an AI client that does not read', () => {
  /** Far more than both loopback connections hold in the kernel's buffers. */
  const MOST_BUFFERED = 48 * 1024 * 1024;

  /** The bytes sent once nothing has moved for a while. */
  const standstill = async (sent: { readonly bytes: number }): Promise<number> => {
    for (let before = -1; before !== sent.bytes && sent.bytes < 4 * MOST_BUFFERED; ) {
      before = sent.bytes;
      await sleep(150);
    }
    return sent.bytes;
  };

  it('brings the server to a standstill, and reading on sets it going again', async () => {
    const sent = { bytes: 0 };
    const notice = { jsonrpc: '2.0', method: 'notifications/message' };
    const piece = `data: ${JSON.stringify({ ...notice, params: { data: 'x'.repeat(65_536) } })}\n\n`;
    await using server = await startLoopbackServer(() => async (req, res) => {
      const body = (await readBody(req)).toString();
      if (!body.includes('tools/call')) return void res.writeHead(202).end();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const pump = (): void => {
        while (!res.destroyed) {
          sent.bytes += piece.length;
          if (!res.write(piece)) return void res.once('drain', pump);
        }
      };
      pump();
    });
    await using bridge = await openBridge({ one: server.origin });
    using stream = await openOldStream(bridge.port, bridge.key);
    stream.answer.pause();
    await stream.say(echo('endless'));
    await expect.poll(() => sent.bytes, eventually).toBeGreaterThan(0);
    const stalledAt = await standstill(sent);
    expect(stalledAt).toBeLessThan(MOST_BUFFERED);
    stream.answer.resume();
    await expect.poll(() => sent.bytes, eventually).toBeGreaterThan(stalledAt + MOST_BUFFERED);
  });

  it('gets a result of 20 MB whole', async () => {
    const data = 'é'.repeat(10 * 1024 * 1024);
    await using server = await startLoopbackServer(() => async (req, res) => {
      const { id } = JSON.parse((await readBody(req)).toString() || '{}') as { id?: unknown };
      if (typeof id !== 'number') return void res.writeHead(202).end();
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ jsonrpc: '2.0', id, result: { data } }));
    });
    await using bridge = await openBridge({ one: server.origin });
    using stream = await openOldStream(bridge.port, bridge.key);
    await stream.say(echo('big', 1));
    expect((await stream.next()).result?.['data'] === data).toBe(true);
  });
});
