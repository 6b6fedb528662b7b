/** Messages that the broker once stumbled over, each by its name: it lives on, and whoever asked is answered. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type End, messageOf } from '../../../broker/bridge/leg.ts';
import type { Exchange, Sink } from '../../../broker/bridge/upstream/exchange.ts';
import { httpSse } from '../../../broker/bridge/upstream/http-sse.ts';
import { legacyHttp } from '../../../broker/bridge/upstream/legacy-http.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { type Bridge, type Line, openBridge } from './open-bridge.ts';

let server: McpTestServer;
let bridge: Bridge;
let line: Line;

beforeEach(async () => {
  server = await startMcpServer({ eras: 'modern' });
  bridge = await openBridge({ one: server.url });
  line = await bridge.line();
});
afterEach(async () => {
  line[Symbol.dispose]();
  await bridge[Symbol.asyncDispose]();
  await server.close();
});

const initialize = (capabilities: string): string =>
  `{"jsonrpc":"2.0","id":"begin","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":${capabilities},"clientInfo":{"name":"x","version":"1"}}}`;

const heard = async (): Promise<{ id?: unknown; result?: unknown; error?: { code: number } }> =>
  JSON.parse(await line.next()) as { id?: unknown; result?: unknown; error?: { code: number } };

it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'a method that every object has: %s is passed on through the translation like any other',
  async (method) => {
    line.send(initialize('{}'));
    expect(await heard()).toMatchObject({ id: 'begin', result: {} });
    line.send(`{"jsonrpc":"2.0","id":1,"method":${JSON.stringify(method)}}`);
    expect(await heard()).toMatchObject({ id: 1, error: { code: -32_601 } });
  },
);

const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
const told = { code: 1000, message: expect.stringContaining('inside Drawbridge') as unknown };

it('capabilities nested deeper than can be written out again: are answered, and the session lives on', async () => {
  line.send(initialize(deep));
  expect(await heard()).toMatchObject({ id: 'begin', error: told });
  expect(bridge.log.filter((entry) => entry.includes('message-failed'))).toEqual([
    expect.stringContaining('RangeError'),
  ]);
  line.send(initialize('{}'));
  expect(await heard()).toMatchObject({ id: 'begin', result: {} });
});

it('a question and an answer nested deeper than can be written out again: pass as they were written', async () => {
  const answers: string[] = [];
  await using hostile = await startLoopbackServer(() => async (req, res) => {
    const body = (await readBody(req)).toString();
    const { id, method } = JSON.parse(body) as Record<string, string>;
    if (body.includes('inputResponses')) answers.push(body);
    const result =
      method === 'server/discover' || answers.length > 0
        ? '{"supportedVersions":["2026-07-28"],"capabilities":{}}'
        : `{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":${deep}}}}`;
    const json = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
    if (method === 'initialize') res.writeHead(400).end();
    else res.writeHead(200, { 'content-type': 'application/json' }).end(json);
  });
  await using other = await openBridge({ one: hostile.origin });
  line = await other.line();
  line.send(initialize('{"elicitation":{}}'));
  expect(await heard()).toMatchObject({ id: 'begin', result: {} });
  line.send('{"jsonrpc":"2.0","id":1,"method":"vendor/deep"}');
  const question = await line.next();
  expect(question.includes(`"params":${deep}`)).toBe(true);
  const { id } = JSON.parse(question) as { id: string };
  line.send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${deep}}`);
  expect(await heard()).toMatchObject({ id: 1, result: {} });
  expect(answers.map((body) => body.includes(`"inputResponses":{"a":${deep}}`))).toEqual([true]);
  line.send('{"jsonrpc":"2.0","id":2,"method":"ping"}');
  expect(await heard()).toMatchObject({ id: 2, result: {} });
});

const spoilt = (id: string | undefined): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":{"code":what?}}`;

it('an answer to initialize that is no JSON inside: leaves nobody waiting', async () => {
  let asked = 0;
  await using hostile = await startLoopbackServer(() => async (req, res) => {
    const { id } = JSON.parse((await readBody(req)).toString() || '{}') as { id?: string };
    asked += 1;
    const good = `{"jsonrpc":"2.0","id":${JSON.stringify(id ?? null)},"result":{}}`;
    res.writeHead(200, { 'content-type': 'application/json' }).end(asked === 1 ? spoilt(id) : good);
  });
  await using other = await openBridge({ one: hostile.origin });
  line = await other.line();
  line.send(initialize('{}'));
  expect(await heard()).toMatchObject({ id: 'begin' });
  line.send('{"jsonrpc":"2.0","id":2,"method":"ping"}');
  expect(await heard()).toMatchObject({ id: 2, result: {} });
});

it('an answer that something of ours fails at, over the stream of an old server: is an error', () => {
  const sinks: Sink[] = [];
  const exchange: Exchange = (_upstream, _request, sink) => {
    sinks.push(sink);
    return () => undefined;
  };
  const url = new URL('http://127.0.0.1/sse');
  const key = { server: 'old', account: 'default' };
  const leg = httpSse(
    { title: 'Old', upstream: { key, url, credential: 'none' as const } },
    exchange,
    () => () => undefined,
  )(() => undefined);
  const ends: End[] = [];
  leg.say(messageOf({ jsonrpc: '2.0', id: 1, method: 'initialize' }), {
    message: () => expect.fail('at this'),
    done: (end) => void ends.push(end),
  });
  const flow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
  sinks[0]?.start(200, { 'content-type': 'text/event-stream' }, flow);
  sinks[0]?.data(Buffer.from('event: endpoint\ndata: /messages\n\n'));
  const answer = Buffer.from('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
  expect(() => sinks[0]?.data(answer)).toThrow('at this');
  // As the connection does with what is thrown at it.
  sinks[0]?.fail(new ProblemError('server-unreachable', 'failed'));
  expect(ends).toMatchObject([{ problem: { code: 'server-unreachable' } }]);
});

it('an answer to initialize that something of ours fails at: is an error, and what comes next is not held back', () => {
  const sent: string[] = [];
  const sinks: Sink[] = [];
  const exchange: Exchange = (_upstream, { body }, sink) => {
    sent.push(String(body));
    sinks.push(sink);
    return () => undefined;
  };
  const url = new URL('http://127.0.0.1/mcp');
  const key = { server: 'one', account: 'default' };
  const target = { title: 'One', upstream: { key, url, credential: 'none' as const } };
  const leg = legacyHttp(target, exchange, systemClock.after)(() => undefined);
  const ends: End[] = [];
  leg.say(messageOf({ jsonrpc: '2.0', id: 1, method: 'initialize' }), {
    message: () => expect.fail('at this'),
    done: (end) => void ends.push(end),
  });
  leg.say(messageOf({ jsonrpc: '2.0', id: 2, method: 'ping' }), {
    message: () => undefined,
    done: () => undefined,
  });
  const flow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
  sinks[0]?.start(200, { 'content-type': 'application/json' }, flow);
  sinks[0]?.data(Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25"}}'));
  expect(() => sinks[0]?.end()).toThrow('at this');
  sinks[0]?.fail(new ProblemError('server-unreachable', 'failed'));
  expect(ends).toMatchObject([{ problem: { code: 'server-unreachable' } }]);
  expect(sent).toEqual([
    expect.stringContaining('"initialize"'),
    expect.stringContaining('"ping"'),
  ]);
});
