/** Does a legacy AI client get from a modern server what its own era promises (3.6)? */
import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { legacyOverModern } from '../../../../broker/bridge/eras/legacy-over-modern.ts';
import { type End, messageOf } from '../../../../broker/bridge/leg.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../../doubles/clock.ts';
import {
  createScriptedServer,
  type Json,
  type Said,
  type Script,
} from '../../../doubles/scripted-leg.ts';
import { type Asked, sayTo } from './ai-client.ts';

const facts = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: {
    tools: { listChanged: true },
    resources: { subscribe: true },
    extensions: { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': { a: 1 } },
  },
  instructions: 'be kind',
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'new', version: '9' } },
  ...{ ttlMs: 0, cacheScope: 'private' },
};
const silent = { ...facts, capabilities: { resources: { subscribe: true } } };
const logging = { ...facts, capabilities: { logging: {} } };

const declared = { elicitation: { form: {}, url: {} }, sampling: {}, roots: { listChanged: true } };
const clientMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'legacy-test', version: '1.2.3' },
  'io.modelcontextprotocol/clientCapabilities': declared,
};

/** A server that says who it is; everything else waits for the test. */
const begin = (discovered: Json = facts, script: Script = {}) => {
  const clock = createVirtualClock();
  const server = createScriptedServer({
    'server/discover': (said) => said.answer(discovered),
    ...script,
  });
  const unasked: Json[] = [];
  const leg = legacyOverModern(server.open, { title: 'New Server', after: clock.after })((json) =>
    unasked.push(JSON.parse(json)),
  );
  const say = sayTo(leg);
  let lastId = 100;
  const ask = (method: string, params: unknown = {}, id: string | number = (lastId += 1)): Asked =>
    say(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  const notify = (method: string, params: unknown = {}): Asked =>
    say(JSON.stringify({ jsonrpc: '2.0', method, params }));
  const reply = (id: unknown, answer: object): Asked =>
    say(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  const initialize = (params: object = {}): Asked =>
    ask('initialize', {
      protocolVersion: '2025-06-18',
      capabilities: declared,
      clientInfo: clientMeta['io.modelcontextprotocol/clientInfo'],
      ...params,
    });
  return {
    ...{ clock, leg, unasked, say, ask, notify, reply, initialize },
    get upstream() {
      return server.legs[0]!;
    },
  };
};

/** The handshake is over. */
const connected = (discovered: Json = facts, script: Script = {}) => {
  const stage = begin(discovered, script);
  stage.initialize();
  return stage;
};

const tool = { name: 'ask-me', arguments: { a: 1 } };
const content = [{ type: 'text', text: 'done' }];
const form = { mode: 'form', message: 'who?', requestedSchema: { type: 'object', properties: {} } };
const elicit = (params: object = form) => ({ method: 'elicitation/create', params });
const required = (inputRequests: object, more: object = {}) => ({
  ...{ resultType: 'input_required', inputRequests, ...more },
});
const accept = { action: 'accept', content: { name: 'me' } };

/** What the AI client was asked, in order. */
const questionsIn = ({ heard }: Asked): Json[] => heard.filter(({ method }) => method);

describe('the handshake', () => {
  it('asks the server who it is in the name of the AI client (F5, F10)', () => {
    const { initialize, upstream } = begin();
    const asked = initialize();
    expect(upstream.said.map(({ json }) => json)).toEqual([
      { jsonrpc: '2.0', id: asked.id, method: 'server/discover', params: { _meta: clientMeta } },
    ]);
  });

  it('declares extensions but no tasks of another era, on either side (F6)', () => {
    const { initialize, upstream } = begin();
    const extensions = { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': {} };
    const asked = initialize({ capabilities: { tasks: { list: {} }, extensions } });
    const { _meta } = upstream.last('server/discover').json.params;
    expect(_meta['io.modelcontextprotocol/clientCapabilities']).toEqual({
      extensions: { 'io.modelcontextprotocol/ui': {} },
    });
    expect(asked.answer().result.capabilities.extensions).toEqual({
      'io.modelcontextprotocol/ui': { a: 1 },
    });
  });

  it.each([
    ['2025-11-25', '2025-11-25'],
    ['2025-03-26', '2025-03-26'],
    ['2024-11-05', '2024-11-05'],
    ['1999-01-01', '2025-11-25'],
  ])('is answered from that: who asks for %s gets %s', (protocolVersion, agreed) => {
    const { initialize } = begin();
    const asked = initialize({ protocolVersion });
    expect(asked.answer().result).toEqual({
      protocolVersion: agreed,
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true },
        extensions: { 'io.modelcontextprotocol/ui': { a: 1 } },
      },
      serverInfo: { name: 'new', version: '9' },
      instructions: 'be kind',
    });
    expect(asked.ends).toEqual([{}]);
  });

  it('gives a server that does not say its name the one that the person knows it by', () => {
    const { initialize } = begin({ ...facts, _meta: undefined });
    expect(initialize().answer().result.serverInfo.name).toBe('New Server');
  });

  it('that the server refuses is refused in its own words', () => {
    const error = { code: -32601, message: 'what?' };
    const { initialize } = begin({}, { 'server/discover': (said) => said.fail(error) });
    const asked = initialize();
    expect([asked.answer().error, asked.ends]).toEqual([error, [{}]]);
  });
});

describe('a request', () => {
  it('carries who asks, and all else as it came (T13)', () => {
    const { say, upstream } = connected();
    say(
      '{"jsonrpc":"2.0", "id":"mine","method":"vendor/x","params":{"n":12345678901234567890,"_meta":{"progressToken":"p","x/y":1.50},"b":1.0}}',
    );
    const { text, json, envelope } = upstream.last('vendor/x');
    expect(json.params._meta).toEqual({ ...clientMeta, progressToken: 'p', 'x/y': 1.5 });
    expect(text).toContain('{"jsonrpc":"2.0", "id":"mine","method":"vendor/x","params":{"n":1234');
    expect(text).toContain('"n":12345678901234567890,');
    expect(text).toContain('"progressToken":"p","x/y":1.50},"b":1.0}}');
    expect(envelope.params?._meta).toEqual(clientMeta);
  });

  it('asks for the messages of a log as AI clients of its era get them, and at the level that was set (T13)', () => {
    const { ask, upstream } = connected(logging);
    const levelOf = (said: Said) => said.json.params._meta['io.modelcontextprotocol/logLevel'];
    ask('tools/call', tool);
    expect(levelOf(upstream.last('tools/call'))).toBe('info');
    const set = ask('logging/setLevel', { level: 'error' });
    expect([set.answer().result, set.ends]).toEqual([{}, [{}]]);
    ask('prompts/list');
    expect(levelOf(upstream.last('prompts/list'))).toBe('error');
    expect(upstream.of('logging/setLevel')).toEqual([]);
  });

  it('asks for no messages of a log that there is not', () => {
    const { ask, upstream } = connected();
    ask('logging/setLevel', { level: 'error' });
    ask('tools/call', tool);
    expect(upstream.last('tools/call').json.params._meta).toEqual(clientMeta);
  });

  it('that the modern era does not know is answered here: ping', () => {
    const { ask, upstream } = connected();
    const asked = ask('ping', {}, 'p');
    expect([asked.answer().result, asked.ends]).toEqual([{}, [{}]]);
    expect(upstream.of('ping')).toEqual([]);
  });

  it('hears what the server says on the way, and the answer byte for byte', () => {
    const { ask, upstream } = connected();
    const asked = ask('tools/call', tool, 7);
    const call = upstream.last('tools/call');
    call.say('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1.0}}');
    call.say('{ "id":7,"result":{"n":12345678901234567890} ,"jsonrpc":"2.0"}');
    call.end({});
    expect(asked.texts).toEqual([
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1.0}}',
      '{ "id":7,"result":{"n":12345678901234567890} ,"jsonrpc":"2.0"}',
    ]);
    expect(asked.ends).toEqual([{}]);
  });

  it('that has no answer ends with the problem of the modern leg', () => {
    const { ask, upstream } = connected();
    const asked = ask('tools/call', tool);
    const end = { problem: new ProblemError('needs-sign-in', 'nobody'), unsent: true as const };
    upstream.last('tools/call').end(end);
    expect([asked.heard, asked.ends]).toEqual([[], [end]]);
  });

  it('that the AI client cancels has its stream closed, and no answer any more (T11, T24)', () => {
    const { ask, notify, upstream } = connected();
    const other = ask('tools/call', tool);
    const asked = ask('tools/call', tool);
    const [kept, call] = upstream.of('tools/call');
    const cancelled = notify('notifications/cancelled', { requestId: asked.id, reason: 'late' });
    expect([call?.givenUp, kept?.givenUp]).toEqual([true, false]);
    expect([asked.heard, asked.ends, cancelled.ends]).toEqual([[], [{}], [{}]]);
    expect(upstream.of('notifications/cancelled')).toEqual([]);
    kept?.answer({ content });
    expect(other.answer().result).toEqual({ content });
  });

  it('that has its answer is not cancelled any more', () => {
    const { ask, notify, upstream } = connected();
    const asked = ask('tools/call', tool);
    upstream.last('tools/call').answer({ content });
    notify('notifications/cancelled', { requestId: asked.id });
    expect([upstream.last('tools/call').givenUp, asked.ends]).toEqual([false, [{}]]);
  });

  it('that is given up has its stream closed, and is heard of no more (T11)', () => {
    const { ask, notify, upstream } = connected();
    const asked = ask('tools/call', tool);
    asked.giveUp();
    notify('notifications/cancelled', { requestId: asked.id });
    expect(upstream.last('tools/call').givenUp).toBe(true);
    expect([asked.heard, asked.ends]).toEqual([[], []]);
  });
});

describe('a notification', () => {
  it.each(['notifications/roots/list_changed', 'notifications/progress'])(
    'that the modern era does not know goes no further: %s',
    (method) => {
      const { notify, upstream } = connected();
      expect(notify(method).ends).toEqual([{}]);
      expect(upstream.of(method)).toEqual([]);
    },
  );

  it('of a vendor reaches the server', () => {
    const { notify, upstream } = connected();
    notify('notifications/vendor', { a: 1 });
    expect(upstream.last('notifications/vendor').json.params).toEqual({ a: 1, _meta: clientMeta });
  });
});

describe('what a server wants to know first', () => {
  it('is asked of the AI client, and the call made again with what that answers, under another id (F1)', async () => {
    const { ask, reply, upstream } = connected();
    const asked = ask('tools/call', tool, 'mine');
    const sample = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 5 } };
    const requests = { one: elicit(), two: sample, three: { method: 'roots/list' } };
    upstream.last('tools/call').answer(required(requests, { requestState: 'opaque' }));
    const questions = questionsIn(asked);
    expect(questions).toEqual([
      { jsonrpc: '2.0', id: questions[0].id, ...elicit() },
      { jsonrpc: '2.0', id: questions[1].id, ...sample },
      { jsonrpc: '2.0', id: questions[2].id, method: 'roots/list', params: {} },
    ]);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(3);
    const [one, two, three] = questions;
    reply(two.id, { result: { role: 'assistant' } });
    reply(three.id, { result: { roots: [] } });
    expect(upstream.of('tools/call')).toHaveLength(1);
    reply(one.id, { result: accept });
    await settled();
    const [first, again] = upstream.of('tools/call');
    expect(again?.json.id).not.toBe(first?.json.id);
    expect(again?.envelope.id).toBe(again?.json.id);
    expect(again?.json.params).toEqual({
      ...{ ...tool, _meta: clientMeta, requestState: 'opaque' },
      inputResponses: { one: accept, two: { role: 'assistant' }, three: { roots: [] } },
    });
    again?.answer({ resultType: 'complete', content });
    expect(asked.answer()).toEqual({
      ...{ jsonrpc: '2.0', id: 'mine', result: { resultType: 'complete', content } },
    });
    expect(asked.ends).toEqual([{}]);
  });

  it('comes with a state that goes back byte for byte, and none where there was none (F1)', async () => {
    const { say, upstream } = connected();
    say('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}');
    const state = '" \\u00e9\\/ä  {\\"a\\": 1}\\ud800 "';
    upstream
      .last('tools/call')
      .say(
        `{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","requestState":${state}}}`,
      );
    upstream.last('tools/call').end({});
    await settled();
    const again = upstream.last('tools/call');
    expect(again.text).toContain(`"requestState":${state}`);
    expect(again.json.params.inputResponses).toEqual({});
    again.answer(required({}));
    await settled();
    expect(upstream.of('tools/call')).toHaveLength(3);
    expect(upstream.last('tools/call').text).not.toContain('requestState');
  });

  it('and what is answered keep numbers that a double cannot hold', async () => {
    const { ask, say, upstream } = connected();
    const asked = ask('tools/call', tool, 1);
    const call = upstream.last('tools/call');
    call.say(
      '{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{"message":"?","requestedSchema":{"maximum":12345678901234567890}}}}}}',
    );
    call.end({});
    expect(asked.texts[0]).toContain('"maximum":12345678901234567890');
    const id = JSON.stringify(questionsIn(asked)[0].id);
    say(
      `{"jsonrpc":"2.0","id":${id},"result":{"action":"accept","content":{"n":12345678901234567890, "f":1.50}}}`,
    );
    await settled();
    expect(upstream.last('tools/call').text).toContain(
      '"inputResponses":{"a":{"action":"accept","content":{"n":12345678901234567890, "f":1.50}}}',
    );
  });

  it('is never mixed up between calls at the same time (F1)', async () => {
    const { ask, reply, upstream } = connected();
    const calls = ['x', 'y'].map((name) => ask('tools/call', { name }, name));
    for (const said of upstream.of('tools/call'))
      said.answer(required({ q: elicit() }, { requestState: `state of ${said.json.id}` }));
    for (const asked of calls.toReversed())
      reply(questionsIn(asked)[0].id, { result: { for: asked.id } });
    await settled();
    expect(
      upstream
        .of('tools/call')
        .slice(2)
        .map(({ json: { params } }) => params),
    ).toEqual(
      ['y', 'x'].map((name) => ({
        ...{ name, _meta: clientMeta, requestState: `state of ${name}` },
        inputResponses: { q: { for: name } },
      })),
    );
  });

  it('is asked ten times and no more (F1)', async () => {
    const { ask, reply, upstream } = connected(facts, {
      'tools/call': (said) => said.answer(required({ q: elicit() })),
    });
    const asked = ask('tools/call', tool);
    for (let round = 1; round <= 10; round += 1) {
      expect(questionsIn(asked)).toHaveLength(round);
      reply(questionsIn(asked).at(-1).id, { result: accept });
      await settled();
    }
    expect(questionsIn(asked)).toHaveLength(10);
    expect(upstream.of('tools/call')).toHaveLength(11);
    expect(asked.ends.map(({ problem }) => problem?.code)).toEqual(['server-trouble']);
  });

  it('gets an id of its own where it is a page, as the legacy era has it (F2)', () => {
    const { ask, upstream } = connected();
    const asked = ask('tools/call', tool);
    const page = { mode: 'url', message: 'look', url: 'https://a.example/' };
    upstream.last('tools/call').answer(required({ a: elicit(page), b: elicit(page), c: elicit() }));
    const [a, b, c] = questionsIn(asked).map(({ params }) => params);
    expect(a).toEqual({ ...page, elicitationId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(b.elicitationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(b.elicitationId).not.toBe(a.elicitationId);
    expect(c).toEqual(form);
  });

  it('and is refused by the AI client ends the call in its words', async () => {
    const { ask, reply, upstream } = connected();
    const asked = ask('tools/call', tool);
    upstream.last('tools/call').answer(required({ a: elicit(), b: elicit() }));
    const [a, b] = questionsIn(asked);
    reply(a.id, { error: { code: -32601, message: 'not here' } });
    reply(b.id, { result: accept });
    await settled();
    expect(asked.answer().error).toEqual({ code: -32601, message: 'not here' });
    expect(asked.ends).toEqual([{}]);
    expect(upstream.of('tools/call')).toHaveLength(1);
  });

  it.each([{}, { error: { code: 'odd' } }])(
    'and is answered with neither a result nor an error ends the call: %j',
    async (answer) => {
      const { ask, reply, upstream } = connected();
      const asked = ask('tools/call', tool);
      upstream.last('tools/call').answer(required({ a: elicit() }));
      reply(questionsIn(asked)[0].id, answer);
      await settled();
      expect(asked.answer().error.code).toBe(-32603);
      expect(asked.ends).toEqual([{}]);
    },
  );

  it('is not told any more when the call was cancelled meanwhile (T24)', async () => {
    const { ask, notify, reply, upstream } = connected();
    const asked = ask('tools/call', tool);
    upstream.last('tools/call').answer(required({ a: elicit() }));
    notify('notifications/cancelled', { requestId: asked.id });
    reply(questionsIn(asked)[0].id, { result: accept });
    await settled();
    expect(upstream.of('tools/call')).toHaveLength(1);
    expect([asked.answer(), asked.ends]).toEqual([undefined, [{}]]);
  });

  it('is not told any more when the call is cancelled in the very moment of the answer (T24)', async () => {
    const { ask, notify, reply, upstream } = connected();
    const asked = ask('tools/call', tool);
    upstream.last('tools/call').answer(required({ a: elicit() }));
    reply(questionsIn(asked)[0].id, { result: accept });
    notify('notifications/cancelled', { requestId: asked.id });
    await settled();
    expect(upstream.of('tools/call')).toHaveLength(1);
    expect([asked.answer(), asked.ends]).toEqual([undefined, [{}]]);
  });

  it('is known to the server: a later round that cannot be said is not one that was never begun', async () => {
    const { ask, reply, upstream } = connected();
    const asked = ask('tools/call', tool);
    upstream.last('tools/call').answer(required({ a: elicit() }));
    reply(questionsIn(asked)[0].id, { result: accept });
    await settled();
    const problem = new ProblemError('needs-sign-in', 'nobody');
    upstream.last('tools/call').end({ problem, unsent: true });
    expect(asked.ends).toEqual([{ problem }]);
  });

  it('and cannot be asked, because something of ours fails at it, ends the call', async () => {
    const { leg, upstream } = connected();
    const ends: End[] = [];
    leg.say(messageOf({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: tool }), {
      message: () => {
        throw new RangeError('too deep');
      },
      done: (end) => ends.push(end),
    });
    upstream.last('tools/call').answer(required({ a: elicit() }));
    await settled();
    expect(ends.map(({ problem }) => problem?.code)).toEqual(['internal']);
  });

  it('is asked also when the server says something else after it', () => {
    const { ask, upstream } = connected();
    const asked = ask('tools/call', tool);
    const call = upstream.last('tools/call');
    call.say({ jsonrpc: '2.0', id: asked.id, result: required({ a: elicit() }) });
    call.say({ jsonrpc: '2.0', method: 'notifications/message', params: {} });
    call.end({});
    expect(questionsIn(asked).map(({ method }) => method)).toEqual([
      'notifications/message',
      'elicitation/create',
    ]);
  });
});

describe('a result (T14)', () => {
  it.each([{}, { resultType: 'complete' }])('that is complete is one: %j', (more) => {
    const { ask, upstream } = connected();
    const asked = ask('tools/call', tool);
    const result = { content, structuredContent: { resultType: 'task' }, ...more };
    upstream.last('tools/call').answer(result);
    expect([asked.answer().result, asked.ends]).toEqual([result, [{}]]);
  });

  it.each([
    { resultType: 'task', task: { taskId: 't' } },
    { resultType: 'weird', structuredContent: { resultType: 'complete' } },
    { resultType: null },
    { resultType: 'input_required', inputRequests: { a: { method: 1 } } },
    { resultType: 'input_required', inputRequests: {}, requestState: 7 },
  ])('of a kind that nobody declared is none: %j', (result) => {
    const { ask, upstream } = connected();
    const asked = ask('tools/call', tool);
    upstream.last('tools/call').answer({ content, ...result });
    expect(asked.heard).toEqual([]);
    expect(asked.ends.map(({ problem }) => problem?.code)).toEqual(['bad-answer']);
    expect(upstream.of('tools/call')).toHaveLength(1);
  });
});

describe('what is listened to (F8)', () => {
  const LISTEN = 'subscriptions/listen';
  const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
  const acknowledge = (said: Said, notifications: object = said.json.params.notifications) =>
    said.say({ jsonrpc: '2.0', method: ACKNOWLEDGED, params: { notifications } });
  const wishIn = (said: Said) => said.json.params.notifications;
  const tools = { toolsListChanged: true };

  /** The AI client listens, and the server has agreed. */
  const listening = (discovered: Json = facts) => {
    const stage = connected(discovered);
    stage.notify('notifications/initialized');
    for (const said of stage.upstream.of(LISTEN)) acknowledge(said);
    return {
      ...stage,
      upstream: stage.upstream,
      listens: () => stage.upstream.of(LISTEN),
      subscribe: (uri?: string) => stage.ask('resources/subscribe', { uri }),
      unsubscribe: (uri?: string) => stage.ask('resources/unsubscribe', { uri }),
    };
  };

  it('is what the server tells of, from the moment on where the AI client is ready', () => {
    const { notify, upstream } = connected();
    expect(upstream.of(LISTEN)).toEqual([]);
    expect(notify('notifications/initialized').ends).toEqual([{}]);
    expect(upstream.of('notifications/initialized')).toEqual([]);
    expect(upstream.last(LISTEN).json.params).toEqual({ _meta: clientMeta, notifications: tools });
  });

  it('is nothing where the server tells of nothing', () => {
    expect(listening(silent).listens()).toEqual([]);
  });

  it('reaches the AI client as the server says it, without the acknowledgement', () => {
    const { listens, unasked } = listening();
    const changed = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
    listens()[0]!.say(changed);
    expect(unasked).toEqual([changed]);
  });

  it('grows by a resource that is subscribed to; nothing is missed meanwhile', async () => {
    const { subscribe, listens } = listening();
    const asked = subscribe('a:1');
    const [before, now] = listens();
    expect(wishIn(now!)).toEqual({ ...tools, resourceSubscriptions: ['a:1'] });
    await settled();
    expect([before!.givenUp, asked.ends]).toEqual([false, []]);
    acknowledge(now!);
    await settled();
    expect([before!.givenUp, now!.givenUp]).toEqual([true, false]);
    expect([asked.answer().result, asked.ends]).toEqual([{}, [{}]]);
  });

  it('shrinks by one that is not any more, down to nothing', async () => {
    const { subscribe, unsubscribe, listens } = listening(silent);
    for (const uri of ['a:1', 'a:2']) {
      subscribe(uri);
      acknowledge(listens().at(-1)!);
    }
    const one = unsubscribe('a:1');
    expect(wishIn(listens().at(-1)!)).toEqual({ resourceSubscriptions: ['a:2'] });
    acknowledge(listens().at(-1)!);
    const two = unsubscribe('a:2');
    await settled();
    expect(listens().map(({ givenUp }) => givenUp)).toEqual([true, true, true]);
    expect([one.answer().result, two.answer().result]).toEqual([{}, {}]);
  });

  it('answers two subscriptions at once, also where the server agrees to the later one first', async () => {
    const { subscribe, listens } = listening(silent);
    const [one, two] = [subscribe('a:1'), subscribe('a:2')];
    acknowledge(listens()[1]!);
    await settled();
    expect([one.answer().result, two.answer().result]).toEqual([{}, {}]);
    expect(listens().map(({ givenUp }) => givenUp)).toEqual([true, false]);
  });

  it('answers two subscriptions at once, each with what the server agreed to', async () => {
    const { subscribe, listens } = listening(silent);
    const [one, two] = [subscribe('a:1'), subscribe('a:2')];
    acknowledge(listens()[1]!, { resourceSubscriptions: ['a:2'] });
    await settled();
    expect([one.answer().error.code, two.answer().result]).toEqual([-32602, {}]);
    expect(wishIn(listens().at(-1)!)).toEqual({ resourceSubscriptions: ['a:2'] });
  });

  it.each([{}, { resourceSubscriptions: ['a:0'] }, { resourceSubscriptions: true }, undefined])(
    'has no part in a resource that the server did not agree to: %j',
    async (notifications) => {
      const { subscribe, listens } = listening();
      const asked = subscribe('a:1');
      listens().at(-1)!.say({ jsonrpc: '2.0', method: ACKNOWLEDGED, params: { notifications } });
      await settled();
      expect(asked.answer().error.code).toBe(-32602);
      expect(asked.ends).toEqual([{}]);
      expect(wishIn(listens().at(-1)!)).toEqual(tools);
      subscribe('a:2');
      expect(wishIn(listens().at(-1)!)).toEqual({ ...tools, resourceSubscriptions: ['a:2'] });
    },
  );

  it('has no part in a resource for which the server refuses to listen, in its own words', async () => {
    const { subscribe, listens, clock } = listening();
    const asked = subscribe('a:1');
    listens().at(-1)!.fail({ code: -32601, message: 'never heard of' });
    await settled();
    expect(asked.answer()).toEqual({
      ...{ jsonrpc: '2.0', id: asked.id, error: { code: -32601, message: 'never heard of' } },
    });
    expect(asked.ends).toEqual([{}]);
    expect(listens()[0]!.givenUp).toBe(false);
    expect(wishIn(listens().at(-1)!)).toEqual(tools);
    expect(clock.waits()).toEqual([]);
  });

  it('has no part in a resource where the server could not be asked, and says why', async () => {
    const { subscribe, listens } = listening();
    const asked = subscribe('a:1');
    const end = { problem: new ProblemError('needs-sign-in', 'nobody'), unsent: true as const };
    listens().at(-1)!.end(end);
    await settled();
    expect([asked.heard, asked.ends]).toEqual([[], [end]]);
    expect(wishIn(listens().at(-1)!)).toEqual(tools);
  });

  it('ends a subscription that the server hangs up on without a word', async () => {
    const { subscribe, listens } = listening(silent);
    const asked = subscribe('a:1');
    listens().at(-1)!.end({});
    await settled();
    expect(asked.answer().error.code).toBe(-32602);
  });

  it('says nothing of a subscription that was given up', async () => {
    const { subscribe, listens } = listening(silent);
    const asked = subscribe('a:1');
    asked.giveUp();
    acknowledge(listens()[0]!);
    await settled();
    expect([asked.heard, asked.ends]).toEqual([[], []]);
  });

  it('does not change for a subscription to nothing', () => {
    const { subscribe, unsubscribe, listens } = listening();
    const answers = [subscribe(), unsubscribe()].map((asked) => asked.answer().error.code);
    expect(answers).toEqual([-32602, -32602]);
    expect(listens()).toHaveLength(1);
  });

  it('is listened to again when it breaks, after pauses that grow, and are short once it stood again', async () => {
    const { listens, clock } = listening();
    const pauses: number[] = [];
    for (let tries = 1; tries <= 8; tries += 1) {
      listens().at(-1)!.end({});
      const [wait = 0] = clock.waits();
      pauses.push(wait);
      await clock.advance(wait);
      expect(listens()).toHaveLength(tries + 1);
      expect(wishIn(listens().at(-1)!)).toEqual(tools);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000));
    acknowledge(listens().at(-1)!);
    listens().at(-1)!.end({});
    expect(clock.waits()).toEqual([1000]);
  });

  it('is listened to once more only in the latest of its forms', async () => {
    const { subscribe, listens, clock } = listening();
    const asked = subscribe('a:1');
    const [before, now] = listens();
    before!.end({});
    expect(clock.waits()).toEqual([]);
    acknowledge(now!);
    await settled();
    expect(asked.answer().result).toEqual({});
    now!.end({});
    await clock.advance(60_000);
    expect(listens().slice(2).map(wishIn)).toEqual([{ ...tools, resourceSubscriptions: ['a:1'] }]);
  });

  it('is listened to at once where it changes, and not again when the pause is over', async () => {
    const { subscribe, listens, clock } = listening();
    listens()[0]!.end({});
    expect(clock.waits()).toEqual([1000]);
    subscribe('a:1');
    await clock.advance(60_000);
    expect(listens().map(wishIn)).toEqual([tools, { ...tools, resourceSubscriptions: ['a:1'] }]);
  });

  it('is not asked for again where the server knows no listening', () => {
    const { notify, upstream, clock } = connected();
    notify('notifications/initialized');
    upstream.last(LISTEN).fail({ code: -32601, message: 'what?' });
    expect([upstream.of(LISTEN).length, clock.waits()]).toEqual([1, []]);
  });

  it('is over when the AI client is gone', () => {
    const { leg, listens, upstream, clock } = listening();
    leg.close();
    listens()[0]!.end({});
    expect([upstream.closed, listens()[0]!.givenUp, clock.waits()]).toEqual([true, true, []]);
  });

  it('is over when the AI client goes while nothing is listened to', () => {
    const { leg, listens, clock } = listening();
    listens()[0]!.end({});
    leg.close();
    expect([listens().length, clock.waits()]).toEqual([1, []]);
  });
});
