/** Each test is an attack on a door, by its name. */
import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { readInstance, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createRandom, mutate } from '../../doubles/mutations.ts';
import { expectUnder } from '../../doubles/timing.ts';
import {
  type LoopbackServer,
  readBody,
  startLoopbackServer,
} from '../../servers/loopback-server.ts';
import { type Bridge, openBridge, openLine, startAsking } from './open-bridge.ts';

let server: LoopbackServer;
let bridge: Bridge;
let arrived = 0;
/** Of every header that reached the server. */
const names = new Set<string>();

beforeAll(async () => {
  server = await startLoopbackServer(() => async (req, res) => {
    const { id } = asMessage((await readBody(req)).toString());
    arrived += 1;
    for (const name of Object.keys(req.headers)) names.add(name);
    res
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  bridge = await openBridge({ one: server.origin });
  arrived = 0;
});
afterEach(() => bridge[Symbol.asyncDispose]());

/** Anything may arrive here; only what has an id can be answered under it. */
const asMessage = (text: string): { readonly id?: unknown } => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};

const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

/** Raw bytes at the HTTP door and all that comes back until the connection ends. */
const sendRaw = (bytes: string | Buffer, withinMs = 3_000): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port: bridge.port });
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    socket.setTimeout(withinMs, () => {
      socket.destroy();
      reject(
        new Error(`no end after ${withinMs} ms: ${JSON.stringify(bytes.toString().slice(0, 200))}`),
      );
    });
    socket.end(bytes);
  });

const stillServes = async (): Promise<void> => {
  expect((await bridge.ask({ body: list })).status).toBe(200);
};

describe('at the HTTP door', () => {
  it('lets a client with a key in, by each of its names and by each header', async () => {
    const ways = [
      {},
      { host: `localhost:${bridge.port}` },
      { host: `[::1]:${bridge.port}` },
      { authorization: '', 'x-drawbridge-key': bridge.key },
    ];
    const statuses = await Promise.all(
      ways.map(async (headers) => (await bridge.ask({ headers, body: list })).status),
    );
    expect(statuses).toEqual([200, 200, 200, 200]);
  });

  it.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1.evil.example:PORT',
    '127.0.0.1:1',
  ])('DNS rebinding: refuses the Host %s (T27)', async (host) => {
    const headers = { host: host.replace('PORT', String(bridge.port)) };
    expect([(await bridge.ask({ headers, body: list })).status, arrived]).toEqual([403, 0]);
  });

  it.each(['https://evil.example', 'null', 'http://localhost:3000', 'SELF'])(
    'a page of another site: refuses the Origin %s, key or not (T27)',
    async (origin) => {
      const headers = { origin: origin.replace('SELF', `http://127.0.0.1:${bridge.port}`) };
      expect([(await bridge.ask({ headers, body: list })).status, arrived]).toEqual([403, 0]);
    },
  );

  it('a form posted across sites: refuses it, for it can carry no key', async () => {
    const headers = { authorization: '', 'content-type': 'text/plain' };
    expect([(await bridge.ask({ headers, body: list })).status, arrived]).toEqual([403, 0]);
  });

  it('a preflight of a browser: gets no permission', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const { status, headers: answered } = await bridge.ask({ method: 'OPTIONS', headers });
    expect([status, answered['access-control-allow-origin']]).toEqual([403, undefined]);
  });

  it.each([
    ['no key', ''],
    ['a wrong key', 'Bearer drawbridge_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a key of another kind', 'Basic ZmFrZTpmYWtl'],
    ['a key that is too long', `Bearer ${'x'.repeat(8_000)}`],
  ])(
    'a process with %s: refuses it with no challenge to begin OAuth at (T28, T29)',
    async (_what, authorization) => {
      const { status, headers } = await bridge.ask({ headers: { authorization }, body: list });
      expect([status, headers['www-authenticate'], arrived]).toEqual([403, undefined, 0]);
    },
  );

  it('a search for servers without a key: tells known and unknown ones apart for nobody', async () => {
    const headers = { authorization: '' };
    const known = await bridge.ask({ path: '/mcp/one', headers, body: list });
    const unknown = await bridge.ask({ path: '/mcp/two', headers, body: list });
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
  });

  it.each([
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp/one',
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
    '/mcp/one/.well-known/openid-configuration',
    '/register',
    '/',
    '/mcp/',
    '/mcp/ONE',
    '/mcp/two',
    '/mcp/one/',
    '/mcp/../mcp/one/x',
  ])(
    'an AI client in search of a sign-in, or a scanner: finds nothing at %s (T29)',
    async (path) => {
      const { status, headers } = await bridge.ask({ method: 'GET', path });
      expect([status, headers['www-authenticate'], arrived]).toEqual([404, undefined, 0]);
    },
  );

  it('an AI client in search of a sign-in: finds none at the path of all servers either (T29)', async () => {
    const found = await bridge.ask({ method: 'GET', path: '/mcp' });
    const stranger = await bridge.ask({
      ...{ path: '/mcp', body: list, headers: { authorization: 'Bearer guessed' } },
    });
    for (const [{ status, headers }, expected] of [
      [found, 405],
      [stranger, 403],
    ] as const)
      expect([status, headers['www-authenticate'], arrived]).toEqual([expected, undefined, 0]);
  });

  it.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS'])(
    'the method %s: is told which ones there are',
    async (method) => {
      const { status, headers } = await bridge.ask({ method });
      expect([status, headers.allow, arrived]).toEqual([405, 'GET, POST, DELETE', 0]);
    },
  );

  it('another machine: finds nothing listening', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    // Without a network card nobody else can knock; any other loopback address will do then.
    const host = outside ?? '127.0.0.2';
    const failure = await new Promise<string>((resolve) => {
      const socket = createConnection({ host, port: bridge.port });
      socket.once('connect', () => resolve('connected'));
      socket.once('error', (error) => resolve('code' in error ? String(error.code) : ''));
      socket.once('close', () => socket.destroy());
    });
    expect(failure).toBe('ECONNREFUSED');
  });

  it('a body without end: says 413 after 32 MB and serves on', async () => {
    const { status } = await bridge.ask({ body: Buffer.alloc(33 * 1024 * 1024, 0x20) });
    expect([status, arrived]).toEqual([413, 0]);
    await stillServes();
  });

  it.each([
    '//',
    '//[',
    'http://[',
    'http://:x/',
    '/%',
    '/mcp/%00',
    '*',
    'x:',
    '/\\',
    '///mcp/one',
  ])('an address that cannot be parsed: answers 404 to %s and serves on', async (target) => {
    const answer = await sendRaw(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${bridge.port}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    await stillServes();
  });

  it('a client that leaves in the middle of its body: is forgotten, and others are served', async () => {
    const socket = createConnection({ host: '127.0.0.1', port: bridge.port });
    socket.write(
      `POST /mcp/one HTTP/1.1\r\nHost: 127.0.0.1:${bridge.port}\r\nAuthorization: Bearer ${bridge.key}\r\nContent-Length: 100\r\n\r\n{"json`,
    );
    await sleep(50);
    socket.resetAndDestroy();
    await sleep(50);
    expect(arrived).toBe(0);
    await stillServes();
  });

  it('1000 mutated requests: answers or hangs up each time, and serves on', async () => {
    const random = createRandom(20_261_121);
    const good = Buffer.from(
      `POST /mcp/one?x=1 HTTP/1.1\r\nHost: 127.0.0.1:${bridge.port}\r\nAuthorization: Bearer ${bridge.key}\r\n` +
        `Accept: application/json\r\nMcp-Method: tools/list\r\nConnection: close\r\nContent-Length: ${list.length}\r\n\r\n${list}`,
    );
    for (let round = 0; round < 50; round += 1) {
      const mutants = Array.from({ length: 20 }, () => mutate(good, random));
      const answers = await Promise.all(mutants.map((mutant) => sendRaw(mutant)));
      expect(answers.filter((text) => text !== '' && !text.startsWith('HTTP/1.1 '))).toEqual([]);
    }
    await stillServes();
  });
});

describe('at the socket door', () => {
  const hello = (changes: object = {}): string =>
    JSON.stringify({ drawbridge: 1, key: bridge.socket.key, server: 'one', ...changes });

  /** All that the door says to a peer that never hangs up by itself, until the door does. */
  const sayAndWait = async (bytes: string | Buffer): Promise<string> => {
    const socket = createConnection({ path: bridge.socket.path, allowHalfOpen: true });
    let said = '';
    socket.on('data', (chunk) => (said += chunk.toString()));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await new Promise((resolve) =>
      socket.once('close', resolve).once('end', () => socket.destroy()),
    );
    return said;
  };

  const serves = async (): Promise<void> => {
    using line = await bridge.line();
    line.send(list);
    expect(JSON.parse(await line.next())).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  };

  it.each([
    ['a wrong key', () => hello({ key: 'fake-key-of-the-socket-dooR' }), 'not-allowed'],
    ['the key of the HTTP door', () => hello({ key: bridge.key }), 'not-allowed'],
    ['an empty key', () => hello({ key: '' }), 'not-allowed'],
    ['a server that is not there', () => hello({ server: 'two' }), 'not-found'],
    ['another version of the hello', () => hello({ drawbridge: 2 }), 'bad-request'],
    ['junk', () => 'GET / HTTP/1.1', 'bad-request'],
    ['an object of nothing', () => '{}', 'bad-request'],
    ['null', () => 'null', 'bad-request'],
  ])('a hello with %s: says why not and hangs up at once', async (_what, line, code) => {
    const refused = async (): Promise<void> =>
      expect(JSON.parse(await sayAndWait(`${line()}\n`))).toMatchObject({ error: { code } });
    await expectUnder(50, refused, serves);
  });

  it('a second guess of the key on the same connection: is not heard', async () => {
    const said = await sayAndWait(`${hello({ key: 'x' })}\n${hello()}\n${list}\n`);
    expect([said.trim().split('\n').length, arrived]).toEqual([1, 0]);
  });

  it('a hello line without end: is refused after 4 kB', async () => {
    const refused = async (): Promise<void> =>
      expect(JSON.parse(await sayAndWait(Buffer.alloc(5_000, 0x61)))).toMatchObject({
        error: { code: 'bad-request' },
      });
    await expectUnder(50, refused, serves);
  });

  it('a connection that is refused and stays: is closed by the door', async () => {
    const socket = createConnection({ path: bridge.socket.path, allowHalfOpen: true });
    const closed = new Promise<string>((resolve) => {
      socket.on('error', () => undefined);
      const poke = setInterval(() => {
        if (!socket.destroyed && socket.writable) socket.write('x');
        else {
          clearInterval(poke);
          resolve('closed');
        }
      }, 20);
    });
    socket.write('junk\n');
    expect(await Promise.race([closed, sleep(2_000, 'still open')])).toBe('closed');
    socket.destroy();
  });

  it('messages that are not JSON-RPC: are answered as such, and the session lives on', async () => {
    using line = await bridge.line();
    const junk = [
      '{',
      '\ud800',
      '[]',
      '"x"',
      'null',
      '{"jsonrpc":"1.0","id":1}',
      '{"jsonrpc":"2.0","id":{}}',
    ];
    for (const message of junk) line.send(message);
    const answers = await Promise.all(junk.map(line.next));
    const codes = answers.map(
      (text) => (JSON.parse(text) as { error: { code: number } }).error.code,
    );
    expect(codes).toEqual([-32_700, -32_700, ...Array<number>(5).fill(-32_600)]);
    line.send(list);
    expect(JSON.parse(await line.next())).toMatchObject({ id: 1, result: {} });
  });

  it('a name that would split a header: is answered and reaches no header', async () => {
    using line = await bridge.line();
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    const methods = ['x\r\nInjected: 1', 'x\0', 'é', ''];
    for (const [id, method] of methods.entries()) {
      line.send({ jsonrpc: '2.0', id: id + 10, method, params: { _meta } });
    }
    const answers = await Promise.all(methods.map(line.next));
    const ids = answers.map((text) => (JSON.parse(text) as { id: number }).id);
    expect([ids.toSorted((a, b) => a - b), names.has('injected')]).toEqual([
      [10, 11, 12, 13],
      false,
    ]);
    await serves();
  });

  it('500 mutated hellos: each is answered or hung up on, and shims are served', async () => {
    const random = createRandom(7);
    for (let round = 0; round < 25; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const line = openLine(bridge.socket.path);
          line.socket.end(mutate(Buffer.from(`${hello()}\n${list}\n`), random));
          await line.closed;
        }),
      );
    }
    await serves();
  });

  it('500 mutated messages in one session: it still answers', async () => {
    const random = createRandom(11);
    using line = await bridge.line();
    const good = Buffer.from(
      '{"jsonrpc":"2.0","id":"fuzz","method":"tools/call","params":{"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}',
    );
    for (let count = 0; count < 500; count += 1) {
      line.socket.write(Buffer.concat([mutate(good, random), Buffer.from('\n')]));
    }
    line.send('{"jsonrpc":"2.0","id":"the last","method":"ping"}');
    await expect
      .poll(() => line.waiting.some((text) => text.includes('"result"')), eventually)
      .toBe(true);
    await serves();
  });
});

describe('keys', () => {
  it('of a door do not open the control plane, and that of control opens no door', async () => {
    await using drawbridge = await startInProcessBroker();
    const { control, door } = await readInstance(drawbridge.dataFolder);
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    const port = Number(new URL(drawbridge.baseOfDoor).port);
    const controlWith = (given: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const socket = createConnection(control.socket);
        socket.once('data', (chunk) => {
          resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString())?.[1]));
          socket.destroy();
        });
        socket.once('error', reject);
        socket.write(
          `GET /api/snapshot HTTP/1.1\r\nHost: drawbridge\r\nAuthorization: Bearer ${given}\r\n\r\n`,
        );
      });
    const doorWith = async (given: string): Promise<number> =>
      (await startAsking(port, given, { body: list, path: '/mcp/nothing' })).resume().statusCode ??
      0;
    const socketWith = async (given: string): Promise<unknown> => {
      using line = openLine(door.socket);
      line.send({ drawbridge: 1, key: given, server: 'nothing' });
      return (JSON.parse(await line.next()) as { error: { code: string } }).error.code;
    };
    expect({
      control: [
        await controlWith(control.key),
        await controlWith(door.key),
        await controlWith(key),
      ],
      httpDoor: [await doorWith(key), await doorWith(control.key), await doorWith(door.key)],
      socketDoor: [
        await socketWith(door.key),
        await socketWith(control.key),
        await socketWith(key),
      ],
    }).toEqual({
      control: [200, 403, 403],
      httpDoor: [404, 403, 403],
      socketDoor: ['not-found', 'not-allowed', 'not-allowed'],
    });
  });
});
