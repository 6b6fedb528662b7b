/** Does what flows through the doors flow at its own pace: at once, no faster than it is read, and not after the end? */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { expectUnder } from '../../doubles/timing.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { type Bridge, type Line, openBridge, startAsking } from './open-bridge.ts';

const modern = (method: string, id: number) => ({
  jsonrpc: '2.0',
  id,
  method,
  params: { name: 'slow', _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
});

type Serve = (
  message: { id?: number; method?: string },
  res: ServerResponse,
  req: IncomingMessage,
) => void | Promise<void>;

/** A server that a test scripts request by request, and a bridge to it. */
const bridgeTo = async (serve: Serve): Promise<Bridge> => {
  const server = await startLoopbackServer(() => async (req, res) => {
    const body = (await readBody(req)).toString();
    await serve(body === '' ? {} : (JSON.parse(body) as object), res, req);
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

const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: {} };
const eventsBegin = (res: ServerResponse): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.flushHeaders();
};
const event = (message: object): string => `data: ${JSON.stringify(message)}\n\n`;
const result = (id: number | undefined, value: object = {}) => ({
  jsonrpc: '2.0',
  id,
  result: value,
});

it('an AI client that waits for no answer of the handshake is answered as one that does (T15)', async () => {
  const seen: unknown[] = [];
  await using bridge = await bridgeTo(async ({ id, method }, res, req) => {
    const session = req.headers['mcp-session-id'];
    if (req.method === 'GET') return void res.writeHead(405).end();
    seen.push([method, session]);
    if (method === 'initialize') {
      await sleep(50);
      res.setHeader('mcp-session-id', 'one');
      return void res.end(JSON.stringify(result(id, { protocolVersion: '2025-11-25' })));
    }
    await sleep(method === 'notifications/initialized' ? 50 : 0);
    if (id === undefined) return void res.writeHead(202).end();
    res.end(JSON.stringify(result(id)));
  });
  using line = await bridge.line();
  line.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });
  line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  line.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
  const ids = [await line.next(), await line.next()].map((text) => JSON.parse(text) as object);
  expect([seen, ids]).toEqual([
    [
      ['initialize', undefined],
      ['notifications/initialized', 'one'],
      ['tools/list', 'one'],
    ],
    [expect.objectContaining({ id: 1 }), expect.objectContaining({ id: 2 })],
  ]);
});

it('an AI client whose handshake fails is not left waiting for what it said after it', async () => {
  await using bridge = await bridgeTo(({ method, id }, res) => {
    if (method === 'initialize') res.writeHead(500).end();
    else res.end(JSON.stringify(result(id)));
  });
  using line = await bridge.line();
  line.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });
  line.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
  const answers = [await line.next(), await line.next()].map((text) => JSON.parse(text) as object);
  expect(answers).toEqual([
    expect.objectContaining({ id: 1, error: expect.anything() }),
    expect.objectContaining({ id: 2, result: {} }),
  ]);
});

describe('a stream of a legacy server that ends before the answer', () => {
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } };

  it('is taken up where it broke off, after the pause that the server wishes (T17, T18)', async () => {
    const seen: unknown[] = [];
    let ended = 0;
    await using bridge = await bridgeTo(({ id }, res, req) => {
      seen.push([req.method, req.headers['last-event-id'], ended === 0 ? 0 : Date.now() - ended]);
      eventsBegin(res);
      const place = req.headers['last-event-id'];
      if (place === undefined) res.write('id: a\nretry: 600\ndata:\n\n');
      if (place === 'a') res.write(`id: b\n${event(progress)}`);
      if (place === 'b') res.write(event(result(1, { content: [] })));
      ended = Date.now();
      res.end();
      return void id;
    });
    using line = await bridge.line();
    line.send(call);
    expect([JSON.parse(await line.next()), JSON.parse(await line.next())]).toEqual([
      progress,
      result(1, { content: [] }),
    ]);
    expect(seen).toEqual([
      ['POST', undefined, 0],
      ['GET', 'a', expect.any(Number)],
      ['GET', 'b', expect.any(Number)],
    ]);
    // Timers may be a little early.
    expect(seen.slice(1).every((row) => ((row as number[])[2] as number) >= 590)).toBe(true);
  });

  it('and cannot be taken up is told as lost, once', async () => {
    let asked = 0;
    await using bridge = await bridgeTo((_message, res, req) => {
      asked += 1;
      if (req.method === 'GET') return void res.writeHead(405).end();
      eventsBegin(res);
      res.end('id: a\nretry: 1\ndata:\n\n');
    });
    using line = await bridge.line();
    line.send(call);
    const { result: told } = JSON.parse(await line.next()) as { result: { isError: boolean } };
    expect([told.isError, asked]).toEqual([true, 2]);
  });

  it('is given up when nothing new comes of it', async () => {
    let asked = 0;
    await using bridge = await bridgeTo((_message, res, req) => {
      asked += 1;
      eventsBegin(res);
      res.end(req.method === 'GET' ? '' : 'id: a\nretry: 1\ndata:\n\n');
    });
    using line = await bridge.line();
    line.send(call);
    const { result: told } = JSON.parse(await line.next()) as { result: { isError: boolean } };
    expect([told.isError, asked]).toEqual([true, 6]);
  });
});

describe('events', () => {
  it('reach a client at the HTTP door before the server has sent the last of them', async () => {
    let finish = (): void => undefined;
    await using bridge = await bridgeTo(({ id }, res) => {
      eventsBegin(res);
      res.write(event(progress));
      finish = () => res.end(event(result(id)));
    });
    const answer = await startAsking(bridge.port, bridge.key, {
      body: JSON.stringify(modern('tools/call', 1)),
    });
    const [first] = (await once(answer, 'data')) as [Buffer];
    finish();
    const [second] = (await once(answer, 'data')) as [Buffer];
    expect([first.toString(), second.toString()]).toEqual([event(progress), event(result(1))]);
  });

  it('reach a shim before the server has sent the last of them', async () => {
    let finish = (): void => undefined;
    await using bridge = await bridgeTo(({ id }, res) => {
      eventsBegin(res);
      res.write(event(progress));
      finish = () => res.end(event(result(id)));
    });
    using line = await bridge.line();
    line.send(modern('tools/call', 1));
    const first = await line.next();
    finish();
    expect([first, await line.next()]).toEqual([
      JSON.stringify(progress),
      JSON.stringify(result(1)),
    ]);
  });

  it('that come in one piece with the result are delivered in order and none is lost', async () => {
    await using bridge = await bridgeTo(({ id }, res) => {
      eventsBegin(res);
      res.end(
        [1, 2, 3].map((step) => event({ ...progress, params: { step } })).join('') +
          event(result(id)),
      );
    });
    using line = await bridge.line();
    line.send(modern('tools/call', 1));
    await expect.poll(() => line.waiting.length, eventually).toBe(4);
    expect(line.waiting.map((text) => (JSON.parse(text) as typeof progress).params)).toEqual([
      { step: 1 },
      { step: 2 },
      { step: 3 },
      undefined,
    ]);
  });

  it('cut in the middle of a character arrive whole', async () => {
    const message = { jsonrpc: '2.0', method: 'notifications/message', params: { data: '🚪漢' } };
    await using bridge = await bridgeTo(async ({ id }, res) => {
      eventsBegin(res);
      for (const byte of Buffer.from(event(message))) {
        res.write(Buffer.of(byte));
        await sleep(0);
      }
      res.end(event(result(id)));
    });
    using line = await bridge.line();
    line.send(modern('tools/call', 1));
    expect(await line.next()).toBe(JSON.stringify(message));
  });
});

describe('an AI client that is gone', () => {
  /** A server that never answers: waits for the next request to arrive there, and for it to be closed. */
  const hangingServer = () => {
    let [arrived, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const serve: Serve = (_message, res, req) => {
      if (req.method === 'GET') return void res.writeHead(405).end();
      eventsBegin(res);
      res.on('close', () => gone.resolve());
      arrived.resolve();
    };
    const arrives = async (): Promise<void> => {
      await arrived.promise;
      arrived = Promise.withResolvers();
    };
    const leaves = async (): Promise<void> => {
      await gone.promise;
      gone = Promise.withResolvers();
    };
    return { serve, arrives, leaves };
  };

  it('ends its request at the server at once when it closes its connection at the HTTP door (T11)', async () => {
    const { serve, arrives, leaves } = hangingServer();
    await using bridge = await bridgeTo(serve);
    let answer: IncomingMessage | undefined;
    const ask = async (): Promise<void> => {
      answer = await startAsking(bridge.port, bridge.key, {
        body: JSON.stringify(modern('tools/call', 1)),
      });
      await arrives();
    };
    const leave = (): Promise<void> => {
      answer?.destroy();
      return leaves();
    };
    await expectUnder(50, leave, ask);
  });

  it('ends its requests at the server at once when its shim is gone (T11, T24)', async () => {
    const { serve, arrives, leaves } = hangingServer();
    await using bridge = await bridgeTo(serve);
    let line: Line | undefined;
    const ask = async (): Promise<void> => {
      line = await bridge.line();
      line.send(modern('tools/call', 1));
      await arrives();
    };
    const leave = (): Promise<void> => {
      line?.socket.destroy();
      return leaves();
    };
    await expectUnder(50, leave, ask);
  });

  it('ends a request at the server that has not even answered with its headers (T11)', async () => {
    const gone = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await using bridge = await bridgeTo((_message, res) => {
      res.on('close', gone.resolve);
      arrived.resolve();
    });
    const line = await bridge.line();
    line.send(modern('tools/call', 1));
    await arrived.promise;
    line.socket.destroy();
    await expect(gone.promise).resolves.toBeUndefined();
  });
});

describe('notifications/cancelled through a shim', () => {
  it('closes the stream of a modern request, goes to nobody, and nothing more comes for that id (T11, T24)', async () => {
    const methods: unknown[] = [];
    const closed: unknown[] = [];
    await using bridge = await bridgeTo(({ id, method }, res) => {
      methods.push(method);
      if (id === 2)
        return void res
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(result(2)));
      eventsBegin(res);
      res.write(event({ jsonrpc: '2.0', method: 'notifications/progress' }));
      res.on('close', () => closed.push(id));
    });
    using line = await bridge.line();
    line.send(modern('tools/call', 1));
    await line.next();
    line.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    await expect.poll(() => closed, eventually).toEqual([1]);
    line.send(modern('tools/list', 2));
    expect([await line.next(), line.waiting, methods]).toEqual([
      JSON.stringify(result(2)),
      [],
      ['tools/call', 'tools/list'],
    ]);
  });

  it('is told to a legacy server, whose stream stays (T18)', async () => {
    const methods: unknown[] = [];
    let streamClosed = false;
    await using bridge = await bridgeTo(({ id, method }, res, req) => {
      if (req.method !== 'POST') return void res.writeHead(405).end();
      methods.push(method);
      if (method === 'tools/call') {
        eventsBegin(res);
        res.on('close', () => (streamClosed = true));
      } else if (id === undefined) res.writeHead(202).end();
      else {
        const body = JSON.stringify(result(id, { protocolVersion: '2025-11-25' }));
        res.writeHead(200, { 'content-type': 'application/json' }).end(body);
      }
    });
    using line = await bridge.line();
    line.send({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} });
    await line.next();
    line.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } });
    await expect.poll(() => methods, eventually).toContain('tools/call');
    line.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    await expect.poll(() => methods, eventually).toContain('notifications/cancelled');
    expect(streamClosed).toBe(false);
  });
});

describe('a legacy session through a shim', () => {
  it('sends nothing before the server has taken notifications/initialized', async () => {
    const order: string[] = [];
    await using bridge = await bridgeTo(async ({ id, method = '' }, res, req) => {
      if (req.method !== 'POST') return void res.writeHead(405).end();
      if (method === 'notifications/initialized') await sleep(100);
      order.push(method);
      if (id === undefined) return void res.writeHead(202).end();
      const body = JSON.stringify(result(id, { protocolVersion: '2025-11-25' }));
      res.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    using line = await bridge.line();
    line.send({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} });
    await line.next();
    line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    line.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    await line.next();
    expect(order).toEqual(['initialize', 'notifications/initialized', 'tools/list']);
  });

  /** A server whose sessions a test ends at will; `trouble` is what it answers to everything meanwhile. */
  const forgetful = () => {
    const state = { session: 1, trouble: 0, handshakes: 0, refuses404: false };
    const order: string[] = [];
    const serve: Serve = ({ id, method = '' }, res, req) => {
      const known = req.headers['mcp-session-id'] === `session-${state.session}`;
      if (req.method !== 'POST') return void res.writeHead(known ? 405 : 404).end();
      if (state.trouble !== 0) return void res.writeHead(state.trouble).end();
      if (method !== 'initialize' && (!known || state.refuses404)) {
        res.writeHead(404, { 'content-type': 'application/json' });
        return void res.end(
          JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_001, message: 'no session' } }),
        );
      }
      order.push(method);
      if (method === 'initialize') state.handshakes += 1;
      if (id === undefined) return void res.writeHead(202).end();
      res.writeHead(200, {
        'content-type': 'application/json',
        'mcp-session-id': `session-${state.session}`,
      });
      res.end(JSON.stringify(result(id, { protocolVersion: '2025-11-25' })));
    };
    return { state, order, serve };
  };

  const shakeHands = async (bridge: Bridge) => {
    const line = await bridge.line();
    line.send({ jsonrpc: '2.0', id: 'init', method: 'initialize', params: {} });
    await line.next();
    line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    line.send({ jsonrpc: '2.0', id: 0, method: 'ping' });
    await line.next();
    return line;
  };
  const ids = (lines: readonly string[]) =>
    lines
      .map((text) => JSON.parse(text) as { id: number; result?: object })
      .map(({ id, result: good }) => (good === undefined ? `${id} failed` : id));

  it('that the server has forgotten is begun again unseen, and every call is answered (T15)', async () => {
    const { state, order, serve } = forgetful();
    await using bridge = await bridgeTo(serve);
    using line = await shakeHands(bridge);
    state.session = 2;
    for (const id of [1, 2, 3])
      line.send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'x' } });
    const answers = ids([await line.next(), await line.next(), await line.next()]);
    expect([
      answers.toSorted((a, b) => Number(a) - Number(b)),
      state.handshakes,
      line.waiting,
    ]).toEqual([[1, 2, 3], 2, []]);
    expect(order.slice(3, 5)).toEqual(['initialize', 'notifications/initialized']);
  });

  it('that cannot be begun again yet is tried again with the next message (T15)', async () => {
    const { state, serve } = forgetful();
    await using bridge = await bridgeTo(serve);
    using line = await shakeHands(bridge);
    state.session = 2;
    state.trouble = 503;
    line.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const during = await line.next();
    state.trouble = 0;
    line.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    expect(ids([during, await line.next()])).toEqual(['1 failed', 2]);
  });

  it('with a server that says 404 whatever is done ends in its answer, not in a circle (T15)', async () => {
    const { state, serve } = forgetful();
    await using bridge = await bridgeTo(serve);
    using line = await shakeHands(bridge);
    state.refuses404 = true;
    line.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect([await line.next(), state.handshakes]).toEqual([
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no session"}}',
      4,
    ]);
  });

  it('with a server that forgets it again while it is begun anew is begun once more (T15)', async () => {
    const { state, order, serve } = forgetful();
    let restarts = 2;
    await using bridge = await bridgeTo((message, res, req) => {
      // As many times it starts anew between the handshake and the call.
      if (message.method === 'tools/call' && restarts-- > 0) state.session += 1;
      return serve(message, res, req);
    });
    using line = await shakeHands(bridge);
    line.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x' } });
    expect([ids([await line.next()]), state.handshakes]).toEqual([[1], 3]);
    expect(order.filter((method) => method === 'tools/call')).toEqual(['tools/call']);
  });

  it('opens the server’s own stream again after a passing failure (T17)', async () => {
    let listened = 0;
    await using bridge = await bridgeTo(({ id }, res, req) => {
      if (req.method === 'GET') {
        listened += 1;
        if (listened === 1) return void res.writeHead(503).end();
        eventsBegin(res);
        res.write(event({ jsonrpc: '2.0', method: 'notifications/at-last' }));
      } else if (id === undefined) res.writeHead(202).end();
      else {
        const body = JSON.stringify(result(id, { protocolVersion: '2025-11-25' }));
        res.writeHead(200, { 'content-type': 'application/json' }).end(body);
      }
    });
    using line = await shakeHands(bridge);
    const said = await line.next();
    expect([listened, JSON.parse(said)]).toEqual([
      2,
      { jsonrpc: '2.0', method: 'notifications/at-last' },
    ]);
  });

  it('opens the server’s own stream again when it breaks, where it left off (T17)', async () => {
    const seen: unknown[] = [];
    await using bridge = await bridgeTo(({ id }, res, req) => {
      if (req.method === 'GET') {
        seen.push(req.headers['last-event-id']);
        eventsBegin(res);
        const said = { jsonrpc: '2.0', method: `notifications/number-${seen.length}` };
        res.write(`id: event-${seen.length}\nretry: 20\n${event(said)}`);
        if (seen.length === 1) res.end();
      } else if (id === undefined) res.writeHead(202).end();
      else {
        const body = JSON.stringify(result(id, { protocolVersion: '2025-11-25' }));
        res.writeHead(200, { 'content-type': 'application/json' }).end(body);
      }
    });
    using line = await bridge.line();
    line.send({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} });
    await line.next();
    line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const said = [await line.next(), await line.next()].map(
      (text) => (JSON.parse(text) as { method: string }).method,
    );
    expect([said, seen]).toEqual([
      ['notifications/number-1', 'notifications/number-2'],
      [undefined, 'event-1'],
    ]);
  });
});

describe('a result of 50 MB', () => {
  const text = 'é'.repeat(25 * 1024 * 1024);
  const big = JSON.stringify(result(1, { content: [{ type: 'text', text }] }));
  const handshake = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: {} };
  const initialize = { jsonrpc: '2.0', id: 'init', method: 'initialize', params: handshake };
  const legacyCall = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'big' } };

  const isAsked = (method: string | undefined): boolean => method === 'tools/call';
  const answers = (res: ServerResponse, body: string): void =>
    void res.writeHead(200, { 'content-type': 'application/json' }).end(body);

  const modernServer: Serve = ({ method, id }, res) => {
    if (method === 'initialize') {
      const error = { code: -32_022, message: 'too old', data: { supported: ['2026-07-28'] } };
      return void res.writeHead(400).end(JSON.stringify({ jsonrpc: '2.0', id, error }));
    }
    if (method === 'subscriptions/listen') return eventsBegin(res);
    const discovered = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
    const other = method === 'server/discover' ? discovered : { tools: [] };
    answers(
      res,
      isAsked(method)
        ? big.replace('"id":1', `"id":${JSON.stringify(id)}`)
        : JSON.stringify(result(id, other)),
    );
  };
  const legacyServer: Serve = ({ method, id }, res, req) => {
    if (req.method !== 'POST') return void res.writeHead(405).end();
    if (method === 'server/discover') return void res.writeHead(400).end();
    if (id === undefined) return void res.writeHead(202).end();
    const other = method === 'initialize' ? handshake : { tools: [] };
    answers(
      res,
      isAsked(method)
        ? big.replace('"id":1', `"id":${JSON.stringify(id)}`)
        : JSON.stringify(result(id, other)),
    );
  };
  const asEvent: Serve = (_message, res) => {
    eventsBegin(res);
    res.end(`data: ${big}\n\n`);
  };

  it.each([
    ['as it is', modernServer],
    ['as an event', asEvent],
  ])('%s passes the HTTP door', async (_how, serve) => {
    await using bridge = await bridgeTo(serve);
    const answer = await bridge.ask({ body: JSON.stringify(modern('tools/call', 1)) });
    expect(answer.text.includes(big)).toBe(true);
  });

  it.each([
    ['of the modern era', 'as it is', modernServer, [modern('tools/call', 1)]],
    ['of the modern era', 'as an event', asEvent, [modern('tools/call', 1)]],
    ['of the legacy era', 'from a legacy server', legacyServer, [initialize, legacyCall]],
    ['of the legacy era', 'from a modern server', modernServer, [initialize, legacyCall]],
    ['of the modern era', 'from a legacy server', legacyServer, [modern('tools/call', 1)]],
  ])('%s, %s, passes the socket door', async (_era, _how, serve, said) => {
    await using bridge = await bridgeTo(serve);
    using line = await bridge.line();
    for (const message of said) {
      line.send(message);
      if ('id' in message && message.id === 'init') {
        await line.next();
        line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
      }
    }
    const answer = JSON.parse(await line.next()) as { id: number; result: { content: object[] } };
    expect(answer.id).toBe(1);
    expect((answer.result.content[0] as { text: string }).text === text).toBe(true);
  });
});

describe('an AI client that does not read', () => {
  /** Far more than both loopback connections hold in the kernel's buffers. */
  const MOST_BUFFERED = 48 * 1024 * 1024;

  /** Sends events for as long as anybody takes them, and counts the bytes. */
  const endless = () => {
    const sent = { bytes: 0 };
    const piece = event({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { data: 'x'.repeat(64 * 1024) },
    });
    const serve: Serve = (_message, res) => {
      eventsBegin(res);
      const pump = (): void => {
        while (!res.destroyed) {
          sent.bytes += piece.length;
          if (!res.write(piece)) return void res.once('drain', pump);
        }
      };
      pump();
    };
    return { sent, serve };
  };

  /** The bytes sent once nothing has moved for a while. */
  const standstill = async (sent: { readonly bytes: number }): Promise<number> => {
    for (let before = -1; before !== sent.bytes && sent.bytes < 4 * MOST_BUFFERED; ) {
      before = sent.bytes;
      await sleep(150);
    }
    return sent.bytes;
  };

  it('at the HTTP door brings the server to a standstill, and reading on sets it going again', async () => {
    const { sent, serve } = endless();
    await using bridge = await bridgeTo(serve);
    const answer = await startAsking(bridge.port, bridge.key, {
      body: JSON.stringify(modern('tools/call', 1)),
    });
    const stalledAt = await standstill(sent);
    expect(stalledAt).toBeLessThan(MOST_BUFFERED);
    answer.resume();
    await expect.poll(() => sent.bytes, eventually).toBeGreaterThan(stalledAt + MOST_BUFFERED);
    answer.destroy();
  });

  it('behind a shim brings the server to a standstill, and reading on sets it going again', async () => {
    const { sent, serve } = endless();
    await using bridge = await bridgeTo(serve);
    using line = await bridge.line();
    line.socket.pause();
    line.send(modern('tools/call', 1));
    await expect.poll(() => sent.bytes, eventually).toBeGreaterThan(0);
    const stalledAt = await standstill(sent);
    expect(stalledAt).toBeLessThan(MOST_BUFFERED);
    line.socket.resume();
    await expect.poll(() => sent.bytes, eventually).toBeGreaterThan(stalledAt + MOST_BUFFERED);
  });
});
