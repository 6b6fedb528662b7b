/** Does an AI client see and call exactly what the rules leave it, in either era and whatever it tries? */
import { describe, expect, it } from 'vitest';
import { call, initialize, modernMeta, setStage } from './stage.ts';

const CHANGED = 'notifications/tools/list_changed';
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** As no bridge would write it anew. */
const tools =
  '[ {"name":"get_a", "annotations":{"readOnlyHint":true},"x":1.0} ,\n{"name":"delete_b","annotations":{"readOnlyHint":false},"n":12345678901234567890},{"name":"odd"},{"name":"yes","annotations":{"readOnlyHint":"true"}} ]';
const listResult = `{"tools":${tools},"nextCursor":"c\\u0031","vendor":[[{}]]}`;
const answering = (result: string) => ({
  'tools/list': (said: {
    json: { id: unknown };
    say: (m: unknown) => void;
    end: (e: object) => void;
  }) => {
    said.say(`{"jsonrpc":"2.0", "id":${JSON.stringify(said.json.id)},"result":${result}}`);
    said.end({});
  },
});
const namesIn = (heard: { messages: { result: { tools: { name: string }[] } }[] }): string[] =>
  heard.messages[0]?.result.tools.map(({ name }) => name) ?? [];

describe.each(['legacy', 'modern'] as const)('an AI client of the %s era', (era) => {
  it('passes byte for byte where no rule holds for it', () => {
    const { connect, rule, legs, target } = setStage(answering(listResult));
    rule({ aiClient: 'another', deny: ['*'] });
    rule({ server: 'other', readOnly: true });
    const client = connect(era, 'Cursor');
    const odd =
      '{"jsonrpc":"2.0","id":7 ,"method":"tools/call","params":{"name":"delete_b","name":"delete_b"}}';
    client.say(odd);
    expect(client.server.said.map(({ text }) => text)).toEqual([odd]);
    expect(client.say(list).texts).toEqual([`{"jsonrpc":"2.0", "id":1,"result":${listResult}}`]);
    expect(legs.mayPassBy(target, 'Cursor')).toBe(true);
    expect(legs.mayPassBy(target, 'Another')).toBe(false);
  });

  it('sees the list without what is denied, and else as the server wrote it', () => {
    const { connect, rule } = setStage(answering(listResult));
    rule({ deny: ['get_*', 'yes'] });
    const [text = ''] = connect(era, 'Cursor').say(list).texts;
    expect(text).toBe(
      '{"jsonrpc":"2.0", "id":1,"result":{"tools":[{"name":"delete_b","annotations":{"readOnlyHint":false},"n":12345678901234567890},{"name":"odd"}],"nextCursor":"c\\u0031","vendor":[[{}]]}}',
    );
  });

  it('hears the very text of a list of which nothing is left out', () => {
    const { connect, rule } = setStage(answering(listResult));
    rule({ deny: ['other'] });
    expect(connect(era, 'Cursor').say(list).texts).toEqual([
      `{"jsonrpc":"2.0", "id":1,"result":${listResult}}`,
    ]);
  });

  it('sees only tools that say they change nothing, where it may only read', () => {
    const { connect, rule } = setStage(answering(listResult));
    rule({ aiClient: 'cursor', readOnly: true });
    const client = connect(era, 'Cursor');
    expect(namesIn(client.say(list))).toEqual(['get_a']);
    client.say(call(2, 'get_a'));
    expect(client.server.of('tools/call')).toHaveLength(1);
    expect(
      ['delete_b', 'odd', 'yes', 'never heard of'].map(
        (name) => client.say(call(3, name)).messages[0].error.code,
      ),
    ).toEqual([-32602, -32602, -32602, -32602]);
    expect(client.server.of('tools/call')).toHaveLength(1);
  });

  it('is told of a tool that is switched off as of one that is not there, and the server hears nothing', () => {
    const { connect, rule } = setStage();
    rule({ deny: ['delete_*'] });
    const client = connect(era, 'Cursor');
    const { messages, ended } = client.say(call(5, 'delete_b'));
    expect(messages).toEqual([
      {
        ...{ jsonrpc: '2.0', id: 5 },
        error: {
          code: -32602,
          message: 'Unknown tool: delete_b. The person has switched it off in Drawbridge.',
        },
      },
    ]);
    expect(ended).toBe('fine');
    expect(client.server.said).toEqual([]);
  });

  it('calls a tool as a task under the same rules', () => {
    const { connect, rule } = setStage();
    rule({ deny: ['delete_*'] });
    const client = connect(era, 'Cursor');
    client.say(call(5, 'delete_b', { task: { ttl: 60_000 } }));
    client.say(call(6, 'get_a', { task: { ttl: 60_000 } }));
    expect(client.server.said.map(({ json }) => json.id)).toEqual([6]);
  });

  it.each([
    ['a name that is no text', call(1, ['delete_b'])],
    ['no name', { jsonrpc: '2.0', id: 1, method: 'tools/call' }],
    ['parameters in a list', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: ['delete_b'] }],
    [
      'a call that wants no answer',
      { jsonrpc: '2.0', method: 'tools/call', params: { name: 'delete_b' } },
    ],
    ['a name that never ends', call(1, 'x'.repeat(100_000))],
  ])('gets nothing past with %s', (_what, message) => {
    const { connect, rule } = setStage();
    rule({ deny: ['delete_b'] });
    const client = connect(era, 'Cursor');
    expect(client.say(message).ended).toBe('fine');
    expect(client.server.said).toEqual([]);
  });

  it.each([
    [
      'the first of two names',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_b","name":"get_a"}}',
    ],
    [
      'the first of two methods',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"vendor/x","params":{"name":"delete_b"}}',
    ],
    [
      'the first of two params',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_b"},"params":{"name":"get_a"}}',
    ],
    [
      'a name in other letters',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_a","Name":"delete_b"}}',
    ],
    [
      'a method in other letters',
      '{"jsonrpc":"2.0","id":1,"method":"vendor/x","METHOD":"tools/call","params":{"name":"delete_b"}}',
    ],
    [
      'params in letters that only look it',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_a"},"param\u017f":{"name":"delete_b"}}',
    ],
  ])('hides no call in a message that a server reads by %s (JSON smuggling)', (_what, text) => {
    const { connect, rule } = setStage();
    rule({ deny: ['delete_b'] });
    const client = connect(era, 'Cursor');
    client.say(text);
    const [arrived] = client.server.said;
    // Whoever takes the first of two now takes the same as whoever takes the last.
    for (const name of ['method', 'params', 'name', 'delete_b', 'METHOD', 'Name', 'param\u017f'])
      expect((arrived?.text.split(`"${name}"`).length ?? 1) - 1).toBeLessThanOrEqual(
        ['method', 'params', 'name'].includes(name)
          ? 1
          : arrived?.json.method === 'vendor/x' && name === 'delete_b'
            ? 1
            : 0,
      );
    if (arrived?.json.method === 'tools/call')
      expect(arrived.json.params).toEqual({ name: 'get_a' });
  });

  it('keeps its arguments to the letter where rules hold', () => {
    const { connect, rule } = setStage();
    rule({ deny: ['delete_b'] });
    const client = connect(era, 'Cursor');
    client.say(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_a","arguments":{ "n":12345678901234567890,"a":1,"a":2},"vendor":1e0}}',
    );
    expect(client.server.said[0]?.text).toContain(
      '"arguments":{ "n":12345678901234567890,"a":1,"a":2}',
    );
    expect(client.server.said[0]?.text).toContain('"vendor":1e0');
  });

  it('obeys a rule from its very next call on, and is free again without it', () => {
    const { connect, rule, shaping } = setStage();
    const client = connect(era, 'Cursor');
    client.say(call(1, 'delete_b'));
    const { id } = rule({ deny: ['delete_b'] });
    client.say(call(2, 'delete_b'));
    shaping.rules.remove(id);
    client.say(call(3, 'delete_b'));
    expect(client.server.said.map(({ json }) => json.id)).toEqual([1, 3]);
  });

  it('is promised to hear of changes, where there are rules', () => {
    const method = era === 'legacy' ? 'initialize' : 'server/discover';
    const { connect, rule } = setStage({
      [method]: (said) => said.answer({ capabilities: { tools: { x: 1 }, prompts: {} } }),
    });
    rule({ readOnly: true });
    const { messages } = connect(era, 'Cursor').say({ jsonrpc: '2.0', id: 1, method });
    expect(messages[0].result.capabilities).toEqual({
      tools: { x: 1, listChanged: true },
      prompts: {},
    });
  });
});

describe('what a tool says of itself', () => {
  const keep = (hint: boolean) =>
    JSON.stringify([{ name: 'get_a', annotations: { readOnlyHint: hint } }]);

  it('is known from the catalogue to an AI client that never asked', () => {
    const { connect, rule } = setStage({}, () => keep(true));
    rule({ readOnly: true });
    const client = connect('modern', 'Cursor');
    client.say(call(1, 'get_a'));
    expect(client.server.said).toHaveLength(1);
  });

  it('has to be so in the catalogue and in the list that was heard: the newer one may be either', () => {
    let kept = keep(true);
    const { connect, rule } = setStage(answering(listResult), () => kept);
    rule({ readOnly: true });
    const client = connect('modern', 'Cursor');
    client.say(list);
    client.say(call(2, 'get_a'));
    kept = keep(false);
    client.say(call(3, 'get_a'));
    expect(client.server.of('tools/call').map(({ json }) => json.id)).toEqual([2]);
  });

  it('counts for nothing where a list has two of one name', () => {
    const two = '{"tools":[{"name":"a","annotations":{"readOnlyHint":true}},{"name":"a"}]}';
    const { connect, rule } = setStage(answering(two));
    rule({ readOnly: true });
    const client = connect('modern', 'Cursor');
    client.say(list);
    client.say(call(2, 'a'));
    expect(client.server.of('tools/call')).toEqual([]);
  });

  it('makes a list that is shaped nobody else’s', () => {
    const { connect, rule } = setStage(
      answering('{"tools":[{"name":"a"},{"name":"b"}],"ttlMs":60000,"cacheScope":"public"}'),
    );
    rule({ deny: ['b'] });
    const { messages } = connect('modern', 'Cursor').say(list);
    expect(messages[0].result).toEqual({
      tools: [{ name: 'a' }],
      ttlMs: 60000,
      cacheScope: 'private',
    });
  });
});

describe('a name that an AI client gives itself (F10)', () => {
  it('brings the rules for that name on it, and those for everyone hold whatever it says', () => {
    const { connect, rule } = setStage();
    rule({ aiClient: 'Cursor', deny: ['a'] });
    rule({ deny: ['b'] });
    const client = connect('legacy');
    client.say(initialize('cursor'));
    const liar = connect('legacy');
    liar.say(initialize('Claude'));
    for (const one of [client, liar]) for (const name of ['a', 'b']) one.say(call(1, name));
    expect(client.server.of('tools/call')).toEqual([]);
    expect(liar.server.of('tools/call').map(({ json }) => json.params.name)).toEqual(['a']);
  });

  it('does not count where the door knows better', () => {
    const { connect, rule } = setStage();
    rule({ aiClient: 'Cursor', deny: ['a'] });
    const client = connect('modern', 'Cursor');
    const clientInfo = { name: 'Claude', version: '1' };
    client.say(
      call(1, 'a', { _meta: modernMeta({ 'io.modelcontextprotocol/clientInfo': clientInfo }) }),
    );
    expect(client.server.said).toEqual([]);
  });
});

describe('a change of rules', () => {
  it('is told to AI clients of the legacy era whose lists it changes, once their handshake is over', () => {
    const { connect, rule } = setStage();
    const [early, ready, other] = [
      connect('legacy', 'Cursor'),
      connect('legacy', 'Cursor'),
      connect('legacy', 'Claude'),
    ];
    for (const one of [ready, other]) {
      one.say(initialize('x'));
      one.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
    }
    rule({ aiClient: 'Cursor', deny: ['a'] });
    rule({ aiClient: 'Cursor', approve: ['b'] });
    expect(ready.unasked).toEqual([{ jsonrpc: '2.0', method: CHANGED }]);
    expect(early.unasked).toEqual([]);
    expect(other.unasked).toEqual([]);
  });

  it('is told to AI clients of the modern era on the streams that asked for it, until those end', () => {
    const { connect, rule } = setStage();
    const client = connect('modern', 'Cursor');
    const listen = (id: string, notifications: object) =>
      client.say({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params: { notifications } });
    const wanted = listen('one', { toolsListChanged: true });
    const unwanted = listen('two', { promptsListChanged: true });
    const unheard = listen('three', { toolsListChanged: true });
    for (const said of client.server.of('subscriptions/listen').slice(0, 2))
      said.say({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: {} });
    rule({ readOnly: true });
    expect(wanted.messages.slice(1)).toEqual([
      {
        jsonrpc: '2.0',
        method: CHANGED,
        params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'one' } },
      },
    ]);
    wanted.giveUp();
    rule({ deny: ['a'] });
    expect(wanted.messages).toHaveLength(2);
    expect(unwanted.messages).toHaveLength(1);
    expect(unheard.messages).toEqual([]);
    client.close();
  });

  it('is told to nobody who has left', () => {
    const { connect, rule } = setStage();
    const client = connect('legacy', 'Cursor');
    client.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
    client.close();
    rule({ readOnly: true });
    expect(client.unasked).toEqual([]);
  });
});
