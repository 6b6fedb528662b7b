/** Is every request at both doors noted with how it ended, and nothing of what was said? */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { outcomeIn } from '../../../broker/bridge/seen.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { eventually } from '../../doubles/eventually.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import { unreachableOrigin } from '../../servers/odd-servers.ts';
import { type Bridge, openBridge, startAsking } from './open-bridge.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
}
type Serve = (message: Message, res: ServerResponse, req: IncomingMessage) => void;

const bridgeTo = async (serve: Serve, book?: Parameters<typeof openBridge>[1]): Promise<Bridge> => {
  const server = await startLoopbackServer(() => async (req, res) => {
    const body = (await readBody(req)).toString();
    serve(body === '' ? {} : (JSON.parse(body) as Message), res, req);
  });
  const bridge = await openBridge({ one: server.origin }, book);
  return {
    ...bridge,
    [Symbol.asyncDispose]: async () => {
      await bridge[Symbol.asyncDispose]();
      await server.close();
    },
  };
};

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'Modern Client', version: '1' },
};
const call = (params: object = {}, id = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'add', arguments: { secret: 'canary-argument' }, _meta: modernMeta, ...params },
});
const handshake = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { clientInfo: { name: 'Old Client', version: '1' } },
};
const json = (res: ServerResponse, body: object, status = 200): void => {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ jsonrpc: '2.0', ...body }));
};
const events = (res: ServerResponse, ...bodies: object[]): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const body of bodies) res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...body })}\n\n`);
  res.end();
};
const content = [{ type: 'text', text: 'canary-result' }];
const progress = { method: 'notifications/progress', params: { progress: 1 } };

/** What a server may answer, and what that amounts to, at either door. */
const answers: Readonly<Record<string, [Serve, object]>> = {
  'a result': [({ id }, res) => json(res, { id, result: { content } }), { outcome: 'answered' }],
  'a result that says it is none': [
    ({ id }, res) => json(res, { id, result: { isError: true, content } }),
    { outcome: 'tool-error' },
  ],
  'a result that speaks of errors': [
    ({ id }, res) =>
      json(res, { id, result: { structuredContent: { error: 1, isError: true }, isError: false } }),
    { outcome: 'answered' },
  ],
  'a result after progress': [
    ({ id }, res) => events(res, progress, { id, result: { content } }),
    { outcome: 'answered' },
  ],
  'a failed tool after progress': [
    ({ id }, res) => events(res, progress, { id, result: { content, isError: true } }),
    { outcome: 'tool-error' },
  ],
  'an error': [
    ({ id }, res) => json(res, { id, error: { code: -32602, message: 'canary-message' } }),
    { outcome: 'error', code: -32602 },
  ],
  'an error in an event': [
    ({ id }, res) => events(res, { id, error: { code: -32000, message: 'canary-message' } }),
    { outcome: 'error', code: -32000 },
  ],
  'an error with a code that is none': [
    ({ id }, res) => json(res, { id, error: { code: 'canary-code', message: 'no' } }),
    { outcome: 'error' },
  ],
};

describe.each(Object.entries(answers))('%s', (_what, [serve, outcome]) => {
  it('is noted at the HTTP door as what it is', async () => {
    await using bridge = await bridgeTo(serve);
    const body = JSON.stringify(call());
    const { bytes } = await bridge.ask({ body });
    expect(bridge.seen).toEqual([
      {
        ...outcome,
        key: { server: 'one', account: 'default' },
        door: 'http',
        aiClient: 'test',
        method: 'tools/call',
        name: 'add',
        bytes: bytes.length,
      },
    ]);
    expect(JSON.stringify(bridge.seen)).not.toContain('canary');
  });

  it('is noted at the socket door as what it is', async () => {
    await using bridge = await bridgeTo(serve);
    using line = await bridge.line();
    line.send(call());
    await expect
      .poll(() => bridge.seen.filter(({ method }) => method === 'tools/call'), eventually)
      .toEqual([
        {
          ...outcome,
          key: { server: 'one', account: 'default' },
          door: 'shim',
          aiClient: 'Modern Client',
          method: 'tools/call',
          name: 'add',
          bytes: expect.any(Number),
        },
      ]);
    expect(JSON.stringify(bridge.seen)).not.toContain('canary');
  });
});

describe('a large answer', () => {
  const large = 'x'.repeat(300_000);
  it.each([
    ['that went well', {}, 'answered'],
    ['of a tool that failed', { isError: true }, 'tool-error'],
  ])('%s is passed on whole and known by its end', async (_what, more, outcome) => {
    const result = { content: [{ type: 'text', text: large }], ...more };
    await using bridge = await bridgeTo(({ id }, res) => json(res, { id, result }));
    const { bytes } = await bridge.ask({ body: JSON.stringify(call()) });
    expect(bridge.seen).toMatchObject([{ outcome, bytes: bytes.length }]);
    expect(bytes.length).toBeGreaterThan(large.length);
  });

  it('that is a page of a proxy is an error', async () => {
    await using bridge = await bridgeTo((_message, res) => res.writeHead(502).end(large));
    await bridge.ask({ body: JSON.stringify(call()) });
    expect(bridge.seen).toMatchObject([{ outcome: 'error', code: 'http-502' }]);
  });
});

describe('a request that gets no answer', () => {
  const refusing = {
    access: () => Promise.reject(new ProblemError('needs-sign-in', 'nobody is signed in')),
    afterRefusal: () => Promise.reject(new Error('not asked')),
  };

  it('for want of a sign-in has the code of the problem at both doors', async () => {
    await using bridge = await bridgeTo((_message, res) => void res.end(), refusing);
    await bridge.ask({ body: JSON.stringify(call()) });
    using line = await bridge.line();
    line.send(call());
    await line.next();
    const ended = bridge.seen.map(({ door, method, outcome, code }) => [
      door,
      method,
      outcome,
      code,
    ]);
    expect(ended).toEqual([
      ['http', 'tools/call', 'error', 'needs-sign-in'],
      ['shim', 'tools/call', 'error', 'needs-sign-in'],
    ]);
  });

  it('because nobody is there has it too', async () => {
    await using bridge = await openBridge({ one: await unreachableOrigin() });
    await bridge.ask({ body: JSON.stringify(call()) });
    expect(bridge.seen).toMatchObject([{ outcome: 'error', code: 'server-unreachable' }]);
  });

  it('because its stream ended early is gone', async () => {
    await using bridge = await bridgeTo((_message, res) => events(res, progress));
    await bridge.ask({ body: JSON.stringify(call()) });
    expect(bridge.seen).toMatchObject([{ outcome: 'gone' }]);
  });

  it.each([
    ['modern', modernMeta, 'cancelled'],
    ['legacy', {}, 'gone'],
  ])(
    'because a %s AI client hangs up at the HTTP door is noted once (T11)',
    async (_era, _meta, outcome) => {
      await using bridge = await bridgeTo((_message, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...progress })}\n\n`);
      });
      const answer = await startAsking(bridge.port, bridge.key, {
        body: JSON.stringify(call({ _meta })),
      });
      await once(answer, 'data');
      answer.destroy();
      await expect.poll(() => bridge.seen.map((one) => one.outcome), eventually).toEqual([outcome]);
    },
  );

  it('because the AI client cancelled it through the shim is cancelled, in either era', async () => {
    await using bridge = await bridgeTo(({ id, method }, res) => {
      if (method === 'initialize') json(res, { id, result: { protocolVersion: '2025-11-25' } });
      else if (id === undefined) res.writeHead(202).end();
    });
    using old = await bridge.line();
    const cancelled = (requestId: number, _meta = {}) => ({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId, _meta },
    });
    old.send(handshake);
    await old.next();
    old.send(call({ _meta: {} }, 7));
    old.send(cancelled(7));
    using young = await bridge.line();
    young.send(call({}, 8));
    young.send(cancelled(8, modernMeta));
    const ended = () =>
      bridge.seen
        .filter(({ method }) => method === 'tools/call')
        .map(({ aiClient, outcome }) => `${aiClient}: ${outcome}`)
        .sort();
    await expect
      .poll(ended, eventually)
      .toEqual(['Modern Client: cancelled', 'Old Client: cancelled']);
  });

  it('because the shim is gone is gone', async () => {
    const asked = Promise.withResolvers<void>();
    await using bridge = await bridgeTo(() => asked.resolve());
    const line = await bridge.line();
    line.send(call());
    await asked.promise;
    line[Symbol.dispose]();
    await expect
      .poll(() => bridge.seen.map(({ outcome }) => outcome), eventually)
      .toContain('gone');
  });
});

describe('who asks through the shim', () => {
  it('is what the handshake says, and unknown before it', async () => {
    await using bridge = await bridgeTo(({ id }, res) =>
      json(res, { id, result: { protocolVersion: '2025-11-25' } }),
    );
    using line = await bridge.line();
    for (const message of [
      { jsonrpc: '2.0', id: 5, method: 'ping' },
      handshake,
      { jsonrpc: '2.0', id: 6, method: 'tools/list' },
    ]) {
      line.send(message);
      await line.next();
    }
    expect(bridge.seen.map(({ method, aiClient }) => [method, aiClient])).toEqual([
      ['ping', ''],
      ['initialize', 'Old Client'],
      ['tools/list', 'Old Client'],
    ]);
  });
});

describe('what a request is about', () => {
  it.each([
    ['prompts/get', { name: 'greet' }, 'greet'],
    ['resources/read', { uri: 'file:///a/b' }, 'file:///a/b'],
    ['resources/read', { uri: 'https://me:canary@host/a?key=canary#canary' }, 'https://host/a'],
    ['completion/complete', { name: 'canary', uri: 'canary' }, undefined],
    ['constructor', { name: 'canary' }, undefined],
    ['tools/call', { name: { deep: 'canary' } }, undefined],
  ])('of %s %j is %s', async (method, params, name) => {
    await using bridge = await bridgeTo(({ id }, res) => json(res, { id, result: {} }));
    await bridge.ask({ body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    expect(bridge.seen).toMatchObject([{ method, name }]);
    expect(JSON.stringify(bridge.seen)).not.toContain('canary');
  });
});

it('a handshake at the HTTP door that finds a server of the other era is noted once, and so is what follows (T2)', async () => {
  await using server = await startMcpServer({ eras: 'modern' });
  await using bridge = await openBridge({ one: server.url });
  const { clientInfo } = handshake.params;
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const begun = await bridge.ask({ body: JSON.stringify({ ...handshake, params }) });
  const headers = { 'mcp-session-id': String(begun.headers['mcp-session-id']) };
  await bridge.ask({
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  await bridge.ask({ headers, body: JSON.stringify(call({ name: 'fail', _meta: {} }, 2)) });
  expect(
    bridge.seen.map(({ method, aiClient, door, outcome }) => [method, aiClient, door, outcome]),
  ).toEqual([
    ['initialize', 'test', 'http', 'answered'],
    ['tools/list', 'test', 'http', 'answered'],
    ['tools/call', 'test', 'http', 'tool-error'],
  ]);
});

it('notifications, answers of the AI client, and what is no message are not noted', async () => {
  await using bridge = await bridgeTo((_message, res) => res.writeHead(202).end());
  for (const body of [
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    '{"jsonrpc":"2.0","id":4,"result":{}}',
    '[]',
  ])
    await bridge.ask({ body });
  await bridge.ask({ method: 'DELETE' });
  expect(bridge.seen).toEqual([]);
});

it('errors are told from results that only speak of them', () => {
  const nested =
    '{"jsonrpc":"2.0","id":1,"result":{"error":{"code":1},"content":["\\"isError\\": true"]}}';
  expect(outcomeIn(nested)).toEqual({ outcome: 'answered' });
  expect(outcomeIn('{"jsonrpc":"2.0","id":1,"error":null}')).toEqual({ outcome: 'error' });
});
