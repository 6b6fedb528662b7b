/** When exactly does the catalogue answer, and what is told afterwards? Before a server that a test answers for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../../broker/bridge/catalogue/ask.ts';
import type { Era } from '../../../../broker/bridge/session.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { type Stage, setStage, target } from './scripted-leg.ts';

const { upstream } = target;
const identity = {
  serverInfo: { name: 'kept', version: '1' },
  capabilities: { tools: {}, resources: { subscribe: true } },
};
const old = [{ name: 'old' }];
const fresh = [{ name: 'new' }];
const toolsChanged = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
const resourcesChanged = { jsonrpc: '2.0', method: 'notifications/resources/list_changed' };

let folder: string;
let stage: Stage;

const begin = async (era: Era, kept = true): Promise<Stage> => {
  stage = await setStage(era, folder);
  if (kept) {
    stage.catalogue.noteIdentity(upstream, era, identity);
    stage.catalogue.noteList(upstream, 'tools', old);
  }
  return stage;
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
});
afterEach(async () => {
  stage.client.close();
  await stage.catalogue.close();
  await rm(folder, { recursive: true });
});

const initialize = (id: number, protocolVersion = '2025-11-25'): void =>
  void stage.client.ask(id, 'initialize', { protocolVersion, capabilities: {} });

describe('a list', () => {
  it('is the server’s when it answers in time, and the catalogue’s from the end of the patience on', async () => {
    const { client, server, clock } = await begin('legacy');
    client.ask(1, 'tools/list');
    await clock.advance(PATIENCE_MS - 1);
    server.last('tools/list').answer({ tools: fresh });
    client.ask(2, 'resources/list');
    stage.catalogue.noteList(upstream, 'resources', old);
    await clock.advance(PATIENCE_MS - 1);
    expect(client.answers.get(1)).toMatchObject({ result: { tools: fresh } });
    expect(client.answers.has(2)).toBe(false);
    await clock.advance(1);
    expect(client.answers.get(2)).toEqual({ jsonrpc: '2.0', id: 2, result: { resources: old } });
    expect(stage.catalogue.of(upstream)?.lists.tools?.items).toBe(JSON.stringify(fresh));
  });

  it('waits for the server where nothing is kept', async () => {
    const { client, server, clock } = await begin('legacy', false);
    client.ask(1, 'tools/list');
    await clock.advance(4_999);
    expect(client.answers.size).toBe(0);
    server.last('tools/list').answer({ tools: fresh });
    expect(client.answers.get(1)).toMatchObject({ result: { tools: fresh } });
  });

  it.each<Era>(['legacy', 'modern'])(
    'is empty after five seconds where nothing is kept and the server hangs, and announced when it comes (T26, %s)',
    async (era) => {
      const { client, server, clock } = await begin(era, false);
      stage.catalogue.noteIdentity(upstream, era, identity);
      if (era === 'legacy') initialize(0);
      else client.ask(0, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
      // It promises nothing of its lists.
      if (era === 'legacy') server.last('initialize').answer(identity);
      client.notify('notifications/initialized');
      client.ask(1, 'tools/list');
      await clock.advance(5_000);
      expect(client.answers.get(1)).toMatchObject({ result: { tools: [] } });
      expect(client.heard).not.toContainEqual(
        expect.objectContaining({ method: toolsChanged.method }),
      );
      server.last('tools/list').answer({ tools: fresh });
      expect(client.heard).toContainEqual(expect.objectContaining({ method: toolsChanged.method }));
    },
  );

  it('that is given as it is kept is not announced when the server says the same, however late', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(0);
    await clock.advance(PATIENCE_MS);
    server.last('initialize').answer(identity);
    client.notify('notifications/initialized');
    client.ask(1, 'tools/list');
    await clock.advance(30_000);
    expect(client.answers.get(1)).toMatchObject({ result: { tools: old } });
    server.last('tools/list').answer({ tools: old });
    expect(client.heard).toEqual([]);
  });

  it('is not waited for longer than a minute once the AI client has one', async () => {
    const { client, server, clock } = await begin('legacy');
    client.ask(1, 'tools/list');
    await clock.advance(59_999);
    expect(server.last('tools/list').isGivenUp).toBe(false);
    await clock.advance(1);
    expect(server.last('tools/list').isGivenUp).toBe(true);
  });

  it('is answered in an era that the server was never heard in, without what is not translated (F6)', async () => {
    const { client, server, clock } = await begin('modern', false);
    const withTasks = { ...identity, capabilities: { ...identity.capabilities, tasks: {} } };
    stage.catalogue.noteIdentity(upstream, 'legacy', withTasks);
    stage.catalogue.noteList(upstream, 'tools', old);
    client.ask(1, 'server/discover');
    client.ask(2, 'tools/list');
    await clock.advance(1_000);
    for (const one of server.asked) one.fail();
    expect([client.answers.get(1), client.answers.get(2)]).toMatchObject([
      { result: { resultType: 'complete', supportedVersions: ['2026-07-28'] } },
      { result: { tools: old, ttlMs: 0 } },
    ]);
    expect(client.answers.get(1)).not.toHaveProperty('result.capabilities.tasks');
  });

  it('that the server refuses is refused, and what is kept stays', async () => {
    const { client, server } = await begin('legacy');
    client.ask(1, 'tools/list');
    server.last('tools/list').refuse(-32603);
    expect(client.answers.get(1)).toMatchObject({ error: { code: -32603 } });
    expect(stage.catalogue.of(upstream)?.lists.tools?.items).toBe(JSON.stringify(old));
  });

  it('keeps its order and its schemas word for word (F11)', async () => {
    const { client, server } = await begin('legacy');
    const tools = [
      { name: 'z', inputSchema: { $schema: 'x', $defs: { a: { const: null } }, not: {} } },
      { name: 'a', _meta: { 'io.modelcontextprotocol/ui': { b: 1, a: [] } } },
    ];
    client.ask(1, 'tools/list');
    server.last('tools/list').answer({ tools });
    client.ask(2, 'tools/list');
    server.last('tools/list').fail();
    expect(JSON.stringify(client.answers.get(2)?.result?.['tools'])).toBe(JSON.stringify(tools));
  });

  it('of several pages is kept once the last has come, and given as one', async () => {
    const { client, server } = await begin('legacy');
    client.ask(1, 'tools/list');
    server.last('tools/list').answer({ tools: [1], nextCursor: 'b' });
    client.ask(2, 'tools/list', { cursor: 'b' });
    expect(stage.catalogue.of(upstream)?.lists.tools?.items).toBe(JSON.stringify(old));
    server.last('tools/list').answer({ tools: [2] });
    client.ask(3, 'tools/list');
    server.last('tools/list').fail();
    expect(client.answers.get(3)?.result).toEqual({ tools: [1, 2] });
  });

  it('whose first page comes late is read to its end without the AI client', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(0);
    server.last('initialize').answer(identity);
    client.notify('notifications/initialized');
    client.ask(1, 'tools/list');
    await clock.advance(PATIENCE_MS);
    server.last('tools/list').answer({ tools: [1], nextCursor: 'b' });
    expect(server.last('tools/list').envelope.params).toEqual({ cursor: 'b' });
    server.last('tools/list').answer({ tools: [2] });
    expect(stage.catalogue.of(upstream)?.lists.tools?.items).toBe('[1,2]');
    // It was told of no promise to say so.
    expect(client.heard).toEqual([]);
  });

  it('that the server gave this AI client comes before what it gave another', async () => {
    const { client, server } = await begin('legacy');
    client.ask(1, 'tools/list');
    server.last('tools/list').answer({ tools: fresh });
    stage.catalogue.noteList(upstream, 'tools', [{ name: 'for another' }]);
    client.ask(2, 'tools/list');
    server.last('tools/list').fail();
    expect(client.answers.get(2)?.result).toEqual({ tools: fresh });
  });

  it('known to have changed is waited for longer', async () => {
    const { client, server, clock } = await begin('legacy');
    server.unasked('notifications/tools/list_changed');
    expect([client.heard, stage.refreshes()]).toEqual([[toolsChanged], 1]);
    client.ask(1, 'tools/list');
    await clock.advance(4_000);
    server.last('tools/list').answer({ tools: fresh });
    expect(client.answers.get(1)?.result).toEqual({ tools: fresh });
  });

  it('that is no JSON on the inside is passed on, and changes nothing', async () => {
    const { client, server } = await begin('legacy');
    client.ask(1, 'tools/list');
    const broken = '{"jsonrpc":"2.0","id":1,"result":{"tools":[}}';
    server.last('tools/list').answerText(broken);
    expect(client.answers.get(1)).toEqual({ text: broken });
    expect(stage.catalogue.of(upstream)?.lists.tools?.items).toBe(JSON.stringify(old));
  });

  it('that an AI client gives up is not answered any more', async () => {
    const { client, server, clock } = await begin('legacy');
    client.ask(1, 'tools/list')();
    await clock.advance(PATIENCE_MS);
    expect([client.answers.size, server.last('tools/list').isGivenUp]).toEqual([0, true]);
  });
});

describe('a handshake', () => {
  it.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2099-01-01', '2025-11-25'],
  ])(
    'for %s is answered for %s, with the promise to say when a list changes',
    async (wished, given) => {
      const { client, clock } = await begin('legacy');
      initialize(1, wished);
      await clock.advance(PATIENCE_MS);
      expect(client.answers.get(1)?.result).toEqual({
        protocolVersion: given,
        serverInfo: identity.serverInfo,
        capabilities: {
          tools: { listChanged: true },
          resources: { subscribe: true, listChanged: true },
        },
      });
    },
  );

  it('that failed is said again with the next request that acts, which then goes on', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(1);
    server.last('initialize').fail();
    client.notify('notifications/initialized');
    client.ask(2, 'tools/list');
    client.ask(3, 'ping');
    expect(server.methods()).toEqual(['initialize']);
    expect([client.answers.get(2)?.result, client.answers.get(3)?.result]).toEqual([
      { tools: old },
      {},
    ]);
    await clock.advance(1_000);
    client.ask(4, 'tools/call', { name: 'x' });
    client.ask(5, 'tools/call', { name: 'y' });
    server.last('initialize').answer(identity);
    expect(server.methods()).toEqual([
      ...['initialize', 'initialize', 'notifications/initialized'],
      ...['tools/call', 'tools/call'],
    ]);
    expect(client.heard).toEqual([toolsChanged, resourcesChanged]);
    expect(client.answers.has(1)).toBe(true);
  });

  it('is tried once a second by requests, however many there are', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(1);
    server.last('initialize').fail();
    for (let id = 10; id < 20; id += 1) client.ask(id, 'tools/call');
    expect(server.methods()).toEqual(['initialize']);
    await clock.advance(1_000);
    for (let id = 20; id < 30; id += 1) client.ask(id, 'tools/call');
    server.last('initialize').fail();
    for (let id = 30; id < 40; id += 1) client.ask(id, 'tools/call');
    expect(server.methods()).toEqual(['initialize', 'initialize']);
    expect([...client.answers.values()].slice(1)).toEqual(
      Array.from({ length: 30 }, () => ({ problem: 'server-unreachable' })),
    );
  });

  it('is said again at once when the account can be used, and nothing is told before the AI client is ready', async () => {
    const { client, server } = await begin('legacy');
    initialize(1);
    server.last('initialize').fail();
    stage.news.usable();
    server.last('initialize').answer(identity);
    expect(client.heard).toEqual([]);
    client.notify('notifications/initialized');
    expect(server.methods()).toEqual(['initialize', 'initialize', 'notifications/initialized']);
    expect(client.heard).toEqual([toolsChanged, resourcesChanged]);
  });

  it('that the server takes late is not said again', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(1);
    await clock.advance(PATIENCE_MS);
    client.notify('notifications/initialized');
    server.last('initialize').answer(identity);
    client.ask(2, 'tools/call');
    expect(server.methods()).toEqual(['initialize', 'notifications/initialized', 'tools/call']);
    expect(client.heard).toEqual([]);
  });

  it('that the server takes late lets what was said meanwhile wait, in order', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(1);
    await clock.advance(PATIENCE_MS);
    client.notify('notifications/initialized');
    client.ask(2, 'tools/call');
    client.notify('notifications/roots/list_changed');
    client.ask(3, 'tools/list');
    expect([server.methods(), client.answers.get(3)?.result]).toEqual([
      ['initialize'],
      { tools: old },
    ]);
    server.last('initialize').answer(identity);
    expect(server.methods()).toEqual([
      ...['initialize', 'notifications/initialized', 'tools/call'],
      ...['notifications/roots/list_changed', 'tools/list'],
    ]);
    server.last('tools/list').answer({ tools: fresh });
    expect(client.heard).toEqual([toolsChanged]);
  });

  it('that comes to nothing late fails what waited for it, and goes nowhere else', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(1);
    await clock.advance(PATIENCE_MS);
    client.notify('notifications/initialized');
    client.ask(2, 'tools/call');
    const giveUp = client.ask(3, 'tools/call');
    giveUp();
    server.last('initialize').refuse(-32602);
    expect([client.answers.get(2), client.answers.has(3), server.methods()]).toEqual([
      { problem: 'server-trouble' },
      false,
      ['initialize'],
    ]);
  });

  it('that an AI client begins anew is not spoilt by what comes of the one before', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(1);
    await clock.advance(PATIENCE_MS);
    const [before] = server.asked;
    initialize(2);
    server.last('initialize').answer(identity);
    before?.fail();
    client.notify('notifications/initialized');
    client.ask(3, 'tools/call');
    expect(server.methods()).toEqual([
      ...['initialize', 'initialize', 'notifications/initialized', 'tools/call'],
    ]);
  });

  it('with a server of which nothing is known and that hangs is answered within a second, and the list waits a little (T26)', async () => {
    const { client, server, clock } = await begin('legacy', false);
    initialize(1);
    await clock.advance(999);
    expect(client.answers.get(1)?.result).toMatchObject({
      serverInfo: { name: 'Scripted' },
      capabilities: { tools: { listChanged: true } },
      instructions: 'Scripted cannot be used yet: Scripted takes too long to answer',
    });
    client.notify('notifications/initialized');
    client.ask(2, 'tools/list');
    client.ask(3, 'prompts/list');
    await clock.advance(4_999);
    expect(client.answers.size).toBe(1);
    await clock.advance(1);
    expect(client.answers.get(3)?.result).toEqual({ prompts: [] });
    server.last('initialize').answer(identity);
    server.last('tools/list').answer({ tools: fresh });
    expect([server.methods().slice(0, 4), client.heard]).toEqual([
      ['initialize', 'notifications/initialized', 'tools/list', 'prompts/list'],
      [toolsChanged],
    ]);
  });

  it('that a slow server takes in time gives the AI client the server’s own list (T26)', async () => {
    const { client, server, clock } = await begin('legacy', false);
    initialize(1);
    await clock.advance(1_000);
    client.notify('notifications/initialized');
    client.ask(2, 'tools/list');
    await clock.advance(3_000);
    server.last('initialize').answer(identity);
    server.last('tools/list').answer({ tools: fresh });
    expect([client.answers.get(2)?.result, client.heard]).toEqual([{ tools: fresh }, []]);
  });

  it('that hangs and then fails leaves nothing to wait for: lists are empty at once', async () => {
    const { client, server, clock } = await begin('legacy', false);
    initialize(1);
    await clock.advance(1_000);
    client.notify('notifications/initialized');
    server.last('initialize').fail();
    client.ask(2, 'tools/list');
    expect(client.answers.get(2)?.result).toEqual({ tools: [] });
  });

  it('that hangs fails a call after half a minute, and is said anew after a minute', async () => {
    const { client, server, clock } = await begin('legacy');
    initialize(1);
    await clock.advance(PATIENCE_MS);
    client.notify('notifications/initialized');
    client.ask(2, 'tools/call', { name: 'x' });
    await clock.advance(29_999);
    expect(client.answers.has(2)).toBe(false);
    await clock.advance(1);
    expect(client.answers.get(2)?.problem).toBe('server-too-slow');
    await clock.advance(30_000);
    expect(server.last('initialize').isGivenUp).toBe(true);
    for (const id of [3, 4]) {
      await clock.advance(1_000);
      client.ask(id, 'tools/call', { name: 'x' });
      expect(server.methods().filter((method) => method === 'initialize')).toHaveLength(id - 1);
      await clock.advance(60_000);
      expect(server.last('initialize').isGivenUp).toBe(true);
    }
    await clock.advance(1_000);
    client.ask(5, 'tools/call', { name: 'x' });
    server.last('initialize').answer(identity);
    server.last('tools/call').answer({ content: [] });
    expect(client.answers.get(5)?.result).toEqual({ content: [] });
    expect(server.methods().filter((method) => method === 'tools/call')).toHaveLength(1);
  });

  it('that hangs leaves no timer behind when the AI client leaves', async () => {
    const { client, clock } = await begin('legacy', false);
    initialize(1);
    await clock.advance(1_000);
    client.notify('notifications/initialized');
    client.ask(2, 'tools/list');
    client.ask(3, 'tools/call', { name: 'x' });
    expect(clock.waits()).not.toEqual([]);
    client.close();
    expect(clock.waits()).toEqual([]);
  });

  it('with a server of which nothing is known is answered at once when it is out of reach', async () => {
    const { client, server } = await begin('legacy', false);
    initialize(1);
    server.last('initialize').fail();
    expect(client.answers.get(1)?.result).toMatchObject({
      serverInfo: { name: 'Scripted' },
      instructions: 'Scripted cannot be used yet: nothing answers there',
    });
    client.notify('notifications/initialized');
    client.ask(2, 'prompts/list');
    expect(client.answers.get(2)?.result).toEqual({ prompts: [] });
    stage.news.usable();
    server.last('initialize').answer(identity);
    expect(client.heard).toEqual([toolsChanged, resourcesChanged]);
    client.ask(3, 'prompts/list');
    server.last('prompts/list').refuse(-32601);
    expect(client.answers.get(3)?.result).toEqual({ prompts: [] });
  });
});

describe('what was given without the server', () => {
  beforeEach(async () => {
    const { client, server } = await begin('legacy');
    initialize(1);
    server.last('initialize').answer({
      ...identity,
      capabilities: { tools: { listChanged: true } },
    });
    client.notify('notifications/initialized');
    client.ask(2, 'tools/list');
    server.last('tools/list').fail();
    expect(client.answers.get(2)?.result).toEqual({ tools: old });
  });

  it('is asked for again when the account can be used, and announced if it has changed', () => {
    stage.news.usable();
    stage.server.last('tools/list').answer({ tools: fresh });
    expect(stage.client.heard).toEqual([toolsChanged]);
    stage.news.usable();
    stage.news.read(new Set(['tools']));
    expect(stage.client.heard).toEqual([toolsChanged]);
  });

  it('is left alone if it has not', () => {
    stage.news.usable();
    stage.server.last('tools/list').answer({ tools: old });
    expect(stage.client.heard).toEqual([]);
  });

  it('is compared with what the bridge reads', () => {
    stage.catalogue.noteList(upstream, 'tools', fresh);
    stage.news.read(new Set());
    expect(stage.client.heard).toEqual([toolsChanged]);
  });

  it('is looked after once a minute, as long as nobody knows', async () => {
    await stage.clock.advance(61_000);
    expect(stage.refreshes()).toBe(1);
    await stage.clock.advance(60_000);
    expect(stage.refreshes()).toBe(2);
    stage.catalogue.noteList(upstream, 'tools', old);
    stage.news.read(new Set());
    await stage.clock.advance(180_000);
    expect([stage.refreshes(), stage.clock.waits()]).toEqual([2, []]);
  });

  it('is found out by the bridge when the AI client has left', () => {
    stage.client.close();
    expect([stage.refreshes(), stage.server.isClosed]).toEqual([1, true]);
  });
});

describe('a stream that a modern AI client listens on', () => {
  const listen = (id: number, notifications: object): (() => void) =>
    stage.client.ask(id, 'subscriptions/listen', { notifications });
  const id = { _meta: { 'io.modelcontextprotocol/subscriptionId': 7 } };
  const acknowledged = {
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { ...id, notifications: { toolsListChanged: true } },
  };
  const changed = { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: id };

  it('is acknowledged for what can be kept, and opened again with growing pauses (F8)', async () => {
    const { client, server, clock } = await begin('modern');
    listen(7, {
      toolsListChanged: true,
      promptsListChanged: true,
      resourceSubscriptions: ['a:b'],
    });
    server.last('subscriptions/listen').fail();
    expect(client.heard).toEqual([acknowledged]);
    await clock.advance(1_000);
    expect(server.asked.length).toBe(2);
    server.last('subscriptions/listen').fail();
    await clock.advance(1_999);
    expect(server.asked.length).toBe(2);
    await clock.advance(1);
    server
      .last('subscriptions/listen')
      .say('notifications/subscriptions/acknowledged', { ...id, notifications: {} });
    // Acknowledged once; what changed while nobody listened, nobody has told.
    expect(client.heard).toEqual([acknowledged, changed]);
  });

  it('that breaks off later is opened again, and the bridge finds out what changed', async () => {
    const { client, server, clock } = await begin('modern');
    listen(7, { toolsListChanged: true });
    server.last('subscriptions/listen').say('notifications/subscriptions/acknowledged', id);
    server.last('subscriptions/listen').fail();
    await clock.advance(1_000);
    server.last('subscriptions/listen').say('notifications/subscriptions/acknowledged', id);
    expect([client.heard.length, stage.refreshes()]).toEqual([1, 1]);
  });

  it('hears what the bridge finds changed, and nothing it did not ask for', async () => {
    const { client, server } = await begin('modern');
    listen(7, { toolsListChanged: true });
    server.last('subscriptions/listen').say('notifications/subscriptions/acknowledged', id);
    stage.news.read(new Set(['tools', 'resources', 'templates']));
    expect(client.heard.slice(1)).toEqual([changed]);
    expect(stage.refreshes()).toBe(0);
  });

  it('ends when the AI client ends it', async () => {
    const { client, server, clock } = await begin('modern');
    const giveUp = listen(7, { toolsListChanged: true });
    server.last('subscriptions/listen').fail();
    giveUp();
    stage.news.usable();
    await clock.advance(60_000);
    expect([server.asked.length, client.heard.length, clock.waits()]).toEqual([1, 1, []]);
  });

  it('is refused as the server refuses it, and left to a problem that the person has to mend where nothing is known', async () => {
    const { client, server } = await begin('modern', false);
    listen(7, { toolsListChanged: true });
    server.last('subscriptions/listen').refuse(-32601);
    listen(8, { toolsListChanged: true });
    server.last('subscriptions/listen').fail(new ProblemError('token-refused', 'not for you'));
    expect([client.answers.get(7)?.error?.code, client.answers.get(8)?.problem]).toEqual([
      -32601,
      'token-refused',
    ]);
  });

  it('at a server that nobody has reached yet is acknowledged for every list, and hears what the bridge reads later', async () => {
    const { client, server } = await begin('modern', false);
    listen(7, { toolsListChanged: true });
    server.last('subscriptions/listen').fail();
    expect(client.heard).toEqual([acknowledged]);
    stage.catalogue.noteIdentity(upstream, 'modern', identity);
    stage.catalogue.noteList(upstream, 'tools', fresh);
    stage.news.read(new Set(['tools']));
    expect(client.heard).toEqual([acknowledged, changed]);
  });
});

describe('a server that nobody has reached yet, for a modern AI client', () => {
  const nowhere = new ProblemError('offline', 'there is no network');

  it('is presented with every kind of list, the promise to tell of them, and the reason', async () => {
    const { client, server, clock } = await begin('modern', false);
    client.ask(1, 'server/discover');
    await clock.advance(PATIENCE_MS);
    expect(client.answers.size).toBe(0);
    server.last('server/discover').fail(nowhere);
    expect(client.answers.get(1)?.result).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true },
      },
      instructions: 'Scripted cannot be used yet: there is no network',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'Scripted', version: '0' } },
    });
  });

  it('is presented within a second when it hangs, and its lists are waited for a little (T26)', async () => {
    const { client, server, clock } = await begin('modern', false);
    client.ask(1, 'server/discover');
    await clock.advance(999);
    expect(client.answers.get(1)?.result).toMatchObject({
      capabilities: { tools: { listChanged: true } },
      instructions: 'Scripted cannot be used yet: Scripted takes too long to answer',
    });
    client.ask(2, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    client.ask(3, 'tools/list');
    await clock.advance(1_000);
    expect(client.heard).toMatchObject([{ params: { notifications: { toolsListChanged: true } } }]);
    await clock.advance(3_999);
    expect(client.answers.has(3)).toBe(false);
    await clock.advance(1);
    expect(client.answers.get(3)?.result).toMatchObject({ tools: [], ttlMs: 0 });
    server.last('tools/list').answer({ tools: fresh });
    expect(client.heard).toMatchObject([{}, { method: toolsChanged.method }]);
  });

  it('has empty lists that are not to be kept, also for one that asks for nothing else before', async () => {
    const { client, server } = await begin('modern', false);
    client.ask(1, 'tools/list');
    server.last('tools/list').fail(nowhere);
    expect(client.answers.get(1)?.result).toEqual({
      ...{ resultType: 'complete', tools: [], ttlMs: 0, cacheScope: 'private' },
    });
    client.ask(2, 'tools/call', { name: 'x' });
    server.last('tools/call').fail(nowhere);
    expect(client.answers.get(2)?.problem).toBe('offline');
  });

  it('is left to a problem that the person has to mend', async () => {
    const { client, server } = await begin('modern', false);
    const unset = new ProblemError('token-refused', 'not for you');
    client.ask(1, 'server/discover');
    server.last('server/discover').fail(unset);
    client.ask(2, 'tools/list');
    server.last('tools/list').fail(unset);
    expect([client.answers.get(1)?.problem, client.answers.get(2)?.problem]).toEqual([
      'token-refused',
      'token-refused',
    ]);
  });

  it('is looked after until the bridge has read it, also where it has fewer lists than were promised', async () => {
    const { client, server, clock } = await begin('modern', false);
    client.ask(1, 'prompts/list');
    server.last('prompts/list').fail(nowhere);
    await clock.advance(61_000);
    expect(stage.refreshes()).toBe(1);
    stage.catalogue.noteIdentity(upstream, 'modern', identity);
    stage.news.read(new Set());
    await clock.advance(180_000);
    expect([stage.refreshes(), clock.waits()]).toEqual([1, []]);
  });
});
