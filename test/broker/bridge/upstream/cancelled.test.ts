/** Does a legacy server hear that nobody waits for an answer any more? A closed connection says nothing to it. (T18) */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../doubles/clock.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { metaOf } from '../eras/modern-ai-client.ts';
import { openBridge, startAsking } from '../open-bridge.ts';
import {
  answer,
  beginEvents,
  event,
  initialize,
  legacyServer,
  refuse,
  type Serve,
  type Stage,
  say,
  setStage,
} from './stage.ts';

const call = (id: number | string) => ({ id, method: 'tools/call', params: { name: 'slow' } });
const cancelling = (requestId: number | string) => ({
  method: 'notifications/cancelled',
  params: { requestId },
});

/** Of what was cancelled, the ids with the session they were cancelled in. */
const cancelled = ({ seen }: Stage): unknown[] =>
  seen
    .filter(({ json }) => json?.method === 'notifications/cancelled')
    .map(({ json, headers }) => [json.params.requestId, headers['mcp-session-id']]);

const silent: Serve = (_message, res) => beginEvents(res);

const begun = async (stage: Stage) => {
  const leg = stage.open.legacy(() => undefined);
  const { ends } = say(leg, initialize);
  await expect.poll(() => ends, eventually).toHaveLength(1);
  return leg;
};

describe('a request that is given up (T18)', () => {
  it('is cancelled at the server, in its session, once', async () => {
    await using stage = await setStage(legacyServer(silent));
    const leg = await begun(stage);
    const heard = say(leg, call(7));
    await expect.poll(stage.told, eventually).toContain('tools/call');
    heard.giveUp();
    heard.giveUp();
    await expect.poll(() => cancelled(stage), eventually).toEqual([[7, 'session-1']]);
    leg.close();
    await expect.poll(stage.told, eventually).toContain('DELETE');
    expect(cancelled(stage)).toHaveLength(1);
  });

  it('is cancelled also while its stream waits to be taken up again', async () => {
    await using stage = await setStage(
      legacyServer((_message, res) => {
        beginEvents(res);
        res.end('id: a\nretry: 60000\ndata:\n\n');
      }),
    );
    const leg = await begun(stage);
    const heard = say(leg, call(7));
    await expect.poll(stage.told, eventually).toContain('tools/call');
    heard.giveUp();
    await expect.poll(() => cancelled(stage), eventually).toEqual([[7, 'session-1']]);
    leg.close();
  });

  it('is not cancelled a second time where the AI client has said so itself', async () => {
    await using stage = await setStage(legacyServer(silent));
    const leg = await begun(stage);
    const heard = say(leg, call(7));
    await expect.poll(stage.told, eventually).toContain('tools/call');
    const own = say(leg, cancelling(7));
    heard.giveUp();
    leg.close();
    await expect.poll(stage.told, eventually).toContain('DELETE');
    await expect.poll(() => cancelled(stage), eventually).toEqual([[7, 'session-1']]);
    expect(own.messages).toEqual([]);
  });

  it.each<[string, Serve]>([
    ['has its answer', ({ id }, res) => answer(res, id)],
    ['was refused', ({ id }, res) => refuse(res, 400, id, -32602)],
    ['had no answer', (_message, res) => void res.writeHead(500).end()],
  ])('is not cancelled when it %s', async (_what, serve) => {
    await using stage = await setStage(legacyServer(serve));
    const leg = await begun(stage);
    const heard = say(leg, call(7));
    await expect.poll(() => heard.ends, eventually).toHaveLength(1);
    heard.giveUp();
    leg.close();
    await expect.poll(stage.told, eventually).toContain('DELETE');
    expect(cancelled(stage)).toEqual([]);
  });

  it('is not cancelled when it has its answer, on a stream that stays open', async () => {
    await using stage = await setStage(
      legacyServer(({ id }, res) => {
        beginEvents(res);
        res.write(event({ jsonrpc: '2.0', id, result: {} }));
      }),
    );
    const leg = await begun(stage);
    const heard = say(leg, call(7));
    await expect.poll(() => heard.messages, eventually).toHaveLength(1);
    heard.giveUp();
    leg.close();
    await expect.poll(stage.told, eventually).toContain('DELETE');
    expect(cancelled(stage)).toEqual([]);
  });

  it('is not cancelled when it is a handshake, nor before it has gone out', async () => {
    await using stage = await setStage((message, res, req) => {
      if (message?.method === 'initialize') beginEvents(res);
      else legacyServer(silent)(message, res, req);
    });
    const leg = stage.open.legacy(() => undefined);
    const handshake = say(leg, initialize);
    const early = say(leg, call(7));
    await expect.poll(stage.told, eventually).toEqual(['initialize']);
    early.giveUp();
    handshake.giveUp();
    const heard = say(leg, call(8));
    await expect.poll(stage.told, eventually).toContain('tools/call');
    heard.giveUp();
    await expect.poll(() => cancelled(stage), eventually).toEqual([[8, undefined]]);
    expect(stage.told()).toEqual(['initialize', 'tools/call', 'notifications/cancelled']);
  });

  it('is another thing than an answer to the server under the same id', async () => {
    await using stage = await setStage((message, res, req) => {
      if (message?.id !== 7 || message.method !== undefined)
        return legacyServer(silent)(message, res, req);
      res.writeHead(202).end();
    });
    const leg = await begun(stage);
    const heard = say(leg, call(7));
    await expect.poll(stage.told, eventually).toContain('tools/call');
    const reply = say(leg, { id: 7, result: {} });
    await expect.poll(() => reply.ends, eventually).toHaveLength(1);
    reply.giveUp();
    heard.giveUp();
    await expect.poll(() => cancelled(stage), eventually).toEqual([[7, 'session-1']]);
    leg.close();
  });
});

describe('an AI client that leaves (T18)', () => {
  it.each(['session-1', ''])('cancels what it waited for, in the session %j', async (id) => {
    await using stage = await setStage(legacyServer(silent, id));
    const leg = await begun(stage);
    say(leg, call(7));
    say(leg, call('x'));
    await expect
      .poll(() => stage.told().filter((one) => one === 'tools/call'), eventually)
      .toHaveLength(2);
    leg.close();
    const session = id === '' ? undefined : id;
    await expect
      .poll(() => cancelled(stage), eventually)
      .toEqual(
        expect.arrayContaining([
          [7, session],
          ['x', session],
        ]),
      );
    expect(cancelled(stage)).toHaveLength(2);
  });

  it('right after it has cancelled something has cancelled it', async () => {
    await using stage = await setStage(legacyServer(silent));
    const leg = await begun(stage);
    say(leg, call(7));
    await expect.poll(stage.told, eventually).toContain('tools/call');
    say(leg, cancelling(7));
    leg.close();
    await expect.poll(() => cancelled(stage), eventually).toEqual([[7, 'session-1']]);
  });
});

it('a request by the name of a cancellation is a request, and has its answer', async () => {
  await using stage = await setStage(
    legacyServer(({ id, method }, res) =>
      method === 'tools/call' ? beginEvents(res) : refuse(res, 200, id, -32601),
    ),
  );
  const leg = await begun(stage);
  const heard = say(leg, call(7));
  await expect.poll(stage.told, eventually).toContain('tools/call');
  const odd = say(leg, { id: 8, ...cancelling(7) });
  await expect.poll(() => odd.ends, eventually).toHaveLength(1);
  expect(odd.messages).toEqual([expect.objectContaining({ id: 8, error: expect.anything() })]);
  heard.giveUp();
  await expect.poll(() => cancelled(stage), eventually).toHaveLength(2);
  expect(cancelled(stage)[1]).toEqual([7, 'session-1']);
  leg.close();
});

it('a server that does not answer to it keeps no connection for it', async () => {
  const clock = createVirtualClock();
  let [asked, left] = [0, 0];
  await using stage = await setStage((message, res, req) => {
    if (message?.method !== 'notifications/cancelled')
      return legacyServer(silent)(message, res, req);
    asked += 1;
    res.on('close', () => (left += 1));
  }, clock);
  const leg = await begun(stage);
  const heard = say(leg, call(7));
  await expect.poll(stage.told, eventually).toContain('tools/call');
  heard.giveUp();
  const own = say(leg, cancelling(8));
  await expect.poll(() => asked, eventually).toBe(2);
  await clock.advance(9_999);
  expect([left, own.ends]).toEqual([0, []]);
  await clock.advance(1);
  await expect.poll(() => left, eventually).toBe(2);
  expect([own.ends, clock.waits()]).toEqual([[{ status: 0 }], []]);
  leg.close();
});

it('a server of 2024-11-05 is told what is given up at the address that it named (T18, T21)', async () => {
  await using stage = await setStage((_message, res, req) => {
    if (req.method !== 'GET') return void res.writeHead(202).end();
    beginEvents(res);
    res.write('event: endpoint\ndata: /messages\n\n');
  });
  const leg = stage.open.old(() => undefined);
  const heard = say(leg, call(7));
  await expect.poll(stage.told, eventually).toContain('tools/call');
  heard.giveUp();
  heard.giveUp();
  await expect.poll(() => cancelled(stage), eventually).toEqual([[7, undefined]]);
  leg.close();
});

describe('through the doors, with a server of the legacy era (T18)', () => {
  const progress = (progressToken: unknown) => ({
    ...{ jsonrpc: '2.0', method: 'notifications/progress' },
    params: { progressToken, progress: 1 },
  });

  const open = async () => {
    const stage = await setStage(
      legacyServer((message, res) => {
        if (message.method !== 'tools/call') return answer(res, message.id);
        beginEvents(res);
        res.write(event(progress(message.params._meta?.progressToken)));
      }),
    );
    const bridge = await openBridge({ one: stage.origin });
    return {
      ...{ stage, bridge },
      [Symbol.asyncDispose]: async () => {
        await bridge[Symbol.asyncDispose]();
        await stage[Symbol.asyncDispose]();
      },
    };
  };
  const body = (message: object) => JSON.stringify({ jsonrpc: '2.0', ...message });
  const ids = (stage: Stage) => cancelled(stage).length;

  it('an AI client that hangs up a request of its session at the HTTP door has cancelled it', async () => {
    await using opened = await open();
    const { stage, bridge } = opened;
    const { headers } = await bridge.ask({ body: body(initialize) });
    const session = String(headers['mcp-session-id']);
    const asking = await startAsking(bridge.port, bridge.key, {
      headers: { 'mcp-session-id': session },
      body: body(call(7)),
    });
    asking.on('error', () => undefined).destroy();
    await expect.poll(() => cancelled(stage), eventually).toEqual([[7, 'session-1']]);
  });

  it('a modern AI client that hangs up has cancelled it, once', async () => {
    await using opened = await open();
    const { stage, bridge } = opened;
    const { id, method, params } = call(7);
    const asking = await startAsking(bridge.port, bridge.key, {
      headers: {
        ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, 'mcp-name': 'slow' },
      },
      body: body({
        ...{ id, method },
        params: { ...params, _meta: { ...metaOf({}), progressToken: 1 } },
      }),
    });
    asking.on('error', () => undefined).destroy();
    await expect.poll(() => ids(stage), eventually).toBe(1);
    const { text } = await bridge.ask({ body: body(initialize) });
    expect([text.includes('result'), ids(stage)]).toEqual([true, 1]);
  });

  it('a shim that ends has cancelled what it waited for', async () => {
    await using opened = await open();
    const { stage, bridge } = opened;
    const line = await bridge.line();
    line.send({ jsonrpc: '2.0', ...initialize });
    await line.next();
    line.send({ jsonrpc: '2.0', ...call(7) });
    await expect.poll(() => line.waiting.length, eventually).toBe(1);
    line.socket.destroy();
    await expect.poll(() => cancelled(stage), eventually).toEqual([[7, 'session-1']]);
  });
});
