/** Attacks on the streams of AI clients of 2024-11-05 (HTTP+SSE), each test by its name. */
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type LoopbackServer,
  readBody,
  startLoopbackServer,
} from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { list, OLD_HEADERS, type OldStream, openOldStream, shakeHands } from './old-stream.ts';
import { type Bridge, openBridge } from './open-bridge.ts';

let server: LoopbackServer;
let bridge: Bridge;
let stream: OldStream;
/** Calls that reached the server. */
let arrived: string[] = [];
let answer = '{}';

beforeAll(async () => {
  server = await startLoopbackServer(() => async (req, res) => {
    const body = (await readBody(req)).toString();
    if (!body.includes('"id"')) return void res.writeHead(req.method === 'GET' ? 405 : 202).end();
    if (!body.includes('initialize')) arrived.push(body);
    const { id } = JSON.parse(body) as { id: number };
    res.writeHead(200, { 'content-type': 'application/json' });
    const result = `{"protocolVersion":"2024-11-05","capabilities":{},"serverInfo":{},"a":${answer}}`;
    res.end(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  bridge = await openBridge({ one: server.origin, two: server.origin });
  stream = await openOldStream(bridge.port, bridge.key);
  answer = '{}';
  await shakeHands(stream);
  arrived = [];
});
afterEach(async () => {
  stream[Symbol.dispose]();
  await bridge[Symbol.asyncDispose]();
});

const call = JSON.stringify({ ...list, method: 'tools/call', params: { name: 'x' } });

/** A GET that is answered, or the beginning of a stream; only its head is of interest. */
const get = (path: string, headers: Record<string, string>) =>
  new Promise<{ status: number; challenge: string | undefined; type: string | undefined }>(
    (resolve, reject) => {
      const asked = request(
        {
          ...{ host: '127.0.0.1', port: bridge.port, path, agent: false },
          headers: { authorization: `Bearer ${bridge.key}`, ...OLD_HEADERS, ...headers },
        },
        (res) => {
          resolve({
            status: res.statusCode ?? 0,
            challenge: res.headers['www-authenticate'],
            type: res.headers['content-type'],
          });
          res.destroy();
        },
      );
      asked.once('error', reject);
      asked.end();
    },
  );
const post = (headers: Record<string, string>, path = stream.endpoint) =>
  bridge.ask({ path, headers, body: call });

/** Nobody else has changed anything for who opened it. */
const stillServes = async (): Promise<void> => {
  arrived = [];
  expect(await stream.say(call)).toBe(202);
  expect(await stream.next()).toMatchObject({ id: 1, result: expect.anything() });
  expect(arrived).toEqual([call]);
};
const REFUSED = { status: 403, challenge: undefined, type: 'application/json' };

describe('a page of another site', () => {
  it.each(['https://evil.example', 'null', 'http://localhost:3000', 'SELF'])(
    'opens a stream or posts to one with the Origin %s: is refused, key or not (T27)',
    async (name) => {
      const origin = name.replace('SELF', `http://127.0.0.1:${bridge.port}`);
      for (const authorization of [`Bearer ${bridge.key}`, '']) {
        expect(await get('/mcp/one', { origin, authorization })).toEqual(REFUSED);
        expect((await post({ origin, authorization })).status).toBe(403);
      }
      expect(arrived).toEqual([]);
      await stillServes();
    },
  );

  it.each(['evil.example', 'evil.example:PORT', '127.0.0.1', '127.0.0.1:1'])(
    'rebinds its name to this machine and says Host %s: is refused (T27)',
    async (name) => {
      const host = name.replace('PORT', String(bridge.port));
      expect(await get('/mcp/one', { host })).toEqual(REFUSED);
      expect([(await post({ host })).status, arrived]).toEqual([403, []]);
      await stillServes();
    },
  );

  it('has an EventSource, which sends no key, and writes one into the address: is refused', async () => {
    for (const name of ['key', 'token', 'access_token', 'authorization', 'x-drawbridge-key'])
      expect(await get(`/mcp/one?${name}=${bridge.key}`, { authorization: '' })).toEqual(REFUSED);
  });

  it('posts a form to an address that leaked, as no-cors allows: is refused, for it can carry no key', async () => {
    const form = { authorization: '', 'content-type': 'text/plain', 'sec-fetch-mode': 'no-cors' };
    expect([(await post(form)).status, arrived]).toEqual([403, []]);
    await stillServes();
  });
});

describe('a process', () => {
  it.each([
    ['no key', ''],
    ['a wrong key', 'Bearer drawbridge_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a key of another kind', 'Basic ZmFrZTpmYWtl'],
  ])('with %s: is refused with no challenge to begin OAuth at (T28, T29)', async (_what, key) => {
    expect(await get('/mcp/one', { authorization: key })).toEqual(REFUSED);
    const { status, headers } = await post({ authorization: key });
    expect([status, headers['www-authenticate'], arrived]).toEqual([403, undefined, []]);
  });

  it('with a key of its own posts to the stream of another one: finds nothing there', async () => {
    const theirs = { authorization: `Bearer ${bridge.keyOf('another')}` };
    expect([(await post(theirs)).status, arrived]).toEqual([404, []]);
    await stillServes();
  });

  it('guesses 500 streams at once: finds nothing, and the answer never tells how near it was', async () => {
    const [path = '', id = ''] = stream.endpoint.split('=');
    const guesses = Array.from({ length: 500 }, (_none, at) =>
      at % 2 === 0 ? `${id.slice(0, -1)}${at}x` : Buffer.alloc(16, at).toString('hex'),
    );
    const answers = await Promise.all(
      ['', '%00', '__proto__', 'constructor', ...guesses].map((guess) =>
        post({}, `${path}=${guess}`),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(arrived).toEqual([]);
    await stillServes();
  });

  it.each(['/mcp/two', '/mcp/two/default', '/mcp/one/other', '/mcp/nothing', '/sse', '/'])(
    'takes the stream to another address (%s): finds nothing there',
    async (path) => {
      const query = stream.endpoint.slice(stream.endpoint.indexOf('?'));
      expect([(await post({}, path + query)).status, arrived]).toEqual([404, []]);
    },
  );

  it('takes the id of a session for that of a stream: finds nothing there', async () => {
    const { headers } = await bridge.ask({
      body: JSON.stringify({ ...list, method: 'initialize', params: {} }),
    });
    const id = String(headers['mcp-session-id']);
    expect(id).toMatch(/^drawbridge-door-/);
    expect((await post({}, `/mcp/one?stream=${id}`)).status).toBe(404);
  });

  it.each(['GET', 'PUT', 'OPTIONS', 'DELETE'])(
    'comes to the address of the stream with %s: neither hears nor ends it',
    async (method) => {
      if (method === 'GET') expect((await get(stream.endpoint, {})).status).toBe(200);
      else await bridge.ask({ method, path: stream.endpoint });
      await stillServes();
    },
  );
});

describe('a server', () => {
  it('whose answer has the end of an event and another address in it: stays one message', async () => {
    answer = '\n\n\r\r"\\u2028\\n\\nevent: endpoint\\ndata: http://evil.example/\\n\\n"\r\n\r\n';
    await stream.say(call);
    const said = await stream.next();
    expect(said).toMatchObject({ id: 1, result: { a: expect.stringContaining('evil.example') } });
    expect(stream.events).toEqual(['endpoint']);
  });
});

it('neither key nor stream is in the log', async () => {
  await post({ authorization: '' });
  await post({}, '/mcp/two');
  stream[Symbol.dispose]();
  const [, id = 'no id'] = stream.endpoint.split('=');
  expect(bridge.log.filter((line) => line.includes(bridge.key) || line.includes(id))).toEqual([]);
});

describe('a key for some servers', () => {
  let small: McpTestServer;
  let other: McpTestServer;
  let drawbridge: InProcessBroker;
  beforeEach(async () => {
    small = await startMcpServer();
    other = await startMcpServer();
    drawbridge = await startInProcessBroker();
    await drawbridge.addServer('mine', small.url);
    await drawbridge.addServer('other', other.url);
  });
  afterEach(async () => {
    await drawbridge[Symbol.asyncDispose]();
    await other.close();
    await small.close();
  });

  it('opens no stream to another, which is answered like one that is not there', async () => {
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'a', servers: ['mine'] });
    const port = Number(new URL(drawbridge.baseOfDoor).port);
    using mine = await openOldStream(port, key, '/mcp/mine');
    expect(await shakeHands(mine)).toMatchObject({ result: expect.anything() });
    for (const path of ['/mcp/other', '/mcp/nothing'])
      await expect(openOldStream(port, key, path)).rejects.toThrow('no stream but 404');
  });
});
