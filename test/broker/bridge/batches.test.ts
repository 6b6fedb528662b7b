/** Batches of 2025-03-26, the one version that has them (T20): what do AI clients get that send them, at either door? */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../broker/bridge/batch.ts';
import { eventually } from '../../doubles/eventually.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { type Answer, type Bridge, openBridge } from './open-bridge.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly name?: string };
}

const result = (id: unknown, value: object = {}) => ({ jsonrpc: '2.0', id, result: value });
const request = (id: number, method: string, params: object = {}) => ({
  ...{ jsonrpc: '2.0', id, method, params },
});
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } };

/** A server that says each tool's name back, of this version, and what it was told besides the handshake. */
const bridgeTo = async (version: string): Promise<Bridge & { readonly told: string[] }> => {
  const told: string[] = [];
  const answer = ({ id, method, params }: Message, res: ServerResponse): void => {
    const name = params?.name;
    if (method === 'initialize')
      return void res.end(
        JSON.stringify(result(id, { protocolVersion: version, capabilities: { tools: {} } })),
      );
    if (id === undefined || method === undefined) return void res.writeHead(202).end();
    if (name === 'refused') return void res.writeHead(500).end();
    if (name !== 'telling') return void res.end(JSON.stringify(result(id, { name })));
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const json of [progress, result(id, { name })])
      res.write(`data: ${JSON.stringify(json)}\n\n`);
    res.end();
  };
  const server = await startLoopbackServer(() => async (req: IncomingMessage, res) => {
    const body = (await readBody(req)).toString();
    if (req.method !== 'POST') return void res.writeHead(405).end();
    if (!/"(initialize|notifications\/initialized)"/.test(body)) told.push(body);
    answer(JSON.parse(body) as Message, res);
  });
  const bridge = await openBridge({ one: server.origin });
  return {
    ...{ ...bridge, told },
    [Symbol.asyncDispose]: async () => {
      await bridge[Symbol.asyncDispose]();
      await server.close();
    },
  };
};

const initialize = (protocolVersion: string) =>
  request(0, 'initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 't' } });
const call = (id: number, name: string) => request(id, 'tools/call', { name });

describe('at the HTTP door', () => {
  /** A session that agreed on this version, and what says a text in it. */
  const session = async (
    bridge: Bridge,
    version = '2025-03-26',
  ): Promise<(text: string) => Promise<Answer>> => {
    const begun = await bridge.ask({ body: JSON.stringify(initialize(version)) });
    const headers = { 'mcp-session-id': begun.headers['mcp-session-id']?.toString() ?? '' };
    await bridge.ask({ headers, body: JSON.stringify(initialized) });
    return (body) => bridge.ask({ headers, body });
  };

  it('a batch is said message by message as it came, and answered in one array (T20)', async () => {
    await using bridge = await bridgeTo('2025-03-26');
    const say = await session(bridge);
    const odd =
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"n":12345678901234567890}}';
    const note = '{"jsonrpc":"2.0","method":"notifications/odd"}';
    const { status, headers, text } = await say(
      `[${odd}, ${note},\n${JSON.stringify(call(8, 'b'))}]`,
    );
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    const answers = JSON.parse(text) as { readonly id: number }[];
    expect(answers.toSorted((one, other) => one.id - other.id)).toEqual([
      result(7),
      result(8, { name: 'b' }),
    ]);
    await expect.poll(() => bridge.told.length, eventually).toBe(3);
    expect(bridge.told).toEqual(expect.arrayContaining([odd, note, JSON.stringify(call(8, 'b'))]));
  });

  it('what is told on the way makes the answer a stream, whose last event is the array (T20)', async () => {
    await using bridge = await bridgeTo('2025-03-26');
    const say = await session(bridge);
    const { headers, text } = await say(JSON.stringify([call(1, 'telling')]));
    expect(headers['content-type']).toBe('text/event-stream');
    expect(headers['x-accel-buffering']).toBe('no');
    expect(text).toBe(
      `data: ${JSON.stringify(progress)}\n\ndata: ${JSON.stringify([result(1, { name: 'telling' })])}\n\n`,
    );
  });

  it('nothing but notifications and answers is taken with 202 (T20)', async () => {
    await using bridge = await bridgeTo('2025-03-26');
    const say = await session(bridge);
    const answer = await say(JSON.stringify([initialized, result(4)]));
    expect([answer.status, answer.text]).toEqual([202, '']);
    await expect.poll(() => bridge.told, eventually).toEqual([JSON.stringify(result(4))]);
  });

  it('what fails, what is no message and what must stand alone are errors of their own (T20)', async () => {
    await using bridge = await bridgeTo('2025-03-26');
    const say = await session(bridge);
    const { text } = await say(
      JSON.stringify([1, initialize('2025-03-26'), call(2, 'refused'), call(3, 'fine')]),
    );
    const answers = JSON.parse(text) as unknown[];
    expect(answers).toHaveLength(4);
    expect(answers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) }),
        expect.objectContaining({ id: 0, error: expect.objectContaining({ code: -32600 }) }),
        expect.objectContaining({ id: 2, result: expect.objectContaining({ isError: true }) }),
        result(3, { name: 'fine' }),
      ]),
    );
  });

  it.each([
    ['an empty one', '2025-03-26', '[]'],
    ['one cut short', '2025-03-26', `[${JSON.stringify(call(1, 'a'))}`],
    ['one of a version that has none', '2025-06-18', JSON.stringify([call(1, 'a')])],
  ])(
    '%s is refused whole, and nothing of it reaches the server (T20)',
    async (_what, version, batch) => {
      await using bridge = await bridgeTo(version);
      const say = await session(bridge, version);
      const { status, text } = await say(batch);
      expect([status, JSON.parse(text)]).toMatchObject([400, { id: null, error: {} }]);
      expect(bridge.told).toEqual([]);
    },
  );
});

describe('behind a shim', () => {
  it('a batch is said message by message, and answered in one line (T20)', async () => {
    await using bridge = await bridgeTo('2025-03-26');
    using line = await bridge.line();
    line.send(initialize('2025-03-26'));
    await line.next();
    line.send(initialized);
    line.send([call(1, 'telling'), { jsonrpc: '2.0', method: 'notifications/odd' }, call(2, 'b')]);
    expect(JSON.parse(await line.next())).toEqual(progress);
    const answers = JSON.parse(await line.next()) as { readonly id: number }[];
    expect(answers.toSorted((one, other) => one.id - other.id)).toEqual([
      result(1, { name: 'telling' }),
      result(2, { name: 'b' }),
    ]);
    expect(bridge.told).toHaveLength(3);
  });

  it('one of a version that has none, or before the handshake, is an error (T20)', async () => {
    await using bridge = await bridgeTo('2025-11-25');
    using line = await bridge.line();
    const refusal = { id: null, error: { code: -32600 } };
    line.send([call(1, 'a')]);
    expect(JSON.parse(await line.next())).toMatchObject(refusal);
    line.send(initialize('2025-11-25'));
    await line.next();
    line.send([call(1, 'a')]);
    expect(JSON.parse(await line.next())).toMatchObject(refusal);
    expect(bridge.told).toEqual([]);
  });
});

it('a batch of more messages than anybody says at once is none (T20)', () => {
  const many = (count: number) => JSON.stringify(Array.from({ length: count }, () => initialized));
  expect([readBatch(many(1_000))?.messages.length, readBatch(many(1_001))]).toEqual([
    1_000,
    undefined,
  ]);
});
