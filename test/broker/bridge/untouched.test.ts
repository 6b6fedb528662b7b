/** Do bytes pass through both doors as they are, and only the headers that should? */
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import {
  type LoopbackServer,
  readBody,
  startLoopbackServer,
} from '../../servers/loopback-server.ts';
import { type Bridge, openBridge } from './open-bridge.ts';

interface Arrived {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let arrived: Arrived[] = [];
let answerWith: { status: number; headers: Record<string, string>; body: string };
let server: LoopbackServer;
let bridge: Bridge;

beforeAll(async () => {
  server = await startLoopbackServer(() => async (req, res) => {
    const body = (await readBody(req)).toString();
    arrived.push({ method: req.method ?? '', headers: req.headers, body });
    res.writeHead(answerWith.status, answerWith.headers).end(answerWith.body);
  });
  bridge = await openBridge({ one: `${server.origin}/deep/path?tenant=7` });
});
beforeEach(() => {
  arrived = [];
  const headers = { 'content-type': 'application/json' };
  answerWith = { status: 200, headers, body: '{"jsonrpc":"2.0","id":1,"result":{}}' };
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  await server.close();
});

const modernMeta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}';

/** Messages that a bridge which parses and writes anew would change. */
const oddMessages = {
  'odd spacing': '{ "jsonrpc" : "2.0",  "id":1 ,"method":"tools/list"\t}',
  'unicode escapes':
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\u00e9\\ud83d\\udeaa"}}',
  'members twice': '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":2}}',
  'numbers that a double cannot hold':
    '{"jsonrpc":"2.0","id":1,"method":"x","params":{"n":12345678901234567890,"e":1e0}}',
  'a method nobody knows':
    '{"jsonrpc":"2.0","id":1,"method":"vendor/unknown","params":{"deep":[[[]]]}}',
  'members nobody knows':
    '{"jsonrpc":"2.0","id":1,"method":"ping","extra":{"__proto__":1},"constructor":null}',
  'a notification nobody knows': '{"jsonrpc":"2.0","method":"notifications/vendor","params":null}',
  'foreign _meta (T13)': `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{${modernMeta.slice(0, -1)},"traceparent":"00-1-1-01","x/y":[1]}}}`,
  'the retry of a question (F1)': `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","requestState":"a\\u002fb==","inputResponses":{"q":{"action":"accept"}},${modernMeta}}}`,
};

describe.each(Object.entries(oddMessages))('a message with %s', (_what, message) => {
  it('reaches the server through the HTTP door byte for byte', async () => {
    await bridge.ask({ body: message });
    expect(arrived.map(({ body }) => body)).toEqual([message]);
  });

  it('reaches the server through the socket door byte for byte', async () => {
    using line = await bridge.line();
    line.send(message);
    await expect.poll(() => arrived.map(({ body }) => body), eventually).toEqual([message]);
  });
});

describe('an answer', () => {
  it('reaches a client at the HTTP door byte for byte, whatever is in it', async () => {
    answerWith.body =
      '{ "jsonrpc":"2.0",\r\n "id":1,"result":{"x":"\\u00e9","n":1.0,"resultType":"novel"} }\n';
    const { bytes } = await bridge.ask({ body: oddMessages['odd spacing'] });
    expect(bytes.toString()).toBe(answerWith.body);
  });

  it('keeps every byte of its events at the HTTP door, comments and unknown fields included (T12)', async () => {
    answerWith.headers = { 'content-type': 'text/event-stream' };
    answerWith.body = ': alive\n\nid: 7\nretry: 10\nnovel: x\ndata: {"a":\ndata: 1}\n\n\n';
    const { bytes } = await bridge.ask({ body: oddMessages['odd spacing'] });
    expect(bytes.toString()).toBe(answerWith.body);
  });

  it('becomes one line at the socket door, with the same tokens in it (T22)', async () => {
    answerWith.body = '{ "jsonrpc":"2.0",\r\n "id":1,\n"result":{"x":"\\u00e9\\n","n":1.0} }\n';
    using line = await bridge.line();
    line.send(oddMessages['odd spacing']);
    expect(await line.next()).toBe(
      '{ "jsonrpc":"2.0",  "id":1, "result":{"x":"\\u00e9\\n","n":1.0} }',
    );
  });

  it('gives every event of a stream to the socket door, known or not, and nothing else', async () => {
    const events = [
      '{"jsonrpc":"2.0","method":"notifications/vendor","params":{"z":1.50}}',
      '{"jsonrpc":"2.0","id":"s-1","method":"sampling/createMessage","params":{}}',
      '{"jsonrpc":"2.0","id":1,"result":{"novel":true}}',
    ];
    answerWith.headers = { 'content-type': 'text/event-stream; charset=utf-8' };
    answerWith.body = `: alive\n\nid: 1\ndata:\n\n${events.map((event) => `event: message\ndata: ${event}\n\n`).join('')}`;
    using line = await bridge.line();
    line.send(oddMessages['odd spacing']);
    expect([await line.next(), await line.next(), await line.next()]).toEqual(events);
    expect(line.waiting).toEqual([]);
  });

  it.each([
    [400, '{"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"header mismatch"}}'],
    [404, '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"unknown method"}}'],
  ])('with status %i passes both doors with its error as it is (T30)', async (status, body) => {
    answerWith = { ...answerWith, status, body };
    const answer = await bridge.ask({ body: oddMessages['odd spacing'] });
    using line = await bridge.line();
    line.send(oddMessages['odd spacing']);
    expect([answer.status, answer.text, await line.next()]).toEqual([status, body, body]);
  });

  it('comes after early hints, which are not taken for it', async () => {
    await using hinting = await startLoopbackServer(() => (_req, res) => {
      res.writeEarlyHints({ link: '</style.css>; rel=preload' });
      res
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"jsonrpc":"2.0","id":1,"result":{}}');
    });
    await using other = await openBridge({ one: hinting.origin });
    const { status, text } = await other.ask({ body: oddMessages['odd spacing'] });
    expect([status, text]).toEqual([200, '{"jsonrpc":"2.0","id":1,"result":{}}']);
  });
});

describe('headers on the way to the server', () => {
  it('hold nothing that the AI client keeps for Drawbridge or its own kind (A3)', async () => {
    const mine = {
      authorization: `Bearer ${bridge.key}`,
      cookie: 'session=fake',
      'x-drawbridge-key': bridge.key,
      'proxy-authorization': 'Basic fake',
      'x-forwarded-for': '10.0.0.1',
      'x-api-key': 'fake',
      referer: 'http://localhost/',
    };
    await bridge.ask({ headers: mine, body: oddMessages['odd spacing'] });
    expect(Object.keys(arrived[0]?.headers ?? {}).filter((name) => name in mine)).toEqual([]);
    expect(JSON.stringify(arrived)).not.toContain(bridge.key);
  });

  it('hold everything of MCP, known or not, and tracing (T8, T31)', async () => {
    const theirs = {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?w6k=?=',
      'mcp-param-region': 'eu',
      'mcp-session-id': 'abc',
      'mcp-novel': 'x',
      'last-event-id': '7',
      traceparent: '00-1-1-01',
    };
    await bridge.ask({ headers: theirs, body: oddMessages['odd spacing'] });
    expect(arrived[0]?.headers).toMatchObject(theirs);
  });

  it('name version, method and name for a modern message from the shim, and accept both answers (T7, T8)', async () => {
    using line = await bridge.line();
    line.send(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"é \\n","arguments":{},${modernMeta}}}`,
    );
    await line.next();
    expect(arrived[0]?.headers).toMatchObject({
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': `=?base64?${Buffer.from('é \n').toString('base64')}?=`,
    });
  });

  it.each([
    ['resources/read', '"uri":"test://a"', 'test://a'],
    ['prompts/get', '"name":"p"', 'p'],
    ['tasks/get', '"taskId":"t-1"', 't-1'],
    ['tools/list', '"name":"not this"', undefined],
  ])('name what %s is about (T8)', async (method, member, name) => {
    using line = await bridge.line();
    line.send(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${member},${modernMeta}}}`);
    await line.next();
    expect(arrived[0]?.headers['mcp-name']).toBe(name);
  });

  it('hold session and version of the legacy handshake from then on, and end the session at the end (T15, T16)', async () => {
    answerWith.headers['mcp-session-id'] = 'session-1';
    answerWith.body = '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18"}}';
    const line = await bridge.line();
    line.send('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}');
    await line.next();
    line.send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    await line.next();
    line.socket.destroy();
    await expect.poll(() => arrived.length, eventually).toBe(3);
    expect(
      arrived.map(({ method, headers }) => [
        method,
        headers['mcp-session-id'],
        headers['mcp-protocol-version'],
      ]),
    ).toEqual([
      ['POST', undefined, undefined],
      ['POST', 'session-1', '2025-06-18'],
      ['DELETE', 'session-1', '2025-06-18'],
    ]);
  });
});

describe('headers on the way to the AI client', () => {
  it('hold no challenge, cookie or other business of the server’s (T29)', async () => {
    answerWith.headers = {
      ...answerWith.headers,
      'www-authenticate': 'Bearer resource_metadata="https://evil.invalid"',
      'set-cookie': 'a=b',
      location: 'https://evil.invalid/',
      'access-control-allow-origin': '*',
      'mcp-session-id': 'abc',
      'mcp-novel': 'x',
    };
    const { headers } = await bridge.ask({ body: oddMessages['odd spacing'] });
    expect(headers).toMatchObject({ 'mcp-session-id': 'abc', 'mcp-novel': 'x' });
    expect(
      ['www-authenticate', 'set-cookie', 'location', 'access-control-allow-origin'].filter(
        (name) => name in headers,
      ),
    ).toEqual([]);
  });

  it('forbid buffering of events on the way (T12)', async () => {
    answerWith.headers = { 'content-type': 'text/event-stream' };
    answerWith.body = 'data: {}\n\n';
    const { headers } = await bridge.ask({ body: oddMessages['odd spacing'] });
    expect(headers['x-accel-buffering']).toBe('no');
  });
});
