/** Does an AI client that does not read, or says more than its server takes in, trouble anybody but itself? */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../broker/bridge/json-rpc.ts';
import type { Hearer, OpenLeg } from '../../../broker/bridge/leg.ts';
import { openSession } from '../../../broker/bridge/session.ts';
import { eventually } from '../../doubles/eventually.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { type Bridge, openBridge, startAsking } from './open-bridge.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly _meta?: unknown };
}

const MB = 1024 * 1024;
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const initialize = {
  ...{ jsonrpc: '2.0', id: 0, method: 'initialize' },
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't' } },
};
const call = (id: number, name: string, _meta?: object) => ({
  ...{ jsonrpc: '2.0', id, method: 'tools/call' },
  params: { name, arguments: {}, ...(_meta === undefined ? {} : { _meta }) },
});
const modernHeaders = (name: string) => ({
  ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
});

/** A legacy server; at `flood` it tells more than anybody holds, at GET it does so when asked to. */
const bridgeTo = async (): Promise<Bridge & { readonly sent: { bytes: number } }> => {
  const sent = { bytes: 0 };
  const piece = `data: ${JSON.stringify({
    ...{ jsonrpc: '2.0', method: 'notifications/message' },
    params: { level: 'error', data: 'x'.repeat(64 * 1024) },
  })}\n\n`;
  const flood = (res: ServerResponse): void => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const pump = (): void => {
      while (!res.destroyed && sent.bytes < 24 * MB) {
        sent.bytes += piece.length;
        if (!res.write(piece)) return void res.once('drain', pump);
      }
    };
    pump();
  };
  const server = await startLoopbackServer(() => async (req: IncomingMessage, res) => {
    if (req.method === 'GET') return flood(res);
    if (req.method === 'DELETE') return void res.writeHead(200).end();
    const { id, method, params } = JSON.parse((await readBody(req)).toString()) as Message;
    if (
      params?._meta !== undefined &&
      method !== 'initialize' &&
      req.headers['mcp-session-id'] === undefined
    )
      return void res.writeHead(400).end();
    if (id === undefined) return void res.writeHead(202).end();
    if (method === 'tools/call' && params?.name === 'flood') return flood(res);
    if (method === 'initialize') res.setHeader('mcp-session-id', 'one');
    const value =
      method === 'initialize'
        ? { protocolVersion: '2025-11-25', capabilities: { tools: {}, logging: {} } }
        : { content: [] };
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ jsonrpc: '2.0', id, result: value }));
  });
  const bridge = await openBridge({ one: server.origin });
  return {
    ...{ ...bridge, sent },
    [Symbol.asyncDispose]: async () => {
      await bridge[Symbol.asyncDispose]();
      await server.close();
    },
  };
};

describe('one that does not read', () => {
  it('holds up no other AI client with the same key (T26)', async () => {
    await using bridge = await bridgeTo();
    const logged = { ...meta, 'io.modelcontextprotocol/logLevel': 'debug' };
    const unread = await startAsking(bridge.port, bridge.key, {
      headers: modernHeaders('flood'),
      body: JSON.stringify(call(1, 'flood', logged)),
    });
    unread.on('error', () => undefined);
    // More than its connection holds in the kernel's buffers.
    await expect.poll(() => bridge.sent.bytes, eventually).toBeGreaterThan(20 * MB);
    const { text } = await bridge.ask({
      headers: modernHeaders('echo'),
      body: JSON.stringify(call(2, 'echo', meta)),
    });
    expect(JSON.parse(text)).toMatchObject({ id: 2, result: { content: [] } });
    unread.destroy();
  });

  it('its own stream of a session at the HTTP door holds up none of the answers there (T17)', async () => {
    await using bridge = await bridgeTo();
    const begun = await bridge.ask({ body: JSON.stringify(initialize) });
    const headers = { 'mcp-session-id': begun.headers['mcp-session-id']?.toString() ?? '' };
    const unread = await startAsking(bridge.port, bridge.key, { method: 'GET', headers });
    unread.on('error', () => undefined);
    await bridge.ask({
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    });
    await expect.poll(() => bridge.sent.bytes, eventually).toBeGreaterThan(20 * MB);
    const { text } = await bridge.ask({ headers, body: JSON.stringify(call(2, 'echo')) });
    expect(JSON.parse(text)).toMatchObject({ id: 2, result: { content: [] } });
    unread.destroy();
  });
});

describe('one that says more than its server takes in', () => {
  /** A leg that keeps what it is told until a test lets it go. */
  const scripted = () => {
    const held: { readonly id: unknown; readonly hearer: Hearer }[] = [];
    const open: OpenLeg = () => ({
      say: ({ envelope }, hearer) => {
        held.push({ id: envelope.id, hearer });
        return () => undefined;
      },
      pause: () => undefined,
      resume: () => undefined,
      close: () => undefined,
    });
    return { open, held };
  };
  const text = (message: object): string => JSON.stringify(Envelope.parse(message));
  const big = 'x'.repeat(MB);
  const request = (id: number) =>
    text({ jsonrpc: '2.0', id, method: 'tools/list', params: { big } });
  const answer = (id: number) => JSON.stringify({ jsonrpc: '2.0', id, result: { big } });

  it('hears of a request that it was not sent, and may say it again after an answer', () => {
    const { open, held } = scripted();
    const told: { readonly id: number; readonly error?: { readonly message: string } }[] = [];
    const session = openSession(
      'Deaf',
      () => open,
      (line) => {
        told.push(JSON.parse(line) as (typeof told)[number]);
        return true;
      },
    );
    for (let id = 0; id < 34; id += 1) session.receive(request(id));
    expect(held).toHaveLength(31);
    expect(told.map(({ id }) => id)).toEqual([31, 32, 33]);
    expect(told[0]?.error?.message).toContain('Deaf has not taken in what was said before');
    held[0]?.hearer.done({});
    session.receive(request(40));
    session.receive(request(41));
    expect([held.at(-1)?.id, told.at(-1)?.id]).toEqual([40, 41]);
  });

  it('has its answers taken all the same, up to as much', () => {
    const { open, held } = scripted();
    const session = openSession(
      'Deaf',
      () => open,
      () => true,
    );
    for (let id = 0; id < 40; id += 1) session.receive(request(id));
    for (let id = 0; id < 40; id += 1) session.receive(answer(id));
    expect(held).toHaveLength(62);
  });

  it('may say one message that is longer than that', () => {
    const { open, held } = scripted();
    const session = openSession(
      'Deaf',
      () => open,
      () => true,
    );
    session.receive(answer(0).replace(big, 'x'.repeat(40 * MB)));
    expect(held).toHaveLength(1);
  });

  it('gets room for what it takes back in the modern era', () => {
    const { open, held } = scripted();
    const session = openSession(
      'Deaf',
      () => open,
      () => true,
    );
    const modern = (id: number) =>
      text({ jsonrpc: '2.0', id, method: 'tools/list', params: { big, _meta: meta } });
    for (let id = 0; id < 40; id += 1) session.receive(modern(id));
    const before = held.length;
    const cancelled = { method: 'notifications/cancelled', params: { requestId: 0, _meta: meta } };
    session.receive(text({ jsonrpc: '2.0', ...cancelled }));
    session.receive(modern(50));
    expect([before, held.at(-1)?.id]).toEqual([31, 50]);
  });

  it('at the socket door is told so while its server reads nothing', async () => {
    const server = await startLoopbackServer(() => async (req, res) => {
      if (Number(req.headers['content-length']) > MB) return void req.pause();
      const { id } = JSON.parse((await readBody(req)).toString()) as Message;
      if (id === undefined) return void res.writeHead(202).end();
      const value = { protocolVersion: '2025-11-25', capabilities: { tools: {} } };
      res.end(JSON.stringify({ jsonrpc: '2.0', id, result: value }));
    });
    await using bridge = await openBridge({ one: server.origin });
    using line = await bridge.line();
    line.send(initialize);
    await line.next();
    line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    for (let id = 1; id <= 40; id += 1)
      if (!line.socket.write(`${JSON.stringify({ ...call(id, 'x'), big })}\n`))
        await once(line.socket, 'drain');
    await expect.poll(() => line.waiting.length, eventually).toBe(9);
    expect(JSON.parse(line.waiting[0] ?? '')).toMatchObject({ id: 32, result: { isError: true } });
    line.socket.destroy();
    await server.close();
  });
});
