/** Is an AI client of the modern era served by all servers as by one? */
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { Json, Said, Script } from '../../../doubles/scripted-leg.ts';
import { obliging, resources, type Stage, setStage } from './stage.ts';

const silent = () => undefined;
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

/** Agrees to all that it is asked to tell of. */
const acknowledge = ({ json, say }: Said, notifications = json.params.notifications): void =>
  say({
    jsonrpc: '2.0',
    method: ACKNOWLEDGED,
    params: { _meta: { [SUBSCRIPTION]: json.id }, notifications },
  });
const listening: Script = { 'subscriptions/listen': (said) => acknowledge(said) };
const lists = { toolsListChanged: true, promptsListChanged: true };

/** Something a server tells on its stream. */
const tell = (stage: Stage, server: string, method: string, params: Json = {}): void => {
  const { json, say } = stage.leg(server).last('subscriptions/listen');
  say({ jsonrpc: '2.0', method, params: { ...params, _meta: { [SUBSCRIPTION]: json.id } } });
};

describe('server/discover', () => {
  it('is answered in the name of all, and soon, whoever is slow', async () => {
    const stage = setStage('modern', {
      one: obliging({ instructions: 'Be kind.' }),
      slow: { 'server/discover': silent },
    });
    const asked = stage.ask('server/discover');
    await stage.clock.advance(100);
    expect(asked.answer().result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true }, resources: { subscribe: true } },
      cacheScope: 'private',
      instructions: expect.stringContaining('## ONE: one_\n> Be kind.'),
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'drawbridge', version: '1.2.3' } },
    });
  });

  it('declares of the extensions what can be carried, and no tasks (F6, F12)', async () => {
    const ui = 'io.modelcontextprotocol/ui';
    const stage = setStage('modern', {
      one: obliging({
        capabilities: {
          tasks: {},
          extensions: { [ui]: { mimeTypes: ['x'] }, 'io.modelcontextprotocol/tasks': {}, own: {} },
        },
      }),
    });
    const asked = stage.ask('server/discover');
    await stage.clock.advance(0);
    const { capabilities } = asked.answer().result;
    expect(capabilities.extensions).toEqual({ [ui]: { mimeTypes: ['x'] } });
    expect(capabilities.tasks).toBeUndefined();
  });
});

it.each([
  ['of another version', { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' }, -32022],
  ['without capabilities', { 'io.modelcontextprotocol/clientCapabilities': 7 }, -32602],
])('a request %s is refused (T6, T30)', async (_what, _meta, code) => {
  const stage = setStage('modern', { one: {} });
  const asked = stage.ask('tools/list', { _meta });
  await stage.clock.advance(0);
  expect(asked.answer().error.code).toBe(code);
});

it.each(['initialize', 'ping', 'resources/subscribe', 'logging/setLevel'])(
  '%s is no method of this era',
  async (method) => {
    const stage = setStage('modern', { one: {} });
    const asked = stage.ask(method, { uri: 'test://a' });
    await stage.clock.advance(0);
    expect(asked.answer().error.code).toBe(-32601);
  },
);

describe('a call that asks something first (F1)', () => {
  const round = (message: string): Json => ({
    resultType: 'input_required',
    inputRequests: {
      form: { method: 'elicitation/create', params: { mode: 'form', message } },
      model: { method: 'sampling/createMessage', params: { messages: [], message } },
    },
    requestState: 'sealed "by" the server',
  });

  it('says who asks, and is else as it was', async () => {
    const stage = setStage('modern', { one: {} });
    const asked = stage.ask('tools/call', { name: 'one_t' });
    await stage.clock.advance(0);
    stage.leg('one').last('tools/call').answer(round('Sure?'));
    expect(asked.answer().result).toEqual({
      ...round('Sure?'),
      inputRequests: {
        form: { method: 'elicitation/create', params: { mode: 'form', message: 'ONE: Sure?' } },
        model: { method: 'sampling/createMessage', params: { messages: [], message: 'Sure?' } },
      },
    });
  });

  it('goes on at the server that asked', async () => {
    const stage = setStage('modern', { one: {}, two: {} });
    stage.ask('tools/call', {
      ...{ name: 'two_t', requestState: 'sealed "by" the server' },
      inputResponses: { form: { action: 'accept' } },
    });
    await stage.clock.advance(0);
    expect(stage.leg('two').last('tools/call').json.params).toMatchObject({
      ...{ name: 't', requestState: 'sealed "by" the server' },
      inputResponses: { form: { action: 'accept' } },
    });
    expect(stage.leg('one').of('tools/call')).toHaveLength(0);
  });
});

describe('listening (F8)', () => {
  it('is acknowledged once, first, and under the AI client’s id', async () => {
    const stage = setStage('modern', { one: listening, two: listening });
    const asked = stage.ask('subscriptions/listen', { notifications: lists });
    await stage.clock.advance(0);
    expect(stage.heard).toEqual([
      {
        jsonrpc: '2.0',
        method: ACKNOWLEDGED,
        params: { notifications: lists, _meta: { [SUBSCRIPTION]: asked.id } },
      },
    ]);
  });

  it('waits for a slow server half a second; what others say before that is not heard before it', async () => {
    const stage = setStage('modern', { one: listening, slow: { 'subscriptions/listen': silent } });
    stage.ask('subscriptions/listen', { notifications: lists });
    await stage.clock.advance(0);
    tell(stage, 'one', 'notifications/tools/list_changed');
    await stage.clock.advance(499);
    expect(stage.told()).toEqual([]);
    await stage.clock.advance(1);
    expect(stage.told()).toEqual([ACKNOWLEDGED]);
    acknowledge(stage.leg('slow').last('subscriptions/listen'));
    await stage.clock.advance(25);
    expect(stage.told().slice(1)).toEqual([
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
    ]);
  });

  it('hears what was asked for of any server, and nothing else', async () => {
    const stage = setStage('modern', { one: listening, two: listening });
    const asked = stage.ask('subscriptions/listen', { notifications: { toolsListChanged: true } });
    await stage.clock.advance(0);
    tell(stage, 'two', 'notifications/tools/list_changed');
    tell(stage, 'one', 'notifications/prompts/list_changed');
    await stage.clock.advance(25);
    expect(stage.told()).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed']);
    expect(stage.heard[1].params).toEqual({ _meta: { [SUBSCRIPTION]: asked.id } });
  });

  it('to resources is at the servers that have them, under the URIs that the AI client knows', async () => {
    const stage = setStage('modern', {
      one: { ...listening, ...resources('test://a') },
      two: { ...listening, ...resources('test://a', 'test://b') },
    });
    const uris = ['drawbridge:two:test://a', 'test://b'];
    const wish = { resourceSubscriptions: [...uris, 'drawbridge:none:x'] };
    stage.ask('subscriptions/listen', { notifications: wish });
    await stage.clock.advance(0);
    expect(stage.heard[0].params.notifications).toEqual({ resourceSubscriptions: uris });
    const { notifications } = stage.leg('two').last('subscriptions/listen').json.params;
    expect(notifications).toEqual({ resourceSubscriptions: ['test://a', 'test://b'] });
    tell(stage, 'two', 'notifications/resources/updated', { uri: 'test://a' });
    tell(stage, 'two', 'notifications/resources/updated', { uri: 'test://b' });
    expect(stage.heard.slice(1).map(({ params }) => params.uri)).toEqual(uris);
  });

  it('to a resource that its server does not tell of is not acknowledged', async () => {
    const stage = setStage('modern', {
      one: {
        ...resources('test://a'),
        'subscriptions/listen': (said) => acknowledge(said, {}),
      },
    });
    const wish = { toolsListChanged: true, resourceSubscriptions: ['test://a'] };
    stage.ask('subscriptions/listen', { notifications: wish });
    await stage.clock.advance(0);
    expect(stage.heard[0].params.notifications).toEqual({ toolsListChanged: true });
  });

  it('goes on when a server hangs up, and is taken up there again', async () => {
    const stage = setStage('modern', { one: listening });
    stage.ask('subscriptions/listen', { notifications: lists });
    await stage.clock.advance(0);
    stage.leg('one').last('subscriptions/listen').end({});
    await stage.clock.advance(1_025);
    expect(stage.leg('one').of('subscriptions/listen')).toHaveLength(2);
    expect(stage.told()).toEqual([
      ACKNOWLEDGED,
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
    ]);
  });

  it('to a server that nobody is signed in to begins as soon as somebody is', async () => {
    const problem = new ProblemError('needs-sign-in', 'nobody is signed in');
    let isSignedIn = false;
    const stage = setStage('modern', {
      one: {
        'subscriptions/listen': (said) => {
          if (isSignedIn) acknowledge(said);
          else said.end({ problem });
        },
      },
    });
    stage.ask('subscriptions/listen', { notifications: lists });
    await stage.clock.advance(10_000);
    expect(stage.told()).toEqual([ACKNOWLEDGED]);
    isSignedIn = true;
    stage.usable('one');
    await stage.clock.advance(25);
    expect(stage.told().slice(1)).toContain('notifications/tools/list_changed');
  });

  it('hears when the part of a slow server comes', async () => {
    const stage = setStage('modern', { one: { ...listening, 'tools/list': silent } });
    stage.ask('subscriptions/listen', { notifications: lists });
    stage.ask('tools/list');
    await stage.clock.advance(500);
    stage
      .leg('one')
      .last('tools/list')
      .answer({ tools: [{ name: 'late' }] });
    await stage.clock.advance(25);
    expect(stage.told()).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed']);
  });

  it('that is given up is given up everywhere', async () => {
    const stage = setStage('modern', { one: listening, two: listening });
    const asked = stage.ask('subscriptions/listen', { notifications: lists });
    await stage.clock.advance(0);
    asked.giveUp();
    for (const server of ['one', 'two'])
      expect(stage.leg(server).last('subscriptions/listen').givenUp).toBe(true);
    expect(stage.clock.waits()).toEqual([]);
  });

  it('without a filter is refused', async () => {
    const stage = setStage('modern', { one: listening });
    const asked = stage.ask('subscriptions/listen');
    expect(asked.answer().error.code).toBe(-32602);
  });
});

describe('members', () => {
  it('that come are listened to and told of', async () => {
    const stage = setStage('modern', { one: listening, two: listening });
    stage.members('one');
    stage.ask('subscriptions/listen', { notifications: lists });
    await stage.clock.advance(0);
    stage.members('one', 'two');
    await stage.clock.advance(25);
    expect(stage.leg('two').of('subscriptions/listen')).toHaveLength(1);
    expect(stage.told().slice(1)).toEqual([
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
    ]);
  });

  it('that are removed are told of, and what they were asked ends with that', async () => {
    const stage = setStage('modern', { one: listening, two: listening });
    stage.ask('subscriptions/listen', { notifications: lists });
    const call = stage.ask('tools/call', { name: 'two_t' });
    await stage.clock.advance(0);
    stage.members('one');
    await stage.clock.advance(25);
    expect(stage.leg('two').closed).toBe(true);
    expect(call.answer().result).toMatchObject({ resultType: 'complete', isError: true });
    expect(stage.told()).toContain('notifications/tools/list_changed');
  });

  it('follow the default account from the next request on, and what is under way ends as it began', async () => {
    const stage = setStage('modern', { one: listening, 'one/work': listening });
    stage.ask('subscriptions/listen', { notifications: lists });
    const before = stage.ask('tools/call', { name: 'one_t' });
    await stage.clock.advance(0);

    stage.members('one/work');
    stage.ask('tools/call', { name: 'one_t' });
    await stage.clock.advance(25);

    expect(stage.leg('one').of('tools/call')).toHaveLength(1);
    expect(stage.leg('one/work').of('tools/call')).toHaveLength(1);
    expect(stage.leg('one/work').of('subscriptions/listen')).toHaveLength(1);
    expect(stage.leg('one').closed).toBe(false);
    stage.leg('one').last('tools/call').answer({ done: true });
    expect(before.answer().result).toEqual({ done: true });
    expect(stage.leg('one').closed).toBe(true);
  });

  it('are all closed with the leg, and nothing of it is left', async () => {
    const stage = setStage('modern', { one: listening, two: { 'tools/list': silent } });
    stage.ask('subscriptions/listen', { notifications: lists });
    stage.ask('tools/list');
    stage.ask('server/discover');
    await stage.clock.advance(0);
    stage.close();
    expect([stage.leg('one').closed, stage.leg('two').closed]).toEqual([true, true]);
    expect([stage.clock.waits(), stage.watched()]).toEqual([[], 0]);
  });
});
