/** Does `subscriptions/listen` tell what a legacy server says unasked, and nothing else (F8)? */
import { randomBytes } from 'node:crypto';
import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { modernOverLegacy } from '../../../../broker/bridge/eras/modern-over-legacy.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../../doubles/clock.ts';
import { createScriptedServer, type Script } from '../../../doubles/scripted-leg.ts';
import type { Asked } from './ai-client.ts';
import { createModernAiClient } from './modern-ai-client.ts';

const full = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
};

const begin = (capabilities: unknown = full, script: Script = {}) => {
  const server = createScriptedServer({
    initialize: (said) => said.answer({ protocolVersion: '2025-11-25', capabilities }),
    'resources/subscribe': (said) => said.answer({}),
    'resources/unsubscribe': (said) => said.answer({}),
    ...script,
  });
  const deps = { title: 'Old', clock: createVirtualClock(), stateKey: randomBytes(32) };
  const leg = modernOverLegacy(server.open, deps)(() => undefined);
  const { ask } = createModernAiClient(leg);
  const listen = async (notifications: unknown, id?: string | number): Promise<Asked> => {
    const asked = ask('subscriptions/listen', { notifications }, id === undefined ? {} : { id });
    await settled();
    return asked;
  };
  /** What was done about resources, as `method uri`. */
  const aboutResources = () =>
    server.legs[0]!.said.filter(({ json }) => String(json.method).endsWith('subscribe')).map(
      ({ json }) => `${json.method.slice('resources/'.length)} ${json.params.uri}`,
    );
  return { server, leg, ask, listen, aboutResources };
};

const changed = (list: string, params?: unknown) => ({
  ...{ jsonrpc: '2.0', method: `notifications/${list}/list_changed` },
  ...(params === undefined ? {} : { params }),
});
const updated = (uri: string) => ({
  ...{ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } },
});
const mark = (id: string | number) => ({ 'io.modelcontextprotocol/subscriptionId': id });
const all = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

describe('a listen', () => {
  it('is acknowledged first, under its own id', async () => {
    const { listen } = begin();
    const asked = await listen({ ...all, resourceSubscriptions: ['a:b'] }, 'l-1');
    expect(asked.heard).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: { ...all, resourceSubscriptions: ['a:b'] }, _meta: mark('l-1') },
      },
    ]);
    expect(asked.ends).toEqual([]);
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['what the server cannot do', { tools: {}, prompts: { listChanged: false } }, all, {}],
    [
      'what was not asked for',
      full,
      { toolsListChanged: true, promptsListChanged: false },
      { toolsListChanged: true },
    ],
    ['resources that cannot be watched', { resources: {} }, { resourceSubscriptions: ['a:b'] }, {}],
    ['anything', {}, {}, {}],
    [
      'what nobody knows',
      full,
      { taskIds: ['t'], toolsListChanged: true },
      { toolsListChanged: true },
    ],
  ])('is not promised %s', async (_what, capabilities, wish, honoured) => {
    const { listen, aboutResources } = begin(capabilities);
    const asked = await listen(wish);
    expect(asked.heard[0].params.notifications).toEqual(honoured);
    expect(aboutResources()).toEqual([]);
  });

  it('is not promised a resource that the server refuses', async () => {
    const { listen } = begin(full, {
      'resources/subscribe': (said) =>
        said.json.params.uri === 'a:1'
          ? said.answer({})
          : said.fail({ code: -32002, message: 'no' }),
    });
    const asked = await listen({ resourceSubscriptions: ['a:1', 'a:2'] });
    expect(asked.heard[0].params.notifications).toEqual({ resourceSubscriptions: ['a:1'] });
  });

  it('ends with the problem when the server cannot be asked', async () => {
    const problem = new ProblemError('offline', 'no network');
    const { listen, server } = begin(full, {
      'resources/subscribe': (said) => said.end({ problem }),
    });
    const asked = await listen({ ...all, resourceSubscriptions: ['a:1'] });
    server.legs[0]!.unasked(changed('tools'));
    expect([asked.heard, asked.ends]).toEqual([[], [{ problem }]]);
  });

  it.each([undefined, 7, { toolsListChanged: 'yes' }, { resourceSubscriptions: [1] }])(
    'to %j is invalid',
    async (wish) => {
      const { listen } = begin();
      expect((await listen(wish)).answer().error.code).toBe(-32602);
    },
  );

  it('tells what it was promised, marked as its own, on whatever stream it came', async () => {
    const { listen, server, ask } = begin();
    const asked = await listen({ toolsListChanged: true, resourceSubscriptions: ['a:b'] }, 7);
    const leg = server.legs[0]!;
    const call = ask('tools/call', { name: 't' });
    leg.last('tools/call').say(changed('tools'));
    leg.unasked(changed('tools', { _meta: { 'x/y': 1 }, more: 2 }));
    leg.unasked(changed('prompts'));
    leg.unasked(changed('resources'));
    leg.unasked(updated('a:b'));
    leg.unasked(updated('a:b/c'));
    leg.unasked({ jsonrpc: '2.0', method: 'notifications/vendor' });
    expect(asked.heard.slice(1)).toEqual([
      changed('tools', { _meta: mark(7) }),
      changed('tools', { _meta: { ...mark(7), 'x/y': 1 }, more: 2 }),
      {
        ...updated('a:b'),
        params: { uri: 'a:b', _meta: mark(7) },
      },
    ]);
    expect(call.heard).toEqual([]);
  });

  it('hears nothing before it is acknowledged, and nothing after it was given up', async () => {
    const { listen, server } = begin(full, { 'resources/subscribe': () => undefined });
    const asked = await listen({ ...all, resourceSubscriptions: ['a:b'] });
    const leg = server.legs[0]!;
    leg.unasked(changed('tools'));
    expect(asked.heard).toEqual([]);
    leg.last('resources/subscribe').answer({});
    await settled();
    expect(asked.heard).toHaveLength(1);
    asked.giveUp();
    leg.unasked(changed('tools'));
    expect([asked.heard.length, asked.ends]).toEqual([1, []]);
  });

  it('given up before the server agreed is never acknowledged, and leaves nothing behind', async () => {
    const { listen, server, aboutResources } = begin(full, {
      'resources/subscribe': () => undefined,
    });
    const asked = await listen({ resourceSubscriptions: ['a:b'] });
    asked.giveUp();
    server.legs[0]!.last('resources/subscribe').answer({});
    await settled();
    expect(asked.heard).toEqual([]);
    expect(aboutResources()).toEqual(['subscribe a:b', 'unsubscribe a:b']);
  });

  it('shares what is watched with others, until the last of them goes', async () => {
    const { listen, aboutResources, server } = begin();
    const one = await listen({ resourceSubscriptions: ['a:1', 'a:2', 'a:1'] });
    const two = await listen({ resourceSubscriptions: ['a:2'] });
    expect(aboutResources()).toEqual(['subscribe a:1', 'subscribe a:2']);
    one.giveUp();
    await settled();
    expect(aboutResources().slice(2)).toEqual(['unsubscribe a:1']);
    server.legs[0]!.unasked(updated('a:2'));
    expect([one.heard.length, two.heard.length]).toEqual([1, 2]);
    two.giveUp();
    await settled();
    expect(aboutResources().slice(3)).toEqual(['unsubscribe a:2']);
  });

  it('that follows another at once finds its resources watched', async () => {
    const { listen, server, aboutResources } = begin(full, {
      'resources/unsubscribe': () => undefined,
    });
    (await listen({ resourceSubscriptions: ['a:1'] })).giveUp();
    await settled();
    const next = await listen({ resourceSubscriptions: ['a:1'] });
    expect(next.heard).toEqual([]);
    server.legs[0]!.last('resources/unsubscribe').answer({});
    await settled();
    expect(aboutResources()).toEqual(['subscribe a:1', 'unsubscribe a:1', 'subscribe a:1']);
    expect(next.heard[0].params.notifications).toEqual({ resourceSubscriptions: ['a:1'] });
  });

  it('that follows another in the same moment needs nothing said anew', async () => {
    const { listen, aboutResources } = begin();
    const one = await listen({ resourceSubscriptions: ['a:1'] });
    one.giveUp();
    await listen({ resourceSubscriptions: ['a:1'] });
    expect(aboutResources()).toEqual(['subscribe a:1']);
  });

  it('has no part in a resource that it was refused', async () => {
    let tries = 0;
    const { listen, aboutResources } = begin(full, {
      'resources/subscribe': (said) =>
        (tries += 1) === 1 ? said.fail({ code: -32002, message: 'not yet' }) : said.answer({}),
    });
    await listen({ ...all, resourceSubscriptions: ['a:1'] });
    const two = await listen({ resourceSubscriptions: ['a:1'] });
    two.giveUp();
    await settled();
    expect(aboutResources()).toEqual(['subscribe a:1', 'subscribe a:1', 'unsubscribe a:1']);
  });

  it('hears only its own session, that of its capabilities', async () => {
    const { listen, ask, server } = begin();
    const asked = await listen(all);
    ask('tools/list', {}, { capabilities: {} });
    server.legs[1]!.unasked(changed('tools'));
    expect(asked.heard).toHaveLength(1);
    server.legs[0]!.unasked(changed('tools'));
    expect(asked.heard).toHaveLength(2);
  });

  it('is silent when the AI client is gone', async () => {
    const { listen, leg, server } = begin();
    const asked = await listen(all);
    leg.close();
    server.legs[0]!.unasked(changed('tools'));
    expect([asked.heard.length, asked.ends]).toEqual([1, []]);
  });
});
