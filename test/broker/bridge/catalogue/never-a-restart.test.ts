/** Is an AI client answered at once whatever has become of the server, and does it never have to start again? */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../doubles/eventually.ts';
import {
  type InProcessBroker,
  readInstance,
  startInProcessBroker,
} from '../../../doubles/in-process-broker.ts';
import { took } from '../../../doubles/timing.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { startEverythingServer } from '../../../servers/everything-server.ts';
import type { McpFront } from '../../../servers/mcp-front.ts';
import { type McpTestServer, startMcpServer } from '../../../servers/mcp-server.ts';
import { openLine } from '../open-bridge.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
  readonly result?: {
    readonly protocolVersion?: string;
    readonly supportedVersions?: string[];
    readonly serverInfo?: { readonly name: string };
    readonly capabilities?: Readonly<Record<string, { readonly listChanged?: boolean }>>;
    readonly instructions?: string;
    readonly tools?: { readonly name: string }[];
    readonly content?: { readonly text: string }[];
    readonly isError?: boolean;
    readonly resultType?: string;
  };
}

/** An AI client at the socket door that says what it likes. */
interface Connected extends Disposable {
  readonly ask: (method: string, params?: object) => Promise<Message>;
  readonly say: (method: string) => void;
  /** What came that answers nothing. */
  readonly heard: readonly Message[];
}

const initializeParams = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
};
const modernMeta = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  },
};

const connect = async (drawbridge: InProcessBroker, server = 'one'): Promise<Connected> => {
  const { door } = await readInstance(drawbridge.dataFolder);
  const line = openLine(door.socket);
  const heard: Message[] = [];
  const waiting = new Map<number, (message: Message) => void>();
  let lastId = 0;
  line.send({ drawbridge: 1, key: door.key, server });
  await line.next();
  const read = async (): Promise<void> => {
    for (;;) {
      const message = JSON.parse(await line.next()) as Message;
      const answered = message.id === undefined ? undefined : waiting.get(message.id);
      if (answered === undefined) heard.push(message);
      else answered(message);
    }
  };
  void read();
  return {
    ask: (method, params = {}) =>
      new Promise((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        line.send({ jsonrpc: '2.0', id: lastId, method, params });
      }),
    say: (method) => line.send({ jsonrpc: '2.0', method }),
    heard,
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
};

const shakeHands = async (client: Connected): Promise<Message> => {
  const answer = await client.ask('initialize', initializeParams);
  client.say('notifications/initialized');
  return answer;
};

const toolsIn = ({ result }: Message): string[] => (result?.tools ?? []).map(({ name }) => name);
const methodsOf = ({ heard }: Connected): string[] => heard.map(({ method = '' }) => method);
const echo = { name: 'echo', arguments: { message: 'there' } };
const key = { server: 'one', account: 'default' };

const SLOW_MS = 5_000;
/** Far below what the slow server takes, far above what a busy machine does to an answer. */
const LONG_BEFORE_MS = SLOW_MS / 5;

let signInService: AuthorizationServer;
let server: McpTestServer;
let drawbridge: InProcessBroker;

beforeEach(async () => {
  signInService = await startAuthorizationServer();
  server = await startMcpServer({ authorizationServer: signInService });
  drawbridge = await startInProcessBroker();
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
  await signInService.close();
});

const signIn = async (): Promise<void> => {
  await drawbridge.control.signIn(key, {});
  await expect.poll(() => drawbridge.stateOf('one'), eventually).toBe('signed-in');
};

/** What may become of a server, or of the sign-in there. */
const troubles: Readonly<Record<string, () => unknown>> = {
  'signed out': () => drawbridge.control.signOut(key),
  killed: () => server.close(),
  'slow by 50 ms': () => server.misbehave.answer('slow', { delayMs: 50 }),
  'slow by 5 s': () => server.misbehave.answer('slow', { delayMs: SLOW_MS }),
  'in trouble (503)': () => server.misbehave.answer('unavailable'),
  'behind a portal page': () => server.misbehave.answer('portal-page'),
  'hanging up': () => server.misbehave.answer('reset'),
};

describe.each(Object.keys(troubles))('a server that is %s', (trouble) => {
  beforeEach(async () => {
    await drawbridge.signInTo('one', server.url);
    await troubles[trouble]?.();
  });

  it('is presented and listed at once to an AI client of the legacy era (T26, F4)', async () => {
    using client = await connect(drawbridge);
    const [hello, helloMs] = await took(() => shakeHands(client));
    const [tools, toolsMs] = await took(() => client.ask('tools/list'));
    expect(hello.result).toMatchObject({
      protocolVersion: '2025-06-18',
      serverInfo: { name: 'drawbridge-test-server' },
      capabilities: { tools: { listChanged: true } },
      instructions: 'A server for tests.',
    });
    expect(toolsIn(tools)).toEqual(['add', 'echo', 'whoami', 'slow', 'ask', 'fail']);
    expect(helloMs).toBeLessThan(LONG_BEFORE_MS);
    expect(toolsMs).toBeLessThan(LONG_BEFORE_MS);
  });

  it('is presented and listed at once to an AI client of the modern era (T26, F9)', async () => {
    using client = await connect(drawbridge);
    const [hello, helloMs] = await took(() => client.ask('server/discover', modernMeta));
    const [tools, toolsMs] = await took(() => client.ask('tools/list', modernMeta));
    expect(hello.result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true } },
      instructions: 'A server for tests.',
    });
    expect(tools.result).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
    expect(toolsIn(tools)).toEqual(['add', 'echo', 'whoami', 'slow', 'ask', 'fail']);
    expect(Math.max(helloMs, toolsMs)).toBeLessThan(LONG_BEFORE_MS);
  });
});

it.each(['server/discover', 'tools/list'])(
  'a version that a server does not speak is refused by it, however slow it is: %s (T6)',
  async (method) => {
    await drawbridge.signInTo('one', server.url);
    server.misbehave.answer('slow', { delayMs: 200 });
    using client = await connect(drawbridge);
    const { _meta } = modernMeta;
    const { error } = await client.ask(method, {
      _meta: { ..._meta, 'io.modelcontextprotocol/protocolVersion': '1999-01-01' },
    });
    expect(error?.code).toBe(-32_022);
  },
);

describe('what acts', () => {
  it.each(['tools/call', 'prompts/get', 'resources/read'])(
    '(%s) is never answered from the catalogue',
    async (method) => {
      await drawbridge.signInTo('one', server.url);
      await drawbridge.control.signOut(key);
      using client = await connect(drawbridge);
      await shakeHands(client);
      const { result, error } = await client.ask(method, { ...echo, uri: 'test://greeting' });
      expect([result?.isError ?? error?.code]).toEqual([method === 'tools/call' ? true : 1001]);
    },
  );
});

describe('after a sign-in', () => {
  it('an AI client that stayed connected hears of the lists, and its next call succeeds', async () => {
    await drawbridge.signInTo('one', server.url);
    await drawbridge.control.signOut(key);
    using client = await connect(drawbridge);
    await shakeHands(client);
    expect((await client.ask('tools/call', echo)).result?.isError).toBe(true);
    expect((await client.ask('ping')).result).toEqual({});

    await signIn();

    await expect
      .poll(() => methodsOf(client), eventually)
      .toContain('notifications/tools/list_changed');
    const { result } = await client.ask('tools/call', echo);
    expect(result?.content?.[0]?.text).toBe('there');
    // Once each, in the order of the lists.
    expect(methodsOf(client)).toEqual([
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
      'notifications/resources/list_changed',
    ]);
  });

  it('so it does at a server of sessions, with the handshake as the AI client said it (T15)', async () => {
    await using everything = await startEverythingServer({ authorizationServer: signInService });
    await drawbridge.signInTo('every', everything.url);
    const every = { server: 'every', account: 'default' };
    await drawbridge.control.signOut(every);
    using client = await connect(drawbridge, 'every');
    await shakeHands(client);
    await client.ask('tools/list');

    await drawbridge.control.signIn(every, {});

    await expect
      .poll(() => methodsOf(client), eventually)
      .toContain('notifications/tools/list_changed');
    const { result } = await client.ask('tools/call', echo);
    expect(result?.content?.[0]?.text).toBe('Echo: there');
  });

  it('the very first one too: nothing was known, and the AI client did not have to come back', async () => {
    await drawbridge.addServer('one', server.url);
    using client = await connect(drawbridge);
    const hello = await shakeHands(client);
    expect(hello.result?.instructions).toMatch(/nobody is signed in \(sign in to this server\)/);
    expect(toolsIn(await client.ask('tools/list'))).toEqual([]);

    await signIn();

    await expect
      .poll(() => methodsOf(client), eventually)
      .toContain('notifications/tools/list_changed');
    expect(toolsIn(await client.ask('tools/list'))).toContain('echo');
    expect((await client.ask('tools/call', echo)).result?.content?.[0]?.text).toBe('there');
  });

  it('an AI client of the modern era hears it on the stream it listens on (F8)', async () => {
    await drawbridge.signInTo('one', server.url);
    await drawbridge.control.signOut(key);
    using client = await connect(drawbridge);
    void client.ask('subscriptions/listen', {
      ...modernMeta,
      notifications: { toolsListChanged: true },
    });
    await expect
      .poll(() => client.heard, eventually)
      .toEqual([
        {
          jsonrpc: '2.0',
          method: 'notifications/subscriptions/acknowledged',
          params: {
            _meta: { 'io.modelcontextprotocol/subscriptionId': 1 },
            notifications: { toolsListChanged: true },
          },
        },
      ]);

    await signIn();

    await expect.poll(() => client.heard.length, eventually).toBeGreaterThan(1);
    expect(client.heard[1]).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/tools/list_changed',
      params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 1 } },
    });
    server.addTool('latecomer');
    await expect.poll(() => client.heard.length, eventually).toBeGreaterThan(2);
    expect((await client.ask('tools/call', { ...modernMeta, ...echo })).result?.content).toEqual([
      { type: 'text', text: 'there' },
    ]);
  });
});

describe('a list that is not as it was', () => {
  it('is announced when the answer of a slow server comes after all', async () => {
    await drawbridge.signInTo('one', server.url);
    server.addTool('latecomer');
    server.misbehave.answer('slow', { delayMs: 300 });
    using client = await connect(drawbridge);
    await shakeHands(client);
    expect(toolsIn(await client.ask('tools/list'))).not.toContain('latecomer');
    await expect
      .poll(() => methodsOf(client), eventually)
      .toEqual(['notifications/tools/list_changed']);
    expect(toolsIn(await client.ask('tools/list'))).toContain('latecomer');
  });

  it('is not announced when the late answer is the same', async () => {
    await drawbridge.signInTo('one', server.url);
    server.misbehave.answer('slow', { delayMs: 200 });
    using client = await connect(drawbridge);
    await shakeHands(client);
    await client.ask('tools/list');
    await expect
      .poll(() => server.count({ method: 'tools/list', status: 200 }), eventually)
      .toBeGreaterThan(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.heard).toEqual([]);
  });

  it.each([
    ['the machine tells of another network', async () => drawbridge.power('network-change')],
    [
      'an app that shows this broker passes that on',
      () => drawbridge.control.powerEvent({ event: 'network-change' }),
    ],
  ])('is asked for again once a killed server is back and %s', async (_who, tell) => {
    await using open = await startMcpServer();
    const port = Number(new URL(open.url).port);
    await drawbridge.addServer('two', open.url);
    await open.close();
    using client = await connect(drawbridge, 'two');
    await shakeHands(client);
    expect(toolsIn(await client.ask('tools/list'))).toContain('echo');
    await using again: McpFront = await startMcpServer({ port });
    expect(again.url).toBe(open.url);
    await tell();
    await expect
      .poll(() => methodsOf(client), eventually)
      .toContain('notifications/tools/list_changed');
    expect((await client.ask('tools/call', echo)).result?.content?.[0]?.text).toBe('there');
  });
});

describe('what is kept', () => {
  const folder = (): string => path.join(drawbridge.dataFolder, 'catalogue');
  const isSaved = async (file: string): Promise<void> => {
    await expect
      .poll(() => readFile(path.join(folder(), file), 'utf8').catch(() => ''), eventually)
      // Lists are kept in the order in which the server answered.
      .toMatch(/"lists":\{.*"tools":/);
  };

  it('is a file an account, for its owner only, and holds no secret', async () => {
    await drawbridge.signInTo('one', server.url);
    await isSaved('default@one.json');
    const text = await readFile(path.join(folder(), 'default@one.json'), 'utf8');
    expect(signInService.needles().filter((needle) => text.includes(needle))).toEqual([]);
    if (process.platform !== 'win32')
      expect((await stat(path.join(folder(), 'default@one.json'))).mode & 0o777).toBe(0o600);
  });

  it('goes with its account, and with its server', async () => {
    await drawbridge.signInTo('one', server.url);
    await isSaved('default@one.json');
    await drawbridge.control.removeServer({ server: 'one' });
    await expect.poll(() => readdir(folder()), eventually).toEqual([]);
  });

  it('goes with a wipe', async () => {
    await drawbridge.signInTo('one', server.url);
    await isSaved('default@one.json');
    await drawbridge.control.wipe({});
    await expect.poll(() => readdir(folder()), eventually).toEqual([]);
  });

  it('is never another account’s (F9)', async () => {
    await drawbridge.signInTo('one', server.url);
    await drawbridge.control.addAccount({ server: 'one' }, { account: 'work' });
    using client = await connect(drawbridge, 'one/work');
    expect(toolsIn(await client.ask('tools/list'))).toEqual([]);
    const hello = await shakeHands(client);
    expect(hello.result?.serverInfo?.name).not.toBe('drawbridge-test-server');
  });
});

describe('a broker that starts', () => {
  it('answers from what the one before it kept', async () => {
    await drawbridge.signInTo('one', server.url);
    const { dataFolder } = drawbridge;
    await drawbridge.broker.stop();
    const damaged = path.join(dataFolder, 'catalogue', 'default@gone.json');
    await writeFile(damaged, 'of a server that was removed');
    await using next = await startInProcessBroker({ dataFolder, passphrase: 'fake passphrase' });
    using client = await connect(next);
    await shakeHands(client);
    expect(toolsIn(await client.ask('tools/list'))).toContain('echo');
    expect(await readdir(path.dirname(damaged))).not.toContain('default@gone.json');
  });

  it('sets a file aside that cannot be read, and begins without it', async () => {
    await drawbridge.signInTo('one', server.url);
    await drawbridge.control.signOut(key);
    const { dataFolder } = drawbridge;
    await drawbridge.broker.stop();
    await writeFile(path.join(dataFolder, 'catalogue', 'default@one.json'), '{"format":1,');
    await using next = await startInProcessBroker({ dataFolder, passphrase: 'fake passphrase' });
    expect(next.log.join('\n')).toContain('"catalogue-unreadable","key":"one/default"');
    expect(await readdir(path.join(dataFolder, 'catalogue'))).toEqual([
      expect.stringMatching(/^default@one\.json\.aside-/),
    ]);
    using client = await connect(next);
    expect((await client.ask('tools/list')).error?.code).toBe(1001);
  });

  it('does not use what was kept of another server under the same name', async () => {
    await drawbridge.signInTo('one', server.url);
    await drawbridge.control.signOut(key);
    const { dataFolder } = drawbridge;
    await drawbridge.broker.stop();
    const file = path.join(dataFolder, 'catalogue', 'default@one.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(server.url, 'https://another.example/mcp'));
    await using next = await startInProcessBroker({ dataFolder, passphrase: 'fake passphrase' });
    using client = await connect(next);
    expect((await client.ask('tools/list')).error?.code).toBe(1001);
  });
});
