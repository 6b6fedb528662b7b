/** A legacy server forgets its session with the bridge: does the AI client still hear what it had asked to hear? (T15) */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { startOldServer } from '../../servers/old-server.ts';
import { metaOf } from './eras/modern-ai-client.ts';
import { type Bridge, type Line, openBridge } from './open-bridge.ts';

const [first, second] = ['demo://resource/dynamic/text/1', 'demo://resource/dynamic/text/2'];

let server: EverythingServer;
let bridge: Bridge;
let line: Line;
let heard: { id?: unknown; method?: string; params?: Record<string, unknown>; error?: unknown }[];

const reading = async (from: Line): Promise<void> => {
  for (;;) heard.push(JSON.parse(await from.next()));
};

beforeEach(async () => {
  server = await startEverythingServer();
  bridge = await openBridge({ one: server.url });
  line = await bridge.line();
  heard = [];
  // It ends with the line.
  reading(line).catch(() => undefined);
});
afterEach(async () => {
  line[Symbol.dispose]();
  await bridge[Symbol.asyncDispose]();
  await server.close();
});

const answerTo = (id: number) => heard.find((each) => each.id === id && each.method === undefined);
const ask = async (id: number, method: string, params: object = {}): Promise<void> => {
  line.send({ jsonrpc: '2.0', id, method, params });
  await expect.poll(() => answerTo(id), eventually).toBeDefined();
  expect(answerTo(id)?.error).toBeUndefined();
};
const updates = (): unknown[] =>
  heard
    .filter(({ method }) => method === 'notifications/resources/updated')
    .map(({ params }) => params?.['uri']);
/** What the server was told over POST since then, where it answered. */
const toldSince = (at: number): unknown[] =>
  server.seen
    .slice(at)
    .filter(({ method, status }) => method !== undefined && status !== 404)
    .map(({ method }) => method);

const shakeHands = async (): Promise<void> => {
  await ask(1, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  });
  line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
};

describe('an AI client of the legacy era', () => {
  it('keeps its log level and its subscriptions, told in their order before its next request', async () => {
    await shakeHands();
    await ask(2, 'resources/subscribe', { uri: first });
    await ask(3, 'logging/setLevel', { level: 'debug' });
    await ask(4, 'resources/subscribe', { uri: second, _meta: { progressToken: 'p' } });
    await ask(5, 'resources/unsubscribe', { uri: first });
    await ask(6, 'logging/setLevel', { level: 'error' });
    await ask(7, 'resources/subscribe', { uri: first });
    await server.forgetSessions();
    const at = server.seen.length;

    await ask(8, 'tools/call', { name: 'toggle-subscriber-updates', arguments: {} });

    await expect.poll(updates, eventually).toEqual(expect.arrayContaining([first, second]));
    expect(toldSince(at).filter((method) => method !== 'GET')).toEqual([
      ...['initialize', 'notifications/initialized'],
      ...['resources/subscribe', 'logging/setLevel', 'resources/subscribe', 'tools/call'],
    ]);
    // Of what the bridge said itself it hears nothing.
    expect(heard.every(({ id }) => id === undefined || typeof id === 'number')).toBe(true);
  });

  it('is subscribed to nothing that it was refused, and nothing that it began without', async () => {
    await shakeHands();
    line.send({ jsonrpc: '2.0', id: 2, method: 'resources/subscribe', params: { uri: 7 } });
    await expect.poll(() => answerTo(2)?.error, eventually).toBeDefined();
    await server.forgetSessions();
    const at = server.seen.length;
    await ask(3, 'tools/call', { name: 'echo', arguments: { message: 'x' } });
    expect(toldSince(at)).not.toContain('resources/subscribe');
  });

  it('that only listens is subscribed again as well, without a request of its own', async () => {
    await shakeHands();
    let id = 1;
    const subscribe = () => ask((id += 1), 'resources/subscribe', { uri: first });
    // The server logs a subscription, on its own stream: with that the stream is there.
    const logged = async () => {
      await subscribe();
      return heard.some(({ method }) => method === 'notifications/message');
    };
    await expect.poll(logged, eventually).toBe(true);
    await server.forgetSessions();
    const at = server.seen.length;
    await expect.poll(() => toldSince(at), eventually).toContain('resources/subscribe');
    expect(server.sessions()).toHaveLength(1);
  });
});

describe('an AI client of the modern era', () => {
  const modern = { _meta: metaOf({}) };
  const level = { _meta: { ...metaOf({}), 'io.modelcontextprotocol/logLevel': 'alert' } };

  it('goes on hearing of its resources, and logs stay at its level', async () => {
    line.send({
      jsonrpc: '2.0',
      id: 2,
      method: 'subscriptions/listen',
      params: { ...modern, notifications: { resourceSubscriptions: [first] } },
    });
    await expect
      .poll(() => heard.map(({ method }) => method), eventually)
      .toContain('notifications/subscriptions/acknowledged');
    const echo = { name: 'echo', arguments: { message: 'x' } };
    await ask(3, 'tools/call', { ...echo, ...level });
    await server.forgetSessions();
    const at = server.seen.length;

    await ask(4, 'tools/call', { name: 'toggle-subscriber-updates', arguments: {}, ...level });

    await expect.poll(updates, eventually).toContain(first);
    expect(toldSince(at).filter((method) => method !== 'GET')).toEqual([
      ...['initialize', 'notifications/initialized'],
      ...['resources/subscribe', 'logging/setLevel', 'tools/call'],
    ]);
  });
});

it('a server of 2024-11-05 whose stream broke off is told them again too', async () => {
  const old = await startOldServer();
  await using other = await openBridge({ one: old.url });
  try {
    line[Symbol.dispose]();
    line = await other.line();
    reading(line).catch(() => undefined);
    await shakeHands();
    await ask(2, 'resources/subscribe', { uri: first });
    await old.dropStreams();
    await ask(3, 'tools/call', { name: 'toggle-subscriber-updates', arguments: {} });
    await expect.poll(updates, eventually).toContain(first);
  } finally {
    await old.close();
  }
});
