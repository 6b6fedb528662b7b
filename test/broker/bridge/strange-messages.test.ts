/** Messages that the broker once stumbled over, each by its name: it lives on, and whoever asked is answered. */
import { afterEach, beforeEach, expect, it } from 'vitest';
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
