/** Is a token renewed that has expired only inside an answer with status 200, once, and is nothing called twice otherwise? */
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { lookingInside, saysExpired } from '../../../broker/bridge/upstream/expired-inside.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { eventually } from '../../doubles/eventually.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { openBridge, startAsking } from './open-bridge.ts';

const error = (message: string) => ({ jsonrpc: '2.0', id: 1, error: { code: -32001, message } });
const toolError = (text: string) => ({
  jsonrpc: '2.0',
  id: 1,
  result: { isError: true, content: [{ type: 'text', text }] },
});
const fine = { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'done' }] } };

it.each([
  [true, error('Access token expired')],
  [true, error('The token has expired, please re-authenticate')],
  [true, error('invalid_token')],
  [true, toolError('Your OAuth token has been revoked')],
  [true, toolError('API error: credentials are no longer valid')],
  [false, error('the trial period has expired')],
  [false, error('unexpected token < in JSON')],
  [false, toolError('You may not delete this issue')],
  [false, { ...fine, result: { content: [{ type: 'text', text: 'the token expired' }] } }],
  [false, 'token expired'],
])('%s: %j', (says, answer) => {
  expect(saysExpired(JSON.stringify(answer))).toBe(says);
});

const call = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'x', _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
});

type Answer = (res: ServerResponse, message: object) => void;
const asJson: Answer = (res, message) => {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
};
const asEvents: Answer = (res, message) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.end(`data: ${JSON.stringify(message)}\n\n`);
};

/** A server that has `says` for tokens older than `wants`, and a book that gives newer ones while it has any. */
const open = async (answer: Answer, wants: number, has: number, says = error('token expired')) => {
  const seen: string[] = [];
  const server = await startLoopbackServer(() => async (req, res) => {
    await readBody(req);
    const { authorization = '' } = req.headers;
    seen.push(authorization);
    answer(res, Number(authorization.at(-1)) < wants ? says : fine);
  });
  let generation = 1;
  const access = () => ({ token: new Secret(`fake-token-${generation}`), generation });
  const bridge = await openBridge(
    { one: server.origin },
    {
      access: async () => access(),
      afterRefusal: async () => {
        if (generation >= has) throw new ProblemError('token-refused', 'there is no newer one');
        generation += 1;
        return access();
      },
    },
  );
  // What the bridge reads for its catalogue is not what this is about.
  const calls = async () => {
    const before = seen.length;
    const { text } = await bridge.ask({ body: call, headers: { 'mcp-method': 'tools/call' } });
    return { text, tokens: seen.slice(before) };
  };
  return {
    calls,
    [Symbol.asyncDispose]: async () => {
      await bridge[Symbol.asyncDispose]();
      await server.close();
    },
  };
};

describe.each([
  ['one JSON text', asJson],
  ['a stream of events', asEvents],
])('an answer in %s that says the token has expired', (_form, answer) => {
  it('is not passed on: the call goes out once more with a newer token', async () => {
    await using opened = await open(answer, 2, 2);
    const { text, tokens } = await opened.calls();
    expect([text.includes('done'), tokens.length]).toEqual([true, 2]);
    expect(tokens).toEqual(['Bearer fake-token-1', 'Bearer fake-token-2']);
  });

  it('is passed on when there is no newer token, and the call went out once', async () => {
    await using opened = await open(answer, 2, 1);
    const { text, tokens } = await opened.calls();
    expect([text.includes('token expired'), tokens]).toEqual([true, ['Bearer fake-token-1']]);
  });

  it('is passed on when a newer token does not help, and none is asked for again', async () => {
    await using opened = await open(answer, 9, 9);
    const first = await opened.calls();
    const second = await opened.calls();
    expect([first.text.includes('token expired'), first.tokens.length]).toEqual([true, 2]);
    expect([second.text.includes('token expired'), second.tokens]).toEqual([
      true,
      ['Bearer fake-token-2'],
    ]);
  });

  it('for another reason is passed on, and the call went out once', async () => {
    await using opened = await open(answer, 2, 2, error('no such thing'));
    const { text, tokens } = await opened.calls();
    expect([text.includes('no such thing'), tokens.length]).toEqual([true, 1]);
  });
});

describe('a stream that may yet say that the token has expired', () => {
  const head = { 'content-type': 'text/event-stream' };
  const flow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
  /** Looks into a stream; what of it was passed on, in order. */
  const look = () => {
    const clock = createVirtualClock();
    const passed: string[] = [];
    const sink = lookingInside(
      {
        start: (status) => passed.push(`start ${status}`),
        data: (chunk) => passed.push(chunk.toString()),
        end: () => passed.push('end'),
        fail: ({ code }) => passed.push(code),
      },
      clock.after,
      () => passed.push('expired'),
    );
    sink.start(200, head, flow);
    return { clock, passed, sink };
  };

  it('and is silent is there for the AI client a moment later, and goes on as it comes (T12)', async () => {
    const { clock, passed, sink } = look();
    expect(passed).toEqual([]);
    await clock.advance(100);
    expect(passed).toEqual(['start 200']);
    sink.data(Buffer.from(`data: ${JSON.stringify(error('token expired'))}\n\n`));
    expect(passed).toHaveLength(2);
  });

  it('and says so at once is not there for the AI client', async () => {
    const { clock, passed, sink } = look();
    sink.data(Buffer.from(`data: ${JSON.stringify(error('token expired'))}\n\n`));
    await clock.advance(100);
    expect(passed).toEqual(['expired']);
  });

  it('and is silent does not keep an AI client at the HTTP door waiting for its head (T12)', async () => {
    await using server = await startLoopbackServer(() => async (req, res) => {
      await readBody(req);
      res.writeHead(200, head).flushHeaders();
    });
    const access = async () => ({ token: new Secret('fake-token'), generation: 1 });
    await using bridge = await openBridge(
      { one: server.origin },
      { access, afterRefusal: () => Promise.reject(new Error('none was refused')) },
    );
    let status: number | undefined;
    const asking = startAsking(bridge.port, bridge.key, {
      ...{ body: call, headers: { 'mcp-method': 'tools/call' } },
    }).then((answer) => {
      status = answer.statusCode;
      return answer;
    });
    await expect.poll(() => status, eventually).toBe(200);
    (await asking).destroy();
  });
});
