/** Is the official legacy server, over HTTP, a modern one for a modern AI client (3.6)? */

import { randomBytes } from 'node:crypto';
import { Client, type Transport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modernOverLegacy } from '../../../../broker/bridge/eras/modern-over-legacy.ts';
import type { Leg, OpenLeg } from '../../../../broker/bridge/leg.ts';
import { openSession } from '../../../../broker/bridge/session.ts';
import { createExchange } from '../../../../broker/bridge/upstream/exchange.ts';
import { legacyHttp } from '../../../../broker/bridge/upstream/legacy-http.ts';
import { createPools } from '../../../../broker/net/pools.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { createStepUps } from '../../../../broker/tokens/step-ups.ts';
import { eventually } from '../../../doubles/eventually.ts';
import type { Json } from '../../../doubles/scripted-leg.ts';
import { ofSignIns } from '../../../doubles/sign-in-credentials.ts';
import {
  type EverythingServer,
  startEverythingServer,
} from '../../../servers/everything-server.ts';
import type { Asked } from './ai-client.ts';
import { createModernAiClient, everything } from './modern-ai-client.ts';

let server: EverythingServer;
let pools: ReturnType<typeof createPools>;
let open: OpenLeg;
let leg: Leg;
let aiClient: ReturnType<typeof createModernAiClient>;

beforeEach(async () => {
  server = await startEverythingServer();
  pools = createPools();
  const none = () => Promise.reject(new Error('no token is needed'));
  const exchange = createExchange({
    wants: ({ credential }) => credential,
    credentials: ofSignIns({ access: none, afterRefusal: none }),
    stepUps: createStepUps(systemClock, () => undefined),
    poolTo: (origin) => pools.to(origin),
    after: systemClock.after,
  });
  const upstream = {
    key: { server: 'one', account: 'default' },
    url: new URL(server.url),
    credential: 'none' as const,
  };
  const target = { title: 'Everything', upstream };
  const deps = { title: 'Everything', clock: systemClock, stateKey: randomBytes(32) };
  open = modernOverLegacy(legacyHttp(target, exchange, systemClock.after), deps);
  leg = open(() => undefined);
  aiClient = createModernAiClient(leg);
});
afterEach(async () => {
  leg.close();
  await pools.close();
  await server.close();
});

/** The result, once it is there. */
const resultOf = async (asked: Asked): Promise<Json> => {
  await expect.poll(() => asked.ends, eventually).toEqual([{}]);
  return asked.answer().result;
};

const call = (name: string, given: unknown = {}) => ({ name, arguments: given });

/** Calls a tool that asks for something, and answers what it asks. */
const callAnswering = async (params: Record<string, unknown>, response: unknown) => {
  const asked = aiClient.ask('tools/call', params);
  const result = await resultOf(asked);
  expect(result.resultType).toBe('input_required');
  const [name, request] = Object.entries<Json>(result.inputRequests)[0]!;
  const again = aiClient.retry(asked, 'tools/call', params, { [name]: response });
  return { request, result: await resultOf(again) };
};

describe('the everything server', () => {
  it('is discovered, without tasks (F6)', async () => {
    const result = await resultOf(aiClient.ask('server/discover'));
    expect(result).toMatchObject({
      supportedVersions: ['2026-07-28'],
      capabilities: { logging: {}, completions: {}, resources: { subscribe: true } },
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'mcp-servers/everything' } },
    });
    expect(result.capabilities.tasks).toBeUndefined();
    expect(result.instructions.length).toBeGreaterThan(100);
  });

  it('lists its tools, and those that need a capability only to who declared it', async () => {
    const names = async (capabilities: unknown) => {
      const result = await resultOf(aiClient.ask('tools/list', {}, { capabilities }));
      expect(result).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
      return result.tools.map(({ name }: { name: string }) => name);
    };
    expect(await names(everything)).toContain('trigger-sampling-request');
    expect(await names({})).not.toContain('trigger-sampling-request');
    expect(server.sessions()).toHaveLength(2);
  });

  it('calls tools, many at once, in one session', async () => {
    const asked = Array.from({ length: 20 }, (_each, n) =>
      aiClient.ask('tools/call', call('echo', { message: `${n}` }), { id: 'same' }),
    );
    const results = await Promise.all(asked.map(resultOf));
    expect(results.map(({ content }) => content[0].text)).toEqual(
      asked.map((_each, n) => `Echo: ${n}`),
    );
    expect(server.count({ method: 'initialize' })).toBe(1);
  });

  it('tells of progress on the way, under the token of the AI client (F7)', async () => {
    const asked = aiClient.ask(
      'tools/call',
      call('trigger-long-running-operation', { duration: 0.2, steps: 2 }),
      { meta: { progressToken: 'mine' }, capabilities: {} },
    );
    await resultOf(asked);
    expect(asked.heard.slice(0, -1).map(({ params }) => params)).toEqual([
      { progressToken: 'mine', progress: 1, total: 2 },
      { progressToken: 'mine', progress: 2, total: 2 },
    ]);
  });

  it('asks for a form', async () => {
    const response = { action: 'accept', content: { name: 'Ada' } };
    const { request, result } = await callAnswering(call('trigger-elicitation-request'), response);
    expect(request.method).toBe('elicitation/create');
    expect(request.params.requestedSchema.required).toEqual(['name']);
    expect(result.resultType).toBe('complete');
    expect(JSON.stringify(result.content)).toContain('- Name: Ada');
  });

  it('asks for a model', async () => {
    const content = { type: 'text', text: 'forty-two' };
    const { request, result } = await callAnswering(
      call('trigger-sampling-request', { prompt: 'what?', maxTokens: 7 }),
      { role: 'assistant', content, model: 'm' },
    );
    expect(request).toMatchObject({ method: 'sampling/createMessage', params: { maxTokens: 7 } });
    expect(result.content[0].text).toContain('forty-two');
  });

  it('asks for roots, though on a stream of no request', async () => {
    const { request, result } = await callAnswering(call('get-roots-list'), {
      roots: [{ uri: 'file:///a/b', name: 'mine' }],
    });
    expect(request.method).toBe('roots/list');
    expect(JSON.stringify(result.content)).toContain('file:///a/b');
  });

  it('asks for pages, also where it says so in an error (F2)', async () => {
    const params = call('trigger-url-elicitation', { url: 'https://x.test/', errorPath: true });
    const first = await resultOf(aiClient.ask('tools/call', params));
    expect(first.inputRequests['page-1'].params).toEqual({
      mode: 'url',
      url: 'https://modelcontextprotocol.io',
      message: expect.stringContaining('Open this link'),
    });
    const { request, result } = await callAnswering(
      { ...params, inputResponses: { 'page-1': { action: 'accept' } } },
      { action: 'accept' },
    );
    expect(request.params).toMatchObject({ mode: 'url', url: 'https://x.test/' });
    expect(request.params.elicitationId).toBeUndefined();
    expect(result.content[0].text).toContain('completed the URL elicitation');
  });

  it('completes arguments, reads resources and gets prompts', async () => {
    const completed = aiClient.ask('completion/complete', {
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'department', value: 'S' },
    });
    expect((await resultOf(completed)).completion.values).toEqual(['Sales', 'Support']);
    const read = aiClient.ask('resources/read', { uri: 'demo://resource/dynamic/text/1' });
    expect(await resultOf(read)).toMatchObject({
      ...{ resultType: 'complete', ttlMs: 0, cacheScope: 'private' },
      contents: [{ text: expect.stringContaining('Resource 1') }],
    });
    const prompt = aiClient.ask('prompts/get', { name: 'simple-prompt' });
    expect((await resultOf(prompt)).messages).toHaveLength(1);
  });

  it('does not know what it does not know', async () => {
    const asked = aiClient.ask('vendor/unknown');
    await expect.poll(() => asked.answer()?.error.code, eventually).toBe(-32601);
  });

  it('tells listeners when a resource changes, and stops when they go (F8)', async () => {
    const uri = 'demo://resource/dynamic/text/7';
    const listen = aiClient.ask('subscriptions/listen', {
      notifications: { toolsListChanged: true, resourceSubscriptions: [uri] },
    });
    await expect.poll(() => listen.heard.length, eventually).toBe(1);
    expect(listen.heard[0].params.notifications).toEqual({
      toolsListChanged: true,
      resourceSubscriptions: [uri],
    });
    await resultOf(aiClient.ask('tools/call', call('toggle-subscriber-updates')));
    await expect.poll(() => listen.heard.length, eventually).toBeGreaterThan(1);
    expect(listen.heard.at(-1)).toMatchObject({
      method: 'notifications/resources/updated',
      params: { uri, _meta: { 'io.modelcontextprotocol/subscriptionId': listen.id } },
    });
    listen.giveUp();
    await expect
      .poll(() => server.count({ method: 'resources/unsubscribe', status: 200 }), eventually)
      .toBe(1);
  });

  it('logs to who asked for it, at the level asked for', async () => {
    const meta = { 'io.modelcontextprotocol/logLevel': 'debug' };
    // The server wants to know the roots by itself, of whoever has any.
    const capabilities = {};
    const long = call('trigger-long-running-operation', { duration: 1, steps: 1 });
    const quiet = aiClient.ask('tools/call', long, { capabilities });
    const loud = aiClient.ask('tools/call', long, { meta, capabilities });
    const toggle = call('toggle-simulated-logging');
    await resultOf(aiClient.ask('tools/call', toggle, { capabilities }));
    await expect.poll(() => loud.heard[0]?.method, eventually).toBe('notifications/message');
    expect(server.count({ method: 'logging/setLevel', status: 200 })).toBe(1);
    expect((await resultOf(loud)).resultType).toBe('complete');
    await resultOf(quiet);
    expect(quiet.heard).toHaveLength(1);
  });

  it('learns that a call was given up, though the connection alone would not tell it (T18)', async () => {
    const asked = aiClient.ask(
      'tools/call',
      call('trigger-long-running-operation', { duration: 60, steps: 60 }),
      { meta: { progressToken: 1 }, capabilities: {} },
    );
    await expect.poll(() => asked.heard.length, eventually).toBe(1);
    asked.giveUp();
    await expect
      .poll(() => server.count({ method: 'notifications/cancelled', status: 202 }), eventually)
      .toBe(1);
    expect(asked.ends).toEqual([]);
  });

  it('that has forgotten its sessions is none the wiser (T15)', async () => {
    await resultOf(aiClient.ask('tools/list'));
    await server.forgetSessions();
    const { content } = await resultOf(aiClient.ask('tools/call', call('echo', { message: 'b' })));
    expect(content[0].text).toBe('Echo: b');
  });
});

describe("the SDK's own client, in the modern era", () => {
  /** As a shim connects one. */
  const connect = async () => {
    const transport: Transport = {
      start: () => Promise.resolve(),
      send: (message) => Promise.resolve(session.receive(JSON.stringify(message))),
      close: () => Promise.resolve(session.close()),
    };
    const session = openSession(
      'Everything',
      () => open,
      (line) => {
        transport.onmessage?.(JSON.parse(line));
        return true;
      },
    );
    const client = new Client(
      { name: 'official-client', version: '1.0.0' },
      {
        versionNegotiation: { mode: { pin: '2026-07-28' } },
        capabilities: { elicitation: { form: {}, url: {} }, sampling: {} },
      },
    );
    client.setRequestHandler('elicitation/create', () => ({
      action: 'accept',
      content: { name: 'Ada' },
    }));
    client.setRequestHandler('sampling/createMessage', () => ({
      ...{ role: 'assistant', model: 'm' },
      content: { type: 'text', text: 'forty-two' },
    }));
    await client.connect(transport);
    return client;
  };

  it('is at home at the everything server', async () => {
    const client = await connect();
    expect(client.getServerVersion()?.name).toBe('mcp-servers/everything');
    expect((await client.listTools()).tools.length).toBeGreaterThan(10);
    const text = async (name: string, given: Record<string, unknown> = {}) =>
      JSON.stringify((await client.callTool({ name, arguments: given })).content);
    expect(await text('echo', { message: 'hello' })).toContain('Echo: hello');
    expect(await text('trigger-elicitation-request')).toContain('- Name: Ada');
    expect(await text('trigger-sampling-request', { prompt: 'what?' })).toContain('forty-two');
    const url = { url: 'https://x.test/', errorPath: true };
    expect(await text('trigger-url-elicitation', url)).toContain('completed the URL elicitation');
    const read = await client.readResource({ uri: 'demo://resource/dynamic/text/1' });
    expect(read.contents).toHaveLength(1);
    await expect(client.readResource({ uri: 'demo://nothing' })).rejects.toMatchObject({
      code: -32602,
    });
    await client.close();
  });

  it('hears what it listens to, and of progress', async () => {
    const client = await connect();
    const uri = 'demo://resource/dynamic/text/7';
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated.push(params.uri);
    });
    const subscription = await client.listen({ resourceSubscriptions: [uri] });
    await client.callTool({ name: 'toggle-subscriber-updates', arguments: {} });
    await expect.poll(() => updated, eventually).toContain(uri);
    await subscription.close();
    await expect.poll(() => server.count({ method: 'resources/unsubscribe' }), eventually).toBe(1);

    const progress: number[] = [];
    const long = { duration: 0.2, steps: 2 };
    await client.callTool(
      { name: 'trigger-long-running-operation', arguments: long },
      { onprogress: (step) => progress.push(step.progress) },
    );
    expect(progress[0]).toBe(1);
    await client.close();
  });
});
