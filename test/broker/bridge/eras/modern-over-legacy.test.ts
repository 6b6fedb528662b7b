/** Does a modern AI client get from a legacy server what its own era promises (3.6)? */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { modernOverLegacy } from '../../../../broker/bridge/eras/modern-over-legacy.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../../doubles/clock.ts';
import { createScriptedServer, type Script } from '../../../doubles/scripted-leg.ts';
import { createModernAiClient, everything, metaOf } from './modern-ai-client.ts';

const facts = {
  protocolVersion: '2025-11-25',
  capabilities: {
    logging: {},
    completions: {},
    tools: { listChanged: true },
    prompts: {},
    resources: { subscribe: true, listChanged: true },
    tasks: { list: {} },
    extensions: { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': { a: 1 } },
    experimental: { x: {} },
  },
  serverInfo: { name: 'old', version: '9', title: 'Old' },
  instructions: 'be kind',
};

/** A server that shakes hands and takes what has to be taken; calls wait for the test. */
const begin = (script: Script = {}) => {
  const clock = createVirtualClock();
  const server = createScriptedServer({
    initialize: (said) => said.answer(facts),
    'notifications/initialized': (said) => said.end({}),
    'logging/setLevel': (said) => said.answer({}),
    'resources/subscribe': (said) => said.answer({}),
    'resources/unsubscribe': (said) => said.answer({}),
    ...script,
  });
  const deps = { title: 'Old Server', clock, stateKey: randomBytes(32) };
  const leg = modernOverLegacy(
    server.open,
    deps,
  )(() => {
    throw new Error('the modern era has nothing unasked');
  });
  return { clock, server, leg, deps, ...createModernAiClient(leg) };
};

const tool = { name: 'ask-me', arguments: { a: 1 } };
const form = { message: 'who are you?', requestedSchema: { type: 'object', properties: {} } };
const elicit = (id: number | string, params: unknown = form) => ({
  ...{ jsonrpc: '2.0', id, method: 'elicitation/create', params },
});
const accept = { action: 'accept', content: { name: 'me' } };

describe('the handshake', () => {
  it('says who the AI client is and what it declared, before anything else (F5, F10)', () => {
    const { ask, server } = begin();
    ask('tools/list', {}, { capabilities: { elicitation: {}, roots: { listChanged: true } } });
    const said = server.legs[0]!.said.map(({ json }) => json);
    expect(said.map(({ method }) => method)).toEqual([
      'initialize',
      'notifications/initialized',
      'tools/list',
    ]);
    expect(said[0].params).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: {}, roots: {} },
      clientInfo: { name: 'modern-test', version: '1.2.3' },
    });
  });

  it('declares extensions but no tasks of another era (F6)', () => {
    const { ask, server } = begin();
    const extensions = { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': {} };
    ask('tools/list', {}, { capabilities: { extensions, tasks: {} } });
    expect(server.legs[0]!.last('initialize').json.params.capabilities).toEqual({
      extensions: { 'io.modelcontextprotocol/ui': {} },
    });
  });

  it('is one for all requests with the same capabilities, in whatever order they are written', () => {
    const { ask, server } = begin();
    ask('tools/list', {}, { capabilities: { sampling: {}, elicitation: { form: {}, url: {} } } });
    ask('tools/list', {}, { capabilities: { elicitation: { url: {}, form: {} }, sampling: {} } });
    expect(server.legs).toHaveLength(1);
    ask('tools/list', {}, { capabilities: {} });
    expect(server.legs).toHaveLength(2);
  });

  it('holds up what is asked meanwhile, and only that is given up which was', () => {
    const { ask, server } = begin({ initialize: () => undefined });
    const one = ask('tools/list');
    const two = ask('prompts/list');
    one.giveUp();
    const leg = server.legs[0]!;
    expect(leg.said).toHaveLength(1);
    leg.last('initialize').answer(facts);
    expect(leg.of('tools/list')).toEqual([]);
    leg.last('prompts/list').answer({ prompts: [] });
    expect(two.answer().result.prompts).toEqual([]);
    expect([one.heard, one.ends]).toEqual([[], []]);
  });

  it('that fails ends the request with that problem, and is tried anew by the next', () => {
    const problem = new ProblemError('offline', 'no way');
    let tries = 0;
    const { ask, server } = begin({
      initialize: (said) => ((tries += 1) === 1 ? said.end({ problem }) : said.answer(facts)),
    });
    const first = ask('tools/list');
    expect([first.heard, first.ends]).toEqual([[], [{ problem }]]);
    ask('tools/list');
    expect(server.legs[0]!.of('tools/list')).toHaveLength(1);
  });

  it('that the server refuses is refused in its own words, under the id of the request', () => {
    const { ask } = begin({ initialize: (said) => said.fail({ code: -32001, message: 'full' }) });
    const asked = ask('tools/list');
    expect(asked.answer().error).toEqual({ code: -32001, message: 'full' });
    expect(asked.ends).toEqual([{}]);
  });

  it('of a server that does not say what it can do is a problem', () => {
    const { ask } = begin({ initialize: (said) => said.answer({ protocolVersion: 1 }) });
    expect(ask('tools/list').ends[0]?.problem?.code).toBe('bad-answer');
  });
});

describe('sessions by capabilities', () => {
  const some = (n: number) => ({ capabilities: { experimental: { n } } });

  it('are four at most: the one unused for longest goes, an idle one first', () => {
    const { ask, server } = begin();
    const busy = ask('tools/list', {}, some(0));
    for (const n of [1, 2, 3]) {
      ask('tools/list', {}, some(n));
      server.legs[n]!.last('tools/list').answer({ tools: [] });
    }
    ask('tools/list', {}, some(4));
    expect(server.legs.map(({ closed }) => closed)).toEqual([false, true, false, false, false]);
    server.legs[0]!.last('tools/list').answer({ tools: [] });
    expect(busy.answer().result.tools).toEqual([]);
  });

  it('are kept the longer the later they were used', () => {
    const { ask, server } = begin({ 'tools/list': (said) => said.answer({ tools: [] }) });
    for (const n of [0, 1, 2, 3, 0, 4]) ask('tools/list', {}, some(n));
    expect(server.legs.map(({ closed }) => closed)).toEqual([false, true, false, false, false]);
  });

  it('end what still waits for the handshake, and what is held', async () => {
    const { ask, server, clock } = begin({ 'logging/setLevel': () => undefined });
    const meta = { 'io.modelcontextprotocol/logLevel': 'info' };
    const capabilities = { ...some(0).capabilities, roots: {} };
    ask('tools/call', tool, { capabilities });
    server.legs[0]!.last('tools/call').say({ jsonrpc: '2.0', id: 1, method: 'roots/list' });
    await clock.advance(10);
    const waits = ask('tools/list', {}, { capabilities, meta });
    for (const n of [1, 2, 3, 4]) ask('tools/list', {}, some(n));
    expect(waits.ends[0]?.problem?.code).toBe('server-trouble');
    expect(clock.waits()).toEqual([]);
    server.legs[0]!.last('logging/setLevel').answer({});
    expect(server.legs[0]!.of('tools/list')).toEqual([]);
  });

  it('end what is under way when all are busy, and say so', () => {
    const { ask, server } = begin();
    const listen = ask('subscriptions/listen', { notifications: {} }, some(0));
    const asked = [0, 1, 2, 3, 4].map((n) => ask('tools/list', {}, some(n)));
    expect(server.legs[0]!.closed).toBe(true);
    expect(asked[0]!.ends[0]?.problem?.code).toBe('server-trouble');
    expect(asked[1]!.ends).toEqual([]);
    return expect.poll(() => listen.answer()?.result.resultType).toBe('complete');
  });
});

describe('server/discover', () => {
  it('is answered from the handshake, without the tasks of another era (F6)', () => {
    const { ask, server } = begin();
    const asked = ask('server/discover');
    expect(asked.answer().result).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {
        logging: {},
        completions: {},
        tools: { listChanged: true },
        prompts: {},
        resources: { subscribe: true, listChanged: true },
        extensions: { 'io.modelcontextprotocol/ui': { a: 1 } },
        experimental: { x: {} },
      },
      instructions: 'be kind',
      _meta: {
        'io.modelcontextprotocol/serverInfo': { name: 'old', version: '9', title: 'Old' },
      },
      ttlMs: 0,
      cacheScope: 'private',
    });
    expect(asked.ends).toEqual([{}]);
    expect(server.legs[0]!.of('server/discover')).toEqual([]);
  });
});

describe('a request', () => {
  it('reaches the server with an id of the bridge and without what only the modern era says (T13)', () => {
    const { ask, server } = begin();
    ask(
      'tools/call',
      { ...tool, inputResponses: { a: {} } },
      { id: 'mine', meta: { traceparent: '00-1', 'x/y': [1], progressToken: 'p' } },
    );
    const { json, envelope } = server.legs[0]!.last('tools/call');
    expect(json).toEqual({
      jsonrpc: '2.0',
      id: json.id,
      method: 'tools/call',
      params: { ...tool, _meta: { traceparent: '00-1', 'x/y': [1], progressToken: json.id } },
    });
    expect(json.id).not.toBe('mine');
    expect([envelope.id, envelope.params?.name]).toEqual([json.id, 'ask-me']);
    expect(envelope.params?._meta).toBeUndefined();
  });

  it('has no progress token where the AI client gave none that could be one', () => {
    const { ask, server } = begin();
    ask('tools/call', tool, { meta: { progressToken: { a: 1 } } });
    expect(server.legs[0]!.last('tools/call').json.params).toEqual(tool);
  });

  it('keeps numbers that a double cannot hold, and methods nobody knows', () => {
    const { say, server } = begin();
    const meta = JSON.stringify(metaOf({})).slice(0, -1);
    say(
      `{"jsonrpc":"2.0","id":1,"method":"vendor/x","params":{"n":12345678901234567890,"_meta":${meta},"b":1.50}}}`,
    );
    const { text } = server.legs[0]!.last('vendor/x');
    expect(text).toContain('"n":12345678901234567890');
    expect(text).toContain('"_meta":{"b":1.50}');
  });

  it.each([
    ['another version', { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' }, -32022],
    ['no capabilities', { 'io.modelcontextprotocol/clientCapabilities': undefined }, -32602],
    ['no version', { 'io.modelcontextprotocol/protocolVersion': undefined }, -32602],
    ['capabilities that are none', { 'io.modelcontextprotocol/clientCapabilities': 1 }, -32602],
    ['a level that is none', { 'io.modelcontextprotocol/logLevel': 'loud' }, -32602],
  ])('with %s is refused before the server hears of it (T6, T30)', (_what, meta, code) => {
    const { ask, server } = begin();
    const asked = ask('tools/list', {}, { meta });
    expect(asked.answer().error.code).toBe(code);
    expect(asked.ends).toEqual([{ status: 400 }]);
    expect(server.legs).toEqual([]);
  });

  it('with another version is told which ones there are (T6)', () => {
    const { ask } = begin();
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' };
    expect(ask('tools/list', {}, { meta }).answer().error.data).toEqual({
      supported: ['2026-07-28'],
      requested: '2027-01-01',
    });
  });

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'tasks/get'])(
    'of the legacy era alone is unknown: %s (F6)',
    (method) => {
      const { ask, server } = begin();
      expect(ask(method).answer().error.code).toBe(-32601);
      expect(server.legs).toEqual([]);
    },
  );

  it('that has no answer ends with the problem of the legacy leg', () => {
    const { ask, server } = begin();
    const asked = ask('tools/call', tool);
    const problem = new ProblemError('needs-sign-in', 'nobody is signed in');
    server.legs[0]!.last('tools/call').end({ problem, status: 0 });
    expect([asked.heard, asked.ends]).toEqual([[], [{ problem, status: 0 }]]);
  });

  it('that is given up is cancelled at the server, and nothing more is heard of it (T18, T24)', () => {
    const { ask, server } = begin();
    const asked = ask('tools/call', tool);
    asked.giveUp();
    const leg = server.legs[0]!;
    const call = leg.last('tools/call');
    expect(leg.last('notifications/cancelled').json.params).toEqual({ requestId: call.json.id });
    expect(call.givenUp).toBe(true);
    call.answer({ content: [] });
    expect([asked.heard, asked.ends]).toEqual([[], []]);
  });

  it('given up after its answer is not cancelled', () => {
    const { ask, server } = begin();
    const asked = ask('tools/list');
    server.legs[0]!.last('tools/list').answer({ tools: [] });
    asked.giveUp();
    expect(server.legs[0]!.of('notifications/cancelled')).toEqual([]);
  });
});

describe('a notification', () => {
  it('of a vendor reaches the session used last, without what only the modern era says', () => {
    const { ask, say, server } = begin();
    ask('tools/list');
    say(
      JSON.stringify({
        ...{ jsonrpc: '2.0', method: 'notifications/vendor' },
        params: { a: 1, _meta: metaOf({}) },
      }),
    );
    expect(server.legs[0]!.last('notifications/vendor').json.params).toEqual({ a: 1 });
  });

  it('that cancels is not passed on: ids are not the same at the server', () => {
    const { ask, say, server } = begin();
    ask('tools/list');
    say('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}');
    expect(server.legs[0]!.of('notifications/cancelled')).toEqual([]);
  });
});

describe('an answer', () => {
  it.each([
    ['tools/list', true],
    ['prompts/list', true],
    ['resources/list', true],
    ['resources/templates/list', true],
    ['resources/read', true],
    ['tools/call', false],
    ['prompts/get', false],
    ['completion/complete', false],
    ['vendor/x', false],
  ])('to %s is complete, and %s to say how long it holds (T14)', (method, cached) => {
    const { ask, server } = begin();
    const asked = ask(method);
    server.legs[0]!.last(method).answer({ a: 1 });
    expect(asked.answer().result).toEqual({
      ...{ resultType: 'complete', a: 1 },
      ...(cached ? { ttlMs: 0, cacheScope: 'private' } : {}),
    });
    expect(asked.ends).toEqual([{}]);
  });

  it('keeps every byte but the id and what is put in front', () => {
    const { ask, server } = begin();
    const asked = ask('tools/call', tool, { id: 'mine' });
    const call = server.legs[0]!.last('tools/call');
    call.say(
      `{ "result" : {\n"n":12345678901234567890, "s":"\\u00e9 \\"id\\":1", "resultTyp":1.0 } ,"id": ${call.json.id} ,"jsonrpc":"2.0"}`,
    );
    expect(asked.texts).toEqual([
      '{ "result" : {"resultType":"complete",\n"n":12345678901234567890, "s":"\\u00e9 \\"id\\":1", "resultTyp":1.0 } ,"id": "mine" ,"jsonrpc":"2.0"}',
    ]);
  });

  it('with an empty result stays JSON, and keeps what is there already', () => {
    const { ask, server } = begin();
    const [one, two] = [ask('tools/list'), ask('tools/list')];
    const [first, second] = server.legs[0]!.of('tools/list');
    first!.say(`{"jsonrpc":"2.0","id":${first!.json.id},"result":{ }}`);
    second!.answer({ ttlMs: 5, resultType: 'complete' });
    expect(one.answer().result).toEqual({
      resultType: 'complete',
      ttlMs: 0,
      cacheScope: 'private',
    });
    expect(two.texts[0]).toContain(
      '"result":{"cacheScope":"private","ttlMs":5,"resultType":"complete"}',
    );
  });

  it('of fifty megabytes passes without being built', () => {
    const { ask, server } = begin();
    const asked = ask('resources/read', { uri: 'a:b' });
    const text = 'x"{,\\'.repeat(10_000_000);
    const call = server.legs[0]!.last('resources/read');
    const json = `{"jsonrpc":"2.0","id":${call.json.id},"result":{"contents":[{"text":${JSON.stringify(text)}}]}}`;
    call.say(json);
    expect(asked.texts[0]?.length).toBeGreaterThan(json.length);
    expect(asked.answer().result.contents[0].text === text).toBe(true);
  });

  it.each([
    [-32002, -32602],
    [-32601, -32601],
    [-32602, -32602],
    [-32000, -32000],
    [-32042, -32603],
    [-32050, -32603],
    [-32022, -32603],
    [7, 7],
  ])('with error %i is one with %i, all else as it is (T32)', (code, expected) => {
    const { ask, server } = begin();
    const asked = ask('tools/list');
    server.legs[0]!.last('tools/list').fail({ code, message: 'no', data: { code: 1 } });
    expect(asked.answer().error).toEqual({ code: expected, message: 'no', data: { code: 1 } });
  });

  it('that came on another stream is taken all the same', () => {
    const { ask, server } = begin();
    const asked = ask('tools/list');
    const { id } = server.legs[0]!.last('tools/list').json;
    server.legs[0]!.unasked({ jsonrpc: '2.0', id, result: { tools: [] } });
    expect(asked.answer().result.tools).toEqual([]);
  });

  it('of each of many at once is its own, whatever ids they use (F7)', () => {
    const { ask, server } = begin();
    const asked = ['same', 'same', 'same'].map((id, n) => ask('tools/call', { n }, { id }));
    const calls = server.legs[0]!.of('tools/call');
    expect(new Set(calls.map(({ json }) => json.id)).size).toBe(3);
    for (const call of calls.toReversed()) call.answer({ n: call.json.params.n });
    expect(asked.map(({ answer }) => answer().result.n)).toEqual([0, 1, 2]);
  });
});

describe('pages that a person has to open first (F2)', () => {
  const urlNeeded = {
    code: -32042,
    message: 'go there',
    data: {
      elicitations: [
        { mode: 'url', url: 'https://x.test/', message: 'log in', elicitationId: 'e' },
      ],
    },
  };

  it('are asked for in the result, and the retry is a call of its own', () => {
    const { ask, server } = begin();
    const asked = ask('tools/call', tool);
    server.legs[0]!.last('tools/call').fail(urlNeeded);
    expect(asked.answer().result).toEqual({
      resultType: 'input_required',
      inputRequests: {
        'page-1': {
          method: 'elicitation/create',
          params: { mode: 'url', url: 'https://x.test/', message: 'log in' },
        },
      },
    });
    const again = ask('tools/call', { ...tool, inputResponses: { 'page-1': accept } });
    const calls = server.legs[0]!.of('tools/call');
    expect(calls[1]!.json.params).toEqual(tool);
    calls[1]!.answer({ content: [] });
    expect(again.answer().result.resultType).toBe('complete');
  });

  it('are an error where the AI client cannot open any (F5)', () => {
    const { ask, server } = begin();
    const asked = ask('tools/call', tool, { capabilities: { elicitation: {} } });
    server.legs[0]!.last('tools/call').fail(urlNeeded);
    expect(asked.answer().error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { elicitation: { url: {} } } },
    });
  });
});

describe('progress', () => {
  const progress = (progressToken: unknown, n: number) => ({
    ...{ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: n } },
  });

  it('reaches the request it belongs to under its own token, on whatever stream it comes (F7)', () => {
    const { ask, server } = begin();
    const [one, two] = ['x', 'x'].map((progressToken) =>
      ask('tools/call', tool, { meta: { progressToken } }),
    );
    const leg = server.legs[0]!;
    const [first, second] = leg.of('tools/call');
    first!.say(progress(second!.json.params._meta.progressToken, 1));
    leg.unasked(progress(first!.json.params._meta.progressToken, 2));
    expect(one!.heard).toEqual([progress('x', 2)]);
    expect(two!.heard).toEqual([progress('x', 1)]);
  });

  it('that nobody asked for, or nobody hears, is dropped', async () => {
    const { ask, server, clock } = begin();
    const asked = ask('tools/call', tool);
    const call = server.legs[0]!.last('tools/call');
    call.say(progress(call.json.id, 1));
    call.say(progress('unknown', 1));
    call.say(elicit(1));
    await clock.advance(10);
    call.say(progress(call.json.id, 2));
    expect(asked.heard).toHaveLength(1);
  });
});

describe('the log of the server', () => {
  const log = (level: string) => ({
    ...{ jsonrpc: '2.0', method: 'notifications/message', params: { level, data: level } },
  });
  const at = (level: string) => ({ meta: { 'io.modelcontextprotocol/logLevel': level } });

  it('is set to the level a request wants before the request, and not again', () => {
    const { ask, server } = begin();
    for (const level of ['info', 'info', 'error']) ask('tools/list', {}, at(level));
    ask('tools/list');
    expect(
      server.legs[0]!.said.slice(2).map(({ json }) => json.params?.level ?? json.method),
    ).toEqual([...['info', 'tools/list', 'tools/list', 'error', 'tools/list', 'tools/list']]);
  });

  it('waits for the server to have taken the level, unless given up meanwhile', () => {
    const { ask, server } = begin({ 'logging/setLevel': () => undefined });
    ask('tools/list', {}, at('info'));
    ask('prompts/list', {}, at('info')).giveUp();
    const leg = server.legs[0]!;
    expect(leg.of('tools/list')).toEqual([]);
    for (const said of leg.of('logging/setLevel')) said.answer({});
    expect([leg.of('tools/list').length, leg.of('prompts/list').length]).toEqual([1, 0]);
  });

  it('is at the level of the retry before the held call goes on, unless given up meanwhile', async () => {
    const { ask, retry, server, clock } = begin({ 'logging/setLevel': () => undefined });
    const asked = [ask('tools/call', tool), ask('tools/call', tool)];
    const leg = server.legs[0]!;
    leg.of('tools/call').forEach((call, n) => call.say(elicit(n)));
    await clock.advance(10);
    const [one, two] = asked.map((each) =>
      retry(each, 'tools/call', tool, { 'ask-1': accept }, at('info')),
    );
    two!.giveUp();
    expect(leg.replyTo(0)).toBeUndefined();
    for (const said of leg.of('logging/setLevel')) said.answer({});
    expect(leg.replyTo(0).result).toEqual(accept);
    expect(leg.replyTo(1).result).toBeUndefined();
    leg.of('tools/call')[0]!.say(log('info'));
    expect(one!.heard).toEqual([log('info')]);
  });

  it('is left alone where the server has none', () => {
    const { ask, server } = begin({
      initialize: (said) => said.answer({ ...facts, capabilities: {} }),
    });
    ask('tools/list', {}, at('info'));
    expect(server.legs[0]!.of('logging/setLevel')).toEqual([]);
    expect(server.legs[0]!.of('tools/list')).toHaveLength(1);
  });

  it('reaches only requests that asked for it, at their level', () => {
    const { ask, server } = begin();
    const [quiet, loud] = [ask('tools/call', tool), ask('tools/call', tool, at('warning'))];
    const [first, second] = server.legs[0]!.of('tools/call');
    first!.say(log('error'));
    for (const level of ['debug', 'notice', 'warning', 'emergency']) second!.say(log(level));
    expect(quiet.heard).toEqual([]);
    expect(loud.heard.map(({ params }) => params.level)).toEqual(['warning', 'emergency']);
  });

  it('that comes unasked reaches the latest request that asked for it, and nobody after that', () => {
    const { ask, server } = begin();
    const leg = () => server.legs[0]!;
    const [one, two, three] = [
      ask('tools/call', tool, at('debug')),
      ask('tools/call', tool, at('debug')),
      ask('tools/call', tool),
    ];
    leg().unasked(log('info'));
    expect([one, two, three].map(({ heard }) => heard.length)).toEqual([0, 1, 0]);
    for (const call of leg().of('tools/call')) call.answer({});
    leg().unasked(log('info'));
    expect([one, two, three].map(({ heard }) => heard.length)).toEqual([1, 2, 1]);
  });
});

describe('a notification of the server', () => {
  it('on the stream of a call passes if nobody knows it, and not if it is of the other era', () => {
    const { ask, server } = begin();
    const asked = ask('tools/call', tool);
    const call = server.legs[0]!.last('tools/call');
    const known = { jsonrpc: '2.0', method: 'notifications/vendor', params: { a: 1 } };
    for (const method of [
      'notifications/tools/list_changed',
      'notifications/resources/updated',
      'notifications/elicitation/complete',
      'notifications/tasks/status',
      'constructor',
    ]) {
      call.say({ jsonrpc: '2.0', method, params: {} });
    }
    call.say(known);
    server.legs[0]!.unasked(known);
    expect(asked.heard).toEqual([{ jsonrpc: '2.0', method: 'constructor', params: {} }, known]);
  });
});

describe('what the server asks', () => {
  it('ends the request with the question, and the retry brings the answer to the call that was held', async () => {
    const { ask, retry, server, clock } = begin();
    const leg = () => server.legs[0]!;
    const asked = ask('tools/call', tool, { meta: { progressToken: 'p' } });
    const call = leg().last('tools/call');
    call.say(elicit('q'));
    await clock.advance(10);
    expect(asked.answer().result).toEqual({
      resultType: 'input_required',
      inputRequests: { 'ask-1': { method: 'elicitation/create', params: form } },
      requestState: expect.stringMatching(/^[\w-]+$/),
    });
    expect([asked.ends, call.givenUp]).toEqual([[{}], false]);

    const again = retry(asked, 'tools/call', tool, { 'ask-1': accept, novel: {} }, { id: 'two' });
    expect(leg().replyTo('q')).toEqual({ jsonrpc: '2.0', id: 'q', result: accept });
    expect(leg().of('tools/call')).toHaveLength(1);
    call.answer({ content: [] });
    expect(again.answer()).toEqual({
      jsonrpc: '2.0',
      id: 'two',
      result: { resultType: 'complete', content: [] },
    });
    expect(again.ends).toEqual([{}]);
    expect(clock.waits()).toEqual([]);
  });

  it('passes on as it came, and so does its answer', async () => {
    const { ask, say, server, clock } = begin();
    const asked = ask('tools/call', { name: 't' });
    server.legs[0]!.last('tools/call').say(
      '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"n":1.50}}',
    );
    await clock.advance(10);
    expect(asked.texts[0]).toContain('"params":{"n":1.50}');
    const { requestState } = asked.answer().result;
    say(
      `{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"t","requestState":"${requestState}","inputResponses":{"ask-1":{"x": 12345678901234567890}},"_meta":${JSON.stringify(metaOf(everything))}}}`,
    );
    expect(server.legs[0]!.said.at(-1)?.text).toBe(
      '{"jsonrpc":"2.0","id":1,"result":{"x": 12345678901234567890}}',
    );
  });

  it('at once is put together, and later in the next round', async () => {
    const { ask, retry, server, clock } = begin();
    const asked = ask('prompts/get', { name: 'p' });
    const call = server.legs[0]!.last('prompts/get');
    call.say(elicit(1));
    call.say({ jsonrpc: '2.0', id: 2, method: 'roots/list' });
    await clock.advance(10);
    expect(asked.answer().result.inputRequests).toEqual({
      'ask-1': { method: 'elicitation/create', params: form },
      'ask-2': { method: 'roots/list' },
    });
    const second = retry(
      asked,
      'prompts/get',
      { name: 'p' },
      { 'ask-1': accept, 'ask-2': { roots: [] } },
    );
    call.say(elicit(3));
    await clock.advance(10);
    expect(Object.keys(second.answer().result.inputRequests)).toEqual(['ask-3']);
    const third = retry(second, 'prompts/get', { name: 'p' }, { 'ask-3': accept });
    call.answer({ messages: [] });
    expect(third.answer().result.messages).toEqual([]);
  });

  it('and what was not answered is asked again', async () => {
    const { ask, retry, server, clock } = begin();
    const asked = ask('tools/call', tool);
    const call = server.legs[0]!.last('tools/call');
    call.say(elicit(1));
    call.say(elicit(2));
    await clock.advance(10);
    const second = retry(asked, 'tools/call', tool, { 'ask-2': accept });
    expect(second.answer().result.inputRequests).toEqual({
      'ask-1': { method: 'elicitation/create', params: form },
    });
    expect(server.legs[0]!.replyTo(2).result).toEqual(accept);
    expect(server.legs[0]!.replyTo(1)).toBeUndefined();
    const third = retry(second, 'tools/call', tool, { 'ask-1': accept });
    call.answer({ content: [] });
    expect(third.answer().result.resultType).toBe('complete');
  });

  it('and then does not need any more is not asked', async () => {
    const { ask, server, clock } = begin();
    const [one, two] = [ask('tools/call', tool), ask('tools/call', tool)];
    const [first, second] = server.legs[0]!.of('tools/call');
    first!.say(elicit(1));
    first!.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    second!.say(elicit(2));
    second!.answer({ content: [] });
    await clock.advance(10);
    expect(one.heard).toEqual([]);
    expect(two.answer().result.resultType).toBe('complete');
    expect(clock.waits()).toEqual([]);
  });

  it('answered or ended while nobody hears waits for the retry', async () => {
    const { ask, retry, server, clock } = begin();
    const [one, two] = [ask('tools/call', tool), ask('tools/call', tool)];
    const calls = server.legs[0]!.of('tools/call');
    calls.forEach((call, n) => call.say(elicit(n)));
    await clock.advance(10);
    calls[0]!.answer({ content: [1] });
    const problem = new ProblemError('server-trouble', 'cut off');
    calls[1]!.end({ problem });
    const again = retry(one, 'tools/call', tool, { 'ask-1': accept });
    expect(again.answer().result.content).toEqual([1]);
    // The server has asked no more since it answered.
    expect(server.legs[0]!.replyTo(0)).toBeUndefined();
    expect(retry(two, 'tools/call', tool, {}).ends).toEqual([{ problem }]);
  });

  it('unasked belongs to the call said last that may be asked, one that is heard if there is any', async () => {
    const { ask, server, clock } = begin();
    const leg = () => server.legs[0]!;
    const one = ask('tools/call', tool);
    const two = ask('resources/read', { uri: 'a:b' });
    ask('tools/list');
    leg().unasked(elicit(1));
    await clock.advance(10);
    expect(two.answer().result.resultType).toBe('input_required');
    leg().unasked(elicit(2));
    await clock.advance(10);
    expect(one.answer().result.inputRequests).toEqual({
      'ask-1': { method: 'elicitation/create', params: form },
    });
  });

  it('on the stream of a request that may not be asked belongs to the latest that may', async () => {
    const { ask, server, clock } = begin();
    const [asked, list] = [ask('tools/call', tool), ask('tools/list')];
    server.legs[0]!.last('tools/list').say(elicit(1));
    await clock.advance(10);
    expect(asked.answer().result.resultType).toBe('input_required');
    expect(list.heard).toEqual([]);
  });

  it('with nothing open, or of a kind nobody knows, is answered with an error', () => {
    const { ask, server } = begin();
    ask('tools/list').giveUp();
    const leg = server.legs[0]!;
    leg.unasked(elicit(1));
    leg.unasked({ jsonrpc: '2.0', id: 2, method: 'vendor/x' });
    leg.unasked({ jsonrpc: '2.0', id: 'p', method: 'ping' });
    expect(leg.replyTo(1).error.code).toBe(-32603);
    expect(leg.replyTo(2).error.code).toBe(-32601);
    expect(leg.replyTo('p').result).toEqual({});
  });

  const page = { mode: 'url', message: 'm', url: 'https://x.test/', elicitationId: 'e' };
  it.each([
    ['no elicitation at all', {}, elicit(1), -32601],
    ['pages but no forms', { elicitation: { url: {} } }, elicit(1), -32602],
    ['forms but no pages', { elicitation: {} }, elicit(1, page), -32602],
    [
      'sampling without tools',
      { sampling: {} },
      { jsonrpc: '2.0', id: 1, method: 'sampling/createMessage', params: { tools: [] } },
      -32602,
    ],
    ['no roots', {}, { jsonrpc: '2.0', id: 1, method: 'roots/list' }, -32601],
  ])(
    'of an AI client with %s is refused for it (F5)',
    async (_what, capabilities, question, code) => {
      const { ask, server, clock } = begin();
      const asked = ask('tools/call', tool, { capabilities });
      server.legs[0]!.last('tools/call').say(question);
      await clock.advance(10);
      expect(server.legs[0]!.replyTo(1).error.code).toBe(code);
      expect(asked.heard).toEqual([]);
    },
  );

  it('of an AI client that no longer declares it is refused in the round that would ask', async () => {
    const { ask, retry, server, clock } = begin();
    const asked = ask('tools/call', tool);
    const call = server.legs[0]!.last('tools/call');
    call.say(elicit(1));
    await clock.advance(10);
    const again = retry(asked, 'tools/call', tool, {}, { capabilities: {} });
    expect(server.legs[0]!.replyTo(1).error.code).toBe(-32601);
    call.answer({ content: [] });
    expect(again.answer().result.content).toEqual([]);
  });

  it('beyond 32 at once, or after its own end, is answered with an error', async () => {
    const { ask, server, clock } = begin();
    const asked = ask('tools/call', tool);
    const leg = server.legs[0]!;
    const call = leg.last('tools/call');
    for (let n = 0; n < 33; n += 1) call.say(elicit(n));
    await clock.advance(10);
    expect(Object.keys(asked.answer().result.inputRequests)).toHaveLength(32);
    expect(leg.replyTo(31)).toBeUndefined();
    expect(leg.replyTo(32).error.code).toBe(-32603);
    const gone = ask('tools/call', tool);
    gone.giveUp();
    leg.last('tools/call').say(elicit('late'));
    expect(leg.replyTo('late').error.code).toBe(-32603);
  });

  it('about a page has no id of its own in the modern era (F2)', async () => {
    const { ask, server, clock } = begin();
    const asked = ask('tools/call', tool);
    server.legs[0]!.last('tools/call').say(elicit(1, page));
    await clock.advance(10);
    const { elicitationId: _id, ...rest } = page;
    expect(asked.answer().result.inputRequests['ask-1'].params).toEqual(rest);
  });
});

describe('a held call', () => {
  const hold = async (asked = begin()) => {
    const first = asked.ask('tools/call', tool);
    const call = asked.server.legs[0]!.last('tools/call');
    call.say(elicit('q'));
    await asked.clock.advance(10);
    return { ...asked, first, call, state: first.answer().result.requestState as string };
  };

  it.each<[string, (state: string) => unknown, object]>([
    ['changed', (state) => state.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')), tool],
    ['cut short', (state) => state.slice(0, -4), tool],
    ['spelt otherwise', (state) => `${state}=`, tool],
    ['no text', () => 7, tool],
    ['far too long', (state) => state + 'A'.repeat(10_000), tool],
    ['for other arguments', (state) => state, { ...tool, arguments: { a: 2 } }],
    ['for another tool', (state) => state, { ...tool, name: 'other' }],
  ])(
    'is not found by a requestState that is %s, and not lost either (F1)',
    async (_what, change, params) => {
      const { ask, call, first, state, retry, server } = await hold();
      const wrong = ask('tools/call', {
        ...params,
        requestState: change(state),
        inputResponses: { 'ask-1': accept },
      });
      expect(wrong.answer().error).toMatchObject({
        code: -32602,
        message: expect.stringMatching('requestState'),
      });
      expect(server.legs[0]!.replyTo('q')).toBeUndefined();
      const right = retry(first, 'tools/call', tool, { 'ask-1': accept });
      call.answer({ content: [] });
      expect(right.answer().result.resultType).toBe('complete');
    },
  );

  it('is found by the same arguments in another order, and not by another method', async () => {
    const { ask, state, server } = await hold();
    const other = ask('prompts/get', { ...tool, requestState: state });
    expect(other.answer().error.code).toBe(-32602);
    const { arguments: given, name } = tool;
    ask('tools/call', {
      arguments: given,
      name,
      inputResponses: { 'ask-1': accept },
      requestState: state,
    });
    expect(server.legs[0]!.replyTo('q').result).toEqual(accept);
  });

  it('goes on once with each requestState', async () => {
    const { ask, first, retry, state, call, clock } = await hold();
    const again = retry(first, 'tools/call', tool, { 'ask-1': accept });
    const replayed = ask('tools/call', { ...tool, requestState: state });
    expect(replayed.answer().error).toMatchObject({
      code: -32602,
      message: expect.stringMatching('waits no longer'),
    });
    call.say(elicit('r'));
    await clock.advance(10);
    expect(ask('tools/call', { ...tool, requestState: state }).answer().error.code).toBe(-32602);
    retry(again, 'tools/call', tool, { 'ask-2': accept });
    call.answer({ content: [] });
  });

  it('is not that of another AI client, though the seal is the same', async () => {
    const { server, deps, state } = await hold();
    const other = createModernAiClient(modernOverLegacy(server.open, deps)(() => undefined));
    expect(other.ask('tools/call', { ...tool, requestState: state }).answer().error.code).toBe(
      -32602,
    );
  });

  it('keeps waiting when what comes is no answer at all', async () => {
    const { ask, first, retry, state, server } = await hold();
    for (const inputResponses of [7, [], { 'ask-1': 'yes' }]) {
      const wrong = ask('tools/call', { ...tool, requestState: state, inputResponses });
      expect(wrong.answer().error).toMatchObject({
        code: -32602,
        message: expect.stringMatching('inputResponses'),
      });
    }
    retry(first, 'tools/call', tool, { 'ask-1': accept });
    expect(server.legs[0]!.replyTo('q').result).toEqual(accept);
  });

  it('is cancelled after ten minutes, and its requestState has expired', async () => {
    const { ask, state, call, clock, server } = await hold();
    await clock.advance(10 * 60_000 - 1);
    expect(call.givenUp).toBe(false);
    await clock.advance(1);
    const leg = server.legs[0]!;
    expect(call.givenUp).toBe(true);
    expect(leg.last('notifications/cancelled').json.params).toEqual({ requestId: call.json.id });
    expect(leg.replyTo('q').error.code).toBe(-32603);
    expect(ask('tools/call', { ...tool, requestState: state }).answer().error).toMatchObject({
      code: -32602,
      message: expect.stringMatching('expired'),
    });
    expect(clock.waits()).toEqual([]);
  });

  it('is given up by who gives up its retry, not by who gives up the round before', async () => {
    const { first, retry, call } = await hold();
    first.giveUp();
    expect(call.givenUp).toBe(false);
    retry(first, 'tools/call', tool, { 'ask-1': accept }).giveUp();
    expect(call.givenUp).toBe(true);
  });

  it('is one of 64 at most: the oldest is cancelled for the next', async () => {
    const all = begin();
    const { ask, server, clock, retry } = all;
    const asked = Array.from({ length: 65 }, (_each, n) => ask('tools/call', { name: 't', n }));
    const calls = server.legs[0]!.of('tools/call');
    calls.forEach((call, n) => call.say(elicit(n)));
    await clock.advance(10);
    expect(calls.filter(({ givenUp }) => givenUp)).toEqual([calls[0]]);
    expect(clock.waits()).toHaveLength(64);
    expect(retry(asked[0]!, 'tools/call', { name: 't' }, {}).answer().error.code).toBe(-32602);
    retry(asked[1]!, 'tools/call', { name: 't' }, { 'ask-1': accept });
    expect(server.legs[0]!.replyTo(1).result).toEqual(accept);
  });

  it('is forgotten when the AI client is gone', async () => {
    const { leg, clock, server, ask, call } = await hold();
    const open = ask('tools/call', tool);
    server.legs[0]!.last('tools/call').say(elicit('r'));
    leg.close();
    await clock.advance(20 * 60_000);
    call.answer({});
    expect(server.legs[0]!.closed).toBe(true);
    expect([open.heard, open.ends, clock.waits()]).toEqual([[], [], []]);
  });
});

describe('a slow AI client', () => {
  it('holds back all its sessions, and those that begin meanwhile', () => {
    const { ask, leg, server } = begin();
    ask('tools/list');
    leg.pause();
    ask('tools/list', {}, { capabilities: {} });
    expect(server.legs.map(({ paused }) => paused)).toEqual([true, true]);
    leg.resume();
    expect(server.legs.map(({ paused }) => paused)).toEqual([false, false]);
  });
});
