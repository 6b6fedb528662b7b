/** What does an AI client see when the token or the server fails? An answer it can tell its person about, never a 401. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../broker/vault/secret.ts';
import {
  type InProcessBroker,
  readInstance,
  startInProcessBroker,
} from '../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { unreachableOrigin } from '../../servers/odd-servers.ts';
import { type Bridge, openBridge, openLine, startAsking } from './open-bridge.ts';

const call = {
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'echo', arguments: { message: 'hi' } },
};
const modernCall = {
  ...call,
  params: {
    ...call.params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
};
const list = { jsonrpc: '2.0', id: 8, method: 'tools/list' };

interface Reply {
  readonly id?: unknown;
  readonly result?: { isError?: boolean; resultType?: string; content: { text: string }[] };
  readonly error?: { code: number; message: string; data?: unknown };
}

/** The message in an answer, which may come as an event. */
const messageIn = (text: string): Reply =>
  JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as Reply;

describe('tokens that are refused', () => {
  let signInService: AuthorizationServer;
  let server: McpTestServer;
  let drawbridge: InProcessBroker;
  let ask: (message: object) => Promise<{ status: number; headers: object; reply: Reply }>;
  let throughShim: (message: object) => Promise<Reply>;

  beforeEach(async () => {
    signInService = await startAuthorizationServer();
    server = await startMcpServer({ authorizationServer: signInService });
    drawbridge = await startInProcessBroker();
    await drawbridge.signInTo('one', server.url);
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    const port = Number(new URL(drawbridge.baseOfDoor).port);
    ask = async (message) => {
      const answer = await startAsking(port, key, { body: JSON.stringify(message) });
      const text = (await answer.toArray()).join('');
      return { status: answer.statusCode ?? 0, headers: answer.headers, reply: messageIn(text) };
    };
    const { door } = await readInstance(drawbridge.dataFolder);
    throughShim = async (message) => {
      using line = openLine(door.socket);
      line.send({ drawbridge: 1, key: door.key, server: 'one' });
      await line.next();
      line.send(message);
      return messageIn(await line.next());
    };
    // Old enough that a refusal means age and nothing worse.
    drawbridge.clock.shift(30_000);
  });
  afterEach(async () => {
    await drawbridge[Symbol.asyncDispose]();
    await server.close();
    await signInService.close();
  });

  const renewals = (): number => signInService.count({ grantType: 'refresh_token' });
  const tokensSeen = (): number =>
    new Set(
      server.seen.filter(({ method }) => method === 'tools/call').map(({ tokenHash }) => tokenHash),
    ).size;

  it('once: the call goes out again with a renewed one, and the AI client sees only its answer', async () => {
    server.misbehave.refuseTokens(1);
    const { status, reply } = await ask(call);
    expect([status, reply.result?.content[0]?.text, renewals(), tokensSeen()]).toEqual([
      200,
      'hi',
      1,
      2,
    ]);
  });

  it('for ten calls at the same moment: one renewal, ten answers', async () => {
    signInService.revokeAccessTokens();
    const replies = await Promise.all(Array.from({ length: 10 }, (_, id) => ask({ ...call, id })));
    expect(replies.map(({ reply }) => reply.result?.content[0]?.text)).toEqual(
      Array(10).fill('hi'),
    );
    expect(renewals()).toBe(1);
  });

  it('twice: a tool call gets a result that can be read, and nothing to start OAuth with (T29)', async () => {
    server.misbehave.refuseTokens(2);
    const { status, headers, reply } = await ask(call);
    expect([status, 'www-authenticate' in headers, server.count({ method: 'tools/call' })]).toEqual(
      [200, false, 2],
    );
    expect(reply).toMatchObject({
      id: 7,
      result: { isError: true, content: [{ text: expect.stringContaining('refuses the token') }] },
    });
  });

  it('twice: anything but a tool call gets an error of our own codes (T32)', async () => {
    server.misbehave.refuseTokens(2);
    const { status, reply } = await ask(list);
    expect([status, reply.id, reply.error?.code]).toEqual([200, 8, 1004]);
  });

  it('twice: the shim says the same', async () => {
    server.misbehave.refuseTokens(2);
    expect((await throughShim(call)).result?.isError).toBe(true);
  });

  it('while renewal fails for a passing reason: the AI client is told to try later, and no browser opens (A33)', async () => {
    signInService.misbehave.token('unavailable');
    signInService.revokeAccessTokens();
    const { status, reply } = await ask(list);
    expect([status, reply.error?.code, drawbridge.stateOf('one')]).toEqual([200, 1002, 'retrying']);
    expect(signInService.count({ endpoint: 'authorization' })).toBe(1);
  });

  it('for ever: a modern call is told that somebody must sign in, in the words of its era (T14)', async () => {
    signInService.revokeAll();
    const { status, reply } = await ask(modernCall);
    expect([
      status,
      reply.result?.isError,
      reply.result?.resultType,
      drawbridge.stateOf('one'),
    ]).toEqual([200, true, 'complete', 'needs-sign-in']);
  });

  describe('because nobody is signed in', () => {
    beforeEach(async () => {
      await drawbridge.control.signOut({ server: 'one', account: 'default' });
    });

    it('a tool call gets a result that says so, without a request to the server', async () => {
      const before = server.seen.length;
      const { status, reply } = await ask(call);
      expect([status, reply.result?.isError, server.seen.length - before]).toEqual([200, true, 0]);
      expect(reply.result?.content[0]?.text).toMatch(/nobody is signed in .*sign in/);
    });

    it.each(['server/discover', 'tools/list', 'resources/read', 'vendor/unknown'])(
      '%s gets an error with a code outside the ranges of JSON-RPC and MCP (T32)',
      async (method) => {
        const { status, reply } = await ask({ jsonrpc: '2.0', id: 'x', method });
        const code = reply.error?.code ?? 0;
        expect([status, reply.id, code < -32_768 || code > -32_000, code]).toEqual([
          200,
          'x',
          true,
          1001,
        ]);
      },
    );

    it('the shim says the same of what acts, and lists what was there', async () => {
      const read = { jsonrpc: '2.0', id: 9, method: 'resources/read' };
      const replies = [await throughShim(call), await throughShim(read), await throughShim(list)];
      expect(replies.map(({ result, error }) => result?.isError ?? error?.code)).toEqual([
        true,
        1001,
        undefined,
      ]);
      expect(replies[2]?.result).toMatchObject({
        tools: expect.arrayContaining([expect.objectContaining({ name: 'echo' })]),
      });
    });

    it('a notification and a listening stream get a plain refusal that is no 401', async () => {
      const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
      const port = Number(new URL(drawbridge.baseOfDoor).port);
      const notified = await startAsking(port, key, {
        body: '{"jsonrpc":"2.0","method":"notifications/x"}',
      });
      const listened = await startAsking(port, key, { method: 'GET' });
      expect([notified.resume().statusCode, listened.resume().statusCode]).toEqual([503, 503]);
    });
  });

  it('leave none of the tokens in the log', async () => {
    server.misbehave.refuseTokens(2);
    await ask(call);
    const log = drawbridge.log.join('\n');
    expect(log).toContain('token-refused');
    expect(signInService.needles().filter((needle) => log.includes(needle))).toEqual([]);
  });
});

describe('a server in trouble', () => {
  const bridged = async (
    answer: Parameters<typeof startLoopbackServer>[0],
  ): Promise<{ bridge: Bridge } & AsyncDisposable> => {
    const server = await startLoopbackServer(answer);
    const bridge = await openBridge({ one: server.origin });
    return {
      bridge,
      [Symbol.asyncDispose]: async () => {
        await bridge[Symbol.asyncDispose]();
        await server.close();
      },
    };
  };
  const html = { 'content-type': 'text/html' };

  it('that is not there: both doors say that nothing answers', async () => {
    await using bridge = await openBridge({ one: await unreachableOrigin() });
    const { status, text } = await bridge.ask({ body: JSON.stringify(call) });
    using line = await bridge.line();
    line.send(list);
    expect([
      status,
      messageIn(text).result?.isError,
      messageIn(await line.next()).error?.code,
    ]).toEqual([200, true, 1005]);
    expect(text).toContain('nothing answers at');
  });

  it.each([401, 403])(
    'that says %i although nobody needs to sign in: it is not relayed (T29)',
    async (refusal) => {
      await using open = await bridged(() => (_req, res) => {
        res.writeHead(refusal, { ...html, 'www-authenticate': 'Bearer' }).end('<h1>no</h1>');
      });
      const { status, headers, text } = await open.bridge.ask({ body: JSON.stringify(call) });
      expect([status, headers['www-authenticate'], messageIn(text).result?.isError]).toEqual([
        200,
        undefined,
        true,
      ]);
    },
  );

  it('that answers 500 with HTML: a shim gets an error with the status, and no HTML', async () => {
    await using open = await bridged(() => (_req, res) => {
      res.writeHead(500, html).end('<h1>oops</h1>');
    });
    using line = await open.bridge.line();
    line.send(list);
    const { id, error } = messageIn(await line.next());
    expect([id, error?.code, error?.message]).toEqual([
      8,
      1007,
      'Test Server answered with status 500',
    ]);
  });

  it('that says why it answers 400, in an error for nobody: a shim gets its words, fit for a line', async () => {
    await using open = await bridged(() => (_req, res) => {
      res.writeHead(400, { 'content-type': 'application/json' });
      const message = 'Bad Request:\u001b[31m no session';
      res.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }));
    });
    using line = await open.bridge.line();
    line.send(list);
    expect(messageIn(await line.next()).error?.message).toBe(
      'Test Server answered with status 400: Bad Request: [31m no session',
    );
  });

  it('that answers with what is no JSON inside: a shim gets an error instead (T22)', async () => {
    await using open = await bridged(() => (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end('{"jsonrpc":"2.0","id":8,"error":{"code":what?}}');
    });
    using line = await open.bridge.line();
    line.send(list);
    expect(messageIn(await line.next())).toMatchObject({ id: 8, error: { code: 1007 } });
  });

  it('that answers 200 with HTML, as a captive portal does: a shim gets an error', async () => {
    await using open = await bridged(() => (_req, res) => {
      res.writeHead(200, html).end('<h1>Welcome to Hotel Wi-Fi</h1>');
    });
    using line = await open.bridge.line();
    line.send(call);
    expect(messageIn(await line.next()).result?.isError).toBe(true);
  });

  it('that answers 500 with HTML: a client at the HTTP door sees the status', async () => {
    await using open = await bridged(() => (_req, res) => {
      res.writeHead(500, html).end('<h1>oops</h1>');
    });
    const { status, headers } = await open.bridge.ask({ body: JSON.stringify(list) });
    expect([status, headers['content-type']]).toEqual([500, 'text/html']);
  });

  it('that redirects: nobody follows, least of all with a token', async () => {
    let followed = 0;
    await using elsewhere = await startLoopbackServer(() => (_req, res) => {
      followed += 1;
      res.end();
    });
    await using open = await bridged(() => (_req, res) => {
      res.writeHead(307, { location: elsewhere.origin }).end();
    });
    const { status, headers } = await open.bridge.ask({ body: JSON.stringify(call) });
    expect([status, headers.location, followed]).toEqual([307, undefined, 0]);
  });

  it('that hangs up before it answers: both doors say so', async () => {
    await using open = await bridged(() => (_req, res) => {
      res.socket?.resetAndDestroy();
    });
    const { text } = await open.bridge.ask({ body: JSON.stringify(call) });
    using line = await open.bridge.line();
    line.send(list);
    expect([messageIn(text).result?.isError, messageIn(await line.next()).error?.code]).toEqual([
      true,
      1005,
    ]);
  });

  it('that hangs up in the middle of its events: the HTTP door hangs up too, the shim gets an answer', async () => {
    await using open = await bridged(() => (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n', () =>
        res.socket?.resetAndDestroy(),
      );
    });
    await expect(open.bridge.ask({ body: JSON.stringify(call) })).rejects.toThrow('aborted');
    using line = await open.bridge.line();
    line.send(call);
    expect([await line.next(), messageIn(await line.next()).result?.isError]).toEqual([
      '{"jsonrpc":"2.0","method":"notifications/progress"}',
      true,
    ]);
  });

  it('that ends its events without the answer: the shim is told that nobody knows what was done', async () => {
    await using open = await bridged(() => (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.end('data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n');
    });
    using line = await open.bridge.line();
    line.send(call);
    await line.next();
    const { id, result } = messageIn(await line.next());
    expect([id, result?.content[0]?.text]).toEqual([
      7,
      expect.stringContaining('not known whether'),
    ]);
  });

  it('that never stops refusing: its refusal is not read for ever', async () => {
    let sent = 0;
    let closed = false;
    await using server = await startLoopbackServer(() => (_req, res) => {
      res.writeHead(401);
      res.on('close', () => (closed = true));
      const pump = (): void => {
        while (!res.destroyed) {
          sent += 1;
          if (!res.write('x'.repeat(16 * 1024))) return void res.once('drain', pump);
        }
      };
      pump();
    });
    const access = { token: new Secret('fake-token'), generation: 1 };
    await using bridge = await openBridge(
      { one: server.origin },
      { access: async () => access, afterRefusal: async () => access },
    );
    const { text } = await bridge.ask({ body: JSON.stringify(list) });
    expect([messageIn(text).error?.code, closed, sent < 10_000]).toEqual([1004, true, true]);
  });
});
