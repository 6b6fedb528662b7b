/** Do the official clients of both generations find all servers at one address, over both doors? */
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import {
  type EverythingServer,
  startEverythingServer,
} from '../../../servers/everything-server.ts';
import { type McpTestServer, startMcpServer } from '../../../servers/mcp-server.ts';
import { generations, openClient, type Way } from '../official-clients.ts';
import { shimCommand } from '../shim-process.ts';

const guarded = { server: 'guarded', account: 'default' };

let signInService: AuthorizationServer;
let drawbridge: InProcessBroker;
let old: EverythingServer;
let modern: McpTestServer;
let closed: McpTestServer;

beforeEach(async () => {
  signInService = await startAuthorizationServer();
  drawbridge = await startInProcessBroker();
  old = await startEverythingServer();
  modern = await startMcpServer({ eras: 'modern' });
  closed = await startMcpServer({ authorizationServer: signInService });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await Promise.all([old, modern, closed].map((server) => server.close()));
  await signInService.close();
});

const doors: Readonly<Record<string, () => Promise<Way>>> = {
  'a shim': async () => shimCommand(drawbridge.dataFolder, '+all'),
  'the HTTP door': async () => ({
    url: `${drawbridge.baseOfDoor}/mcp`,
    ...(await drawbridge.control.makeDoorKey({ aiClient: 'test' })),
  }),
};
const combinations = generations.flatMap((generation) =>
  Object.entries(doors).map(([door, way]) => ({ generation, door, way })),
);

describe.each(combinations)('$generation through $door', ({ generation, way }) => {
  it('uses the tools, prompts and resources of servers of both eras', async () => {
    await drawbridge.addServer('old', old.url);
    await drawbridge.addServer('new', modern.url);
    await using client = await openClient(generation, await way());

    const tools = await client.tools();
    expect(tools.slice(0, 2)).toEqual(['old_echo', 'old_get-annotated-message']);
    expect(tools.at(-1)).toBe('new_fail');
    expect((await client.call('old_echo', { message: 'there' })).text).toBe('Echo: there');
    expect((await client.call('new_add', { a: 2, b: 40 })).text).toBe('42');
    expect(await client.call('new_fail')).toMatchObject({ isError: true });
    expect(await client.prompts()).toEqual(
      expect.arrayContaining(['old_simple-prompt', 'new_summarise']),
    );
    expect(await client.prompt('new_summarise', { topic: 'bridges' })).toBe('Summarise bridges');
    expect(await client.resources()).toContain('test://greeting');
    expect(await client.read('test://greeting')).toBe('Hello');
    expect(await client.read('demo://resource/static/document/features.md')).not.toBe('');
  });

  it('is asked something by a server, and hears which', async () => {
    await drawbridge.control.addServer({ id: 'new', url: modern.url, title: 'The New One' });
    await using client = await openClient(generation, await way());
    expect((await client.call('new_ask')).text).toBe('confirmed');
    expect(client.asked).toEqual(['The New One (new): Go on?']);
  });

  it('hears how far a call is', async () => {
    await drawbridge.addServer('new', modern.url);
    await using client = await openClient(generation, await way());
    const progress: number[] = [];
    await client.call(
      'new_slow',
      { steps: 3, stepMs: 50 },
      { onprogress: (one) => progress.push(one.progress) },
    );
    // What comes in one piece with the answer, these clients may drop.
    expect(progress).toEqual([1, 2, 3].slice(0, progress.length));
    expect(progress).not.toEqual([]);
  });

  it('has the tools of a server as soon as somebody is signed in there, without a restart', async () => {
    await drawbridge.addServer('new', modern.url);
    await drawbridge.addServer('guarded', closed.url);
    await using client = await openClient(generation, await way());
    expect(await client.tools()).not.toContain('guarded_echo');
    expect((await client.call('guarded_echo', { message: 'x' })).text).toContain(
      'nobody is signed in',
    );
    expect((await client.call('new_echo', { message: 'fine' })).text).toBe('fine');

    await drawbridge.control.signIn(guarded, {});

    await expect.poll(() => client.announcedTools.flat(), eventually).toContain('guarded_echo');
    expect((await client.call('guarded_echo', { message: 'there' })).text).toBe('there');
  });

  it('has the tools of a server that is added while it is connected, and loses those of one that is removed', async () => {
    await drawbridge.addServer('old', old.url);
    await using client = await openClient(generation, await way());
    expect(await client.tools()).not.toContain('new_echo');

    await drawbridge.addServer('new', modern.url);
    await expect.poll(() => client.announcedTools.at(-1), eventually).toContain('new_echo');
    expect((await client.call('new_echo', { message: 'there' })).text).toBe('there');

    await drawbridge.control.removeServer({ server: 'old' });
    await expect.poll(() => client.announcedTools.at(-1), eventually).not.toContain('old_echo');
    await expect(client.call('old_echo', { message: 'x' })).rejects.toThrow('unknown tool');
  });

  it('hears of a tool that a server has got', async () => {
    await drawbridge.addServer('new', modern.url);
    await using client = await openClient(generation, await way());
    await client.tools();
    modern.addTool('later');
    await expect.poll(() => client.announcedTools.at(-1), eventually).toContain('new_later');
  });

  it('is served by those that are there when one of them is gone', async () => {
    await drawbridge.addServer('old', old.url);
    await drawbridge.addServer('new', modern.url);
    await old.close();
    await using client = await openClient(generation, await way());
    // From the catalogue.
    expect(await client.tools()).toEqual(expect.arrayContaining(['old_echo', 'new_echo']));
    expect(await client.call('old_echo', { message: 'x' })).toMatchObject({ isError: true });
    expect((await client.call('new_echo', { message: 'there' })).text).toBe('there');
  });

  it('tells two servers of the same software apart', async () => {
    const twin = await startMcpServer({ eras: 'modern' });
    await drawbridge.addServer('one', modern.url);
    await drawbridge.addServer('two', twin.url);
    await using client = await openClient(generation, await way());
    expect(await client.tools()).toEqual(expect.arrayContaining(['one_echo', 'two_echo']));
    expect(await client.resources()).toEqual(['test://greeting', 'drawbridge:two:test://greeting']);
    const read = (server: McpTestServer) => server.count({ method: 'resources/read' });
    await client.read('drawbridge:two:test://greeting');
    expect([read(modern), read(twin)]).toEqual([0, 1]);
    await client.read('test://greeting');
    expect([read(modern), read(twin)]).toEqual([1, 1]);
    await client.call('two_echo', { message: 'x' });
    expect(modern.count({ method: 'tools/call' })).toBe(0);
    await twin.close();
  });
});

describe('with two servers of the legacy era at once', () => {
  it('sampling and elicitation each come back to who asked', async () => {
    await using second = await startEverythingServer();
    await drawbridge.control.addServer({ id: 'one', url: old.url, title: 'First' });
    await drawbridge.control.addServer({ id: 'two', url: second.url, title: 'Second' });
    const client = new OldClient(
      { name: 'official-client', version: '1.0.0' },
      { capabilities: { elicitation: {}, sampling: {} } },
    );
    const asked: string[] = [];
    /** Nobody is answered before both have asked. */
    const both = Promise.withResolvers<void>();
    const together = async (what: string): Promise<void> => {
      asked.push(what);
      if (asked.length === 4) both.resolve();
      await both.promise;
    };
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      await together(params.message);
      const [server = ''] = params.message.split(':');
      return { action: 'accept', content: { name: server, check: true } };
    });
    client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => {
      const [first] = params.messages;
      const { text = '' } = (first?.content ?? {}) as { text?: string };
      await together('sampling');
      return {
        ...{ role: 'assistant', model: 'test' },
        content: { type: 'text', text: `answer to ${text}` },
      };
    });
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${drawbridge.baseOfDoor}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${key}` } },
      }),
    );
    const call = async (name: string, args: Record<string, unknown> = {}): Promise<string> =>
      JSON.stringify((await client.callTool({ name, arguments: args })).content);
    // The server tells of these tools only once it knows what the AI client can do.
    const namesNow = async () => (await client.listTools()).tools.map(({ name }) => name);
    await expect.poll(namesNow, eventually).toContain('two_trigger-sampling-request');

    const [formOne, formTwo, modelOne, modelTwo] = await Promise.all([
      call('one_trigger-elicitation-request'),
      call('two_trigger-elicitation-request'),
      call('one_trigger-sampling-request', { prompt: 'Eins', maxTokens: 5 }),
      call('two_trigger-sampling-request', { prompt: 'Zwei', maxTokens: 5 }),
    ]);

    expect(formOne).toContain('First');
    expect(formTwo).toContain('Second');
    expect(modelOne).toContain('Eins');
    expect(modelTwo).toContain('Zwei');
    expect(asked.filter((what) => /^(First \(one\)|Second \(two\)): /.test(what))).toHaveLength(2);
    await client.close();
  });

  it('subscriptions are told under the URI that each was subscribed by', async () => {
    await using second = await startEverythingServer();
    await drawbridge.addServer('one', old.url);
    await drawbridge.addServer('two', second.url);
    const client = new OldClient({ name: 'official-client', version: '1.0.0' });
    const updated: string[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      updated.push(params.uri);
    });
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${drawbridge.baseOfDoor}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${key}` } },
      }),
    );
    const uri = 'demo://resource/static/document/features.md';
    await client.subscribeResource({ uri });
    await client.subscribeResource({ uri: `drawbridge:two:${uri}` });
    await client.callTool({ name: 'one_toggle-subscriber-updates', arguments: {} });
    await client.callTool({ name: 'two_toggle-subscriber-updates', arguments: {} });
    await expect
      .poll(() => [...new Set(updated)].toSorted(), { timeout: 15_000, interval: 50 })
      .toEqual([uri, `drawbridge:two:${uri}`]);
    await client.close();
  });
});
