/** Is an AI client left waiting by a server that takes its connection and says nothing? (T26) */
import { expect, it } from 'vitest';
import { messageOf } from '../../../broker/bridge/leg.ts';
import type { Exchange, Sink } from '../../../broker/bridge/upstream/exchange.ts';
import { httpSse } from '../../../broker/bridge/upstream/http-sse.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';
import { openBridge } from './open-bridge.ts';

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't' } },
};
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const discover = { jsonrpc: '2.0', id: 2, method: 'server/discover', params: { _meta: meta } };
/** Half of what a server of HTTP+SSE is given to name its address: far more than a busy machine needs. */
const SOON_MS = 5_000;

it.each([
  ['says nothing at all', false],
  ['is one of HTTP+SSE that never names its address (T21)', true],
])(
  'a server that %s: is presented to AI clients of both eras at both doors',
  async (_what, opensStream) => {
    const server = await startLoopbackServer(() => (req, res) => {
      if (!opensStream) return;
      if (req.method !== 'GET') return void res.writeHead(405).end();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.flushHeaders();
    });
    await using bridge = await openBridge({ one: server.origin });
    const overLine = async (message: object): Promise<unknown> => {
      using line = await bridge.line();
      line.send(message);
      return JSON.parse(await line.next());
    };
    const overHttp = async (message: object, headers = {}): Promise<unknown> =>
      JSON.parse((await bridge.ask({ headers, body: JSON.stringify(message) })).text);
    const began = performance.now();
    const answers = await Promise.all([
      overLine(initialize),
      overHttp(initialize),
      overLine(discover),
      overHttp(discover, {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'server/discover',
      }),
    ]);
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    for (const answer of answers)
      expect(answer).toMatchObject({
        result: {
          capabilities: { tools: { listChanged: true } },
          instructions: expect.stringContaining('cannot be used yet') as string,
        },
      });
    await server.close();
  },
);

it('a stream that never names the address for messages (T21): fails what waits for it, and the next message opens another', async () => {
  const clock = createVirtualClock();
  const sinks: Sink[] = [];
  let givenUp = 0;
  const exchange: Exchange = (_upstream, _request, sink) => {
    sinks.push(sink);
    return () => (givenUp += 1);
  };
  const upstream = {
    key: { server: 'old', account: 'default' },
    url: new URL('http://127.0.0.1/sse'),
    credential: 'none' as const,
  };
  const leg = httpSse({ title: 'Old', upstream }, exchange, clock.after)(() => undefined);
  const codes: unknown[] = [];
  const say = (): unknown =>
    leg.say(messageOf({ jsonrpc: '2.0', id: 1, method: 'tools/call' }), {
      message: () => undefined,
      done: ({ problem }) => void codes.push(problem?.code),
    });
  const flow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
  say();
  sinks[0]?.start(200, { 'content-type': 'text/event-stream' }, flow);
  await clock.advance(9_999);
  sinks[0]?.data(Buffer.from(': alive\n\n'));
  expect(codes).toEqual([]);
  await clock.advance(1);
  expect([codes, givenUp]).toEqual([['server-too-slow'], 1]);
  say();
  sinks[1]?.start(200, { 'content-type': 'text/event-stream' }, flow);
  sinks[1]?.data(Buffer.from('event: endpoint\ndata: /messages\n\n'));
  await clock.advance(60_000);
  expect([codes.length, givenUp, sinks.length, clock.waits()]).toEqual([1, 1, 3, []]);
});
