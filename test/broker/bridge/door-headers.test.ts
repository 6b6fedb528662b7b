/** What do the headers of requests and answers at the HTTP door say, where the door speaks for itself? */
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { type Bridge, openBridge } from './open-bridge.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly _meta?: object };
}

type Serve = (message: Message, headers: IncomingHttpHeaders) => object | 400;

const bridgeTo = async (serve: Serve): Promise<Bridge> => {
  const server = await startLoopbackServer(() => async (req, res) => {
    const body = (await readBody(req)).toString();
    if (req.method !== 'POST') return void res.writeHead(405).end();
    const message = JSON.parse(body) as Message;
    if (message.id === undefined) return void res.writeHead(202).end();
    const result = serve(message, req.headers);
    if (result === 400) return void res.writeHead(400).end();
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
  });
  const bridge = await openBridge({ one: server.origin });
  return {
    ...bridge,
    [Symbol.asyncDispose]: async () => {
      await bridge[Symbol.asyncDispose]();
      await server.close();
    },
  };
};

const legacyOf =
  (protocolVersion: string): Serve =>
  ({ method, params }) => {
    if (params?._meta !== undefined) return 400;
    return method === 'initialize'
      ? { protocolVersion, capabilities: { tools: {} } }
      : { tools: [] };
  };

describe('MCP-Protocol-Version in a session of the legacy era (2025-11-25)', () => {
  const begin = async (bridge: Bridge): Promise<Record<string, string>> => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't' } };
    const { headers } = await bridge.ask({
      body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }),
    });
    return { 'mcp-session-id': headers['mcp-session-id']?.toString() ?? '' };
  };
  const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

  it.each(['1999-01-01', '2026-07-28', 'x'])(
    '%s is refused with 400, whatever the method',
    async (version) => {
      await using bridge = await bridgeTo(legacyOf('2025-11-25'));
      const headers = { ...(await begin(bridge)), 'mcp-protocol-version': version };
      const statuses = [
        (await bridge.ask({ headers, body: list })).status,
        (await bridge.ask({ method: 'GET', headers })).status,
        (await bridge.ask({ method: 'DELETE', headers })).status,
      ];
      expect(statuses).toEqual([400, 400, 400]);
      // It was not ended.
      expect((await bridge.ask({ headers: await begin(bridge), body: list })).status).toBe(200);
    },
  );

  it.each([
    ['the one that was agreed on', '2025-11-25', '2025-11-25'],
    ['another of the era', '2025-11-25', '2025-06-18'],
    ['one that only its server knows', '2024-10-07', '2024-10-07'],
    ['none', '2025-11-25', undefined],
  ])('%s is taken', async (_what, agreed, version) => {
    await using bridge = await bridgeTo(legacyOf(agreed));
    const headers = {
      ...(await begin(bridge)),
      ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
    };
    expect((await bridge.ask({ headers, body: list })).status).toBe(200);
  });
});

describe('of the modern era', () => {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const ask = (method: string, params: object = {}, headers: Record<string, string> = {}) => ({
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
  });

  it('what an AI client mirrors in Mcp-Param headers reaches the server, known or not, over a leg too (T31)', async () => {
    const seen: IncomingHttpHeaders[] = [];
    await using bridge = await bridgeTo((_message, headers) => {
      seen.push(headers);
      return { resultType: 'complete', tools: [] };
    });
    const mirrored = { 'mcp-param-region': 'eu', 'mcp-param-note': '=?base64?w7w=?=' };
    // Lists go over a leg.
    await bridge.ask(ask('tools/list', {}, { ...mirrored, 'x-other': 'no', cookie: 'no' }));
    expect(seen.at(-1)).toMatchObject({ ...mirrored, 'mcp-method': 'tools/list' });
    expect(seen.at(-1)).not.toHaveProperty('x-other');
    expect(seen.at(-1)).not.toHaveProperty('cookie');
  });

  it('a stream that the door makes says that no proxy may hold it back (T12)', async () => {
    const server = await startLoopbackServer(() => async (req, res) => {
      const { id, method, params } = JSON.parse((await readBody(req)).toString()) as Message;
      if (req.headers['mcp-method'] !== undefined) return void res.writeHead(400).end();
      if (id === undefined) return void res.writeHead(202).end();
      const result = method === 'initialize' ? legacyOf('2025-11-25')({ method }, {}) : {};
      const answer = JSON.stringify({ jsonrpc: '2.0', id, result });
      const progress = { ...params?._meta, progress: 1 };
      const told = JSON.stringify({
        ...{ jsonrpc: '2.0', method: 'notifications/progress', params: progress },
      });
      const isCall = method === 'tools/call';
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.end(`${isCall ? `data: ${told}\n\n` : ''}data: ${answer}\n\n`);
    });
    await using bridge = await openBridge({ one: server.origin });
    const { headers, text } = await bridge.ask({
      ...ask('tools/call', {}, { 'mcp-name': 'a' }),
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
        params: { name: 'a', _meta: { ...meta, progressToken: 5 } },
      }),
    });
    expect(text).toContain('notifications/progress');
    expect([headers['content-type'], headers['x-accel-buffering']]).toEqual([
      'text/event-stream',
      'no',
    ]);
    await server.close();
  });
});
