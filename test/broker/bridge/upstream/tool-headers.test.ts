/** Is what a modern server wants repeated in headers repeated there, whoever asks, and are unusable tools left out? (T9) */
import { describe, expect, it } from 'vitest';
import { type Leg, messageOf } from '../../../../broker/bridge/leg.ts';
import { createToolHeaders } from '../../../../broker/bridge/upstream/tool-headers.ts';
import { createLogger } from '../../../../broker/log/logger.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { metaOf } from '../eras/modern-ai-client.ts';
import { openBridge } from '../open-bridge.ts';
import {
  answer,
  type Heard,
  initialize,
  refuse,
  type Serve,
  type Stage,
  say,
  setStage,
} from './stage.ts';

const _meta = metaOf({});
const listing = (cursor?: string) => ({
  ...{ id: 'list', method: 'tools/list' },
  params: { _meta, ...(cursor === undefined ? {} : { cursor }) },
});
const calling = (name: string, args?: object) => ({
  ...{ id: 'call', method: 'tools/call' },
  params: { name, ...(args === undefined ? {} : { arguments: args }), _meta },
});

const annotated = (header: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': header });
const tool = (name: string, properties: object = {}, more: object = {}) => ({
  name,
  inputSchema: { type: 'object', properties, ...more },
});
const inRegion = (name: string) => tool(name, { region: annotated('Region') });

/** Pages by their cursors; the first one is under ''. */
type Pages = Readonly<
  Record<string, { readonly tools: readonly object[]; readonly nextCursor?: string }>
>;
const listed =
  (pages: Pages, serve: Serve = ({ id }, res) => answer(res, id)): Serve =>
  (message, res, req) =>
    message.method === 'tools/list'
      ? answer(res, message.id, pages[message.params.cursor ?? ''])
      : serve(message, res, req);

const over = async (leg: Leg, message: object): Promise<Heard> => {
  const heard = say(leg, message);
  await expect.poll(() => heard.ends, eventually).toHaveLength(1);
  return heard;
};

/** The headers of the last request that repeat arguments. */
const mirrored = ({ seen }: Stage): unknown =>
  Object.fromEntries(
    Object.entries(seen.at(-1)?.headers ?? {}).filter(([name]) => name.startsWith('mcp-param-')),
  );

describe('a call (T9)', () => {
  const deep = { type: 'object', properties: { zone: annotated('Zone') } };
  const tools = [
    tool('a', {
      region: annotated('Region'),
      ...{ count: annotated('Count', 'integer'), dry: annotated('Dry-Run', 'boolean') },
      ...{ where: deep, plain: { type: 'string' } },
    }),
    tool('b'),
  ];

  it('repeats the arguments that its tool wants in headers, at any depth, and no others', async () => {
    await using stage = await setStage(listed({ '': { tools } }));
    const leg = stage.open.modern(() => undefined);
    await over(leg, listing());
    const args = { region: 'eu', count: 7, dry: false, where: { zone: 'b' }, plain: 'x' };
    await over(leg, calling('a', args));
    expect(mirrored(stage)).toEqual({
      'mcp-param-region': 'eu',
      ...{ 'mcp-param-count': '7', 'mcp-param-dry-run': 'false' },
      'mcp-param-zone': 'b',
    });
    await over(leg, calling('b', args));
    expect(mirrored(stage)).toEqual({});
    await over(leg, calling('a'));
    expect(mirrored(stage)).toEqual({});
  });

  it.each([
    ['eu west', 'eu west'],
    ['ü', '=?base64?w7w=?='],
    [' x', '=?base64?IHg=?='],
    ['x\r\nevil: 1', '=?base64?eA0KZXZpbDogMQ==?='],
    ['=?base64?QQ==?=', '=?base64?PT9iYXNlNjQ/UVE9PT89?='],
    [null, undefined],
    [undefined, undefined],
    [{ toString: 'x' }, undefined],
    [1.5, undefined],
    [2 ** 53, undefined],
    [-7, '-7'],
    [true, 'true'],
  ])('with %j has the header %j', async (region, header) => {
    await using stage = await setStage(listed({ '': { tools } }));
    const leg = stage.open.modern(() => undefined);
    await over(leg, listing());
    await over(leg, calling('a', { region }));
    expect(stage.seen.at(-1)?.headers['mcp-param-region']).toBe(header);
  });

  it('of a tool that wants nothing repeated any more repeats nothing', async () => {
    const pages: Record<string, Pages['']> = { '': { tools: [inRegion('a')] } };
    await using stage = await setStage((...args) => listed(pages)(...args));
    const leg = stage.open.modern(() => undefined);
    await over(leg, listing());
    pages[''] = { tools: [tool('a', { region: { type: 'string' } })] };
    await over(leg, listing());
    await over(leg, calling('a', { region: 'eu' }));
    expect(mirrored(stage)).toEqual({});
  });
});

describe('a list of several pages (T9)', () => {
  const pages: Pages = {
    '': { tools: [inRegion('early')], nextCursor: 'p2' },
    p2: { tools: [inRegion('late')] },
  };
  const strict = listed(pages, ({ id }, res, { headers }) =>
    headers['mcp-param-region'] === 'eu' ? answer(res, id) : refuse(res, 400, id, -32020),
  );

  it('is remembered whole, also when another AI client begins to read it again', async () => {
    await using stage = await setStage(strict);
    const [one, other] = [stage.open.modern(() => undefined), stage.open.modern(() => undefined)];
    await over(one, listing());
    await over(one, listing('p2'));
    await over(other, listing());
    for (const name of ['early', 'late']) {
      const { messages } = await over(one, calling(name, { region: 'eu' }));
      expect(messages).toEqual([{ jsonrpc: '2.0', id: 'call', result: {} }]);
    }
    expect(stage.told().slice(3)).toEqual(['tools/call', 'tools/call']);
  });

  it('is read to its end when a call is refused for want of a header, and the call is made once more', async () => {
    await using stage = await setStage(strict);
    const leg = stage.open.modern(() => undefined);
    const { messages } = await over(leg, calling('late', { region: 'eu' }));
    expect(messages).toEqual([{ jsonrpc: '2.0', id: 'call', result: {} }]);
    expect(stage.seen.map(({ json }) => [json.method, json.params.cursor])).toEqual([
      ['tools/call', undefined],
      ['tools/list', undefined],
      ['tools/list', 'p2'],
      ['tools/call', undefined],
    ]);
    // What AI clients of this era say of themselves is said by the bridge as well (T13).
    expect(stage.seen[2]?.json.params._meta).toEqual(_meta);
  });
});

it('a call that is refused for its headers once more is not made a third time (T9)', async () => {
  const stubborn: Serve = ({ id }, res) => refuse(res, 400, id, -32020);
  await using stage = await setStage(listed({ '': { tools: [inRegion('a')] } }, stubborn));
  const { messages } = await over(
    stage.open.modern(() => undefined),
    calling('a', { region: 'eu' }),
  );
  expect(messages).toEqual([expect.objectContaining({ error: { code: -32020, message: 'no' } })]);
  expect(stage.told()).toEqual(['tools/call', 'tools/list', 'tools/call']);
});

it('a server whose list has no end is not read for ever (T9)', async () => {
  const endless = { tools: [inRegion('a')], nextCursor: 'again' };
  await using stage = await setStage(
    listed({ '': endless, again: endless }, ({ id }, res) => refuse(res, 400, id, -32020)),
  );
  await over(
    stage.open.modern(() => undefined),
    calling('a', { region: 'eu' }),
  );
  expect(stage.told().filter((method) => method === 'tools/list')).toHaveLength(500);
});

it('of more tools than anybody has, those listed last are remembered (T9)', () => {
  const { noted, of } = createToolHeaders(createLogger(() => undefined, systemClock));
  const key = { server: 'one', account: 'default' };
  const all = Array.from({ length: 10_001 }, (_tool, at) => inRegion(`tool-${at}`));
  noted(key, JSON.stringify({ result: { tools: all } }));
  const headersOf = (name: string) =>
    of(key, messageOf({ jsonrpc: '2.0', ...calling(name, { region: 'eu' }) }));
  expect([headersOf('tool-0'), headersOf('tool-1'), headersOf('tool-10000')]).toEqual([
    ...[{}, { 'mcp-param-region': 'eu' }],
    { 'mcp-param-region': 'eu' },
  ]);
});

it('a call that is given up while its tool is looked up is not made (T9, T11)', async () => {
  const gone = Promise.withResolvers<void>();
  await using stage = await setStage((message, res) => {
    if (message.method === 'tools/call') refuse(res, 400, message.id, -32020);
    else res.on('close', gone.resolve);
  });
  const heard = say(
    stage.open.modern(() => undefined),
    calling('a'),
  );
  await expect.poll(stage.told, eventually).toEqual(['tools/call', 'tools/list']);
  heard.giveUp();
  await gone.promise;
  expect([stage.told(), heard.messages, heard.ends]).toEqual([
    ['tools/call', 'tools/list'],
    [],
    [],
  ]);
});

describe('a tool whose annotations are invalid (T9)', () => {
  const annotatedIn = (place: string) => ({ [place]: { x: annotated('X') } });
  it.each([
    ['no name', tool('bad', { x: annotated('') })],
    ['a name that no header has', tool('bad', { x: annotated('no good') })],
    ['a line break in the name', tool('bad', { x: annotated('a\r\nb') })],
    ['a name that is none', tool('bad', { x: annotated(7) })],
    ['a value that is no text', tool('bad', { x: annotated('X', 'object') })],
    ['a number that need not be whole', tool('bad', { x: annotated('X', 'number') })],
    ['one name twice', tool('bad', { x: annotated('Name'), y: annotated('name') })],
    ['a list', tool('bad', { x: { type: 'array', items: annotated('X') } })],
    ['an alternative', tool('bad', {}, { anyOf: [{ properties: annotatedIn('y') }] })],
    ['a definition', tool('bad', {}, { $defs: annotatedIn('y') })],
    ['the root', tool('bad', {}, { 'x-mcp-header': 'X' })],
  ])('%s: is left out of the list, and the log says so', async (_what, bad) => {
    const tools = [inRegion('good'), bad, tool('plain')];
    await using stage = await setStage(listed({ '': { tools } }));
    const leg = stage.open.modern(() => undefined);
    const { messages } = await over(leg, listing());
    expect(messages[0].result.tools).toEqual([inRegion('good'), tool('plain')]);
    expect(stage.log.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'warn', event: 'tool-dropped', tool: 'bad' }),
    ]);
  });

  it('leaves the others, and the rest of the answer, as they were written (F11)', async () => {
    const good = '{"name":"good","inputSchema":{"type":"object","default":12345678901234567890}}';
    const bad = JSON.stringify(tool('bad', { x: annotated('') }));
    await using stage = await setStage(({ id }, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(`{"jsonrpc":"2.0","id":"${id}","result":{"tools":[${bad}, ${good}], "ttlMs":1.0}}`);
    });
    const { texts } = await over(
      stage.open.modern(() => undefined),
      listing(),
    );
    expect(texts).toEqual([
      `{"jsonrpc":"2.0","id":"list","result":{"tools":[${good}], "ttlMs":1.0}}`,
    ]);
  });
});

describe('an AI client of the legacy era, which knows nothing of this (T9)', () => {
  const pages: Pages = {
    '': { tools: [tool('bad', { x: annotated('') }), inRegion('early')], nextCursor: 'p2' },
    p2: { tools: [inRegion('late')] },
  };
  const modernOnly = listed(pages, ({ id, method, params }, res, { headers }) => {
    if (method === 'initialize') return refuse(res, 400, id, -32022);
    if (method === 'server/discover')
      return answer(res, id, {
        ...{
          resultType: 'complete',
          supportedVersions: ['2026-07-28'],
          capabilities: { tools: {} },
        },
        ...{ ttlMs: 0, cacheScope: 'private' },
      });
    if (method !== 'tools/call' || headers['mcp-param-region'] === '=?base64?w7w=?=')
      return answer(res, id, { resultType: 'complete', content: [] });
    refuse(res, 400, id, params.name === 'late' ? -32020 : -32602);
  });

  it('is listed the usable tools, and its calls repeat what the server wants repeated', async () => {
    await using stage = await setStage(modernOnly);
    await using bridge = await openBridge({ one: stage.origin });
    using line = await bridge.line();
    const ask = async (message: { id: string }) => {
      line.send({ jsonrpc: '2.0', ...message });
      for (;;) {
        const said = JSON.parse(await line.next());
        if (said.id === message.id && said.method === undefined) return said;
      }
    };
    await ask(initialize);
    line.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const names = async () => {
      const { result } = await ask({ id: 'list', ...{ method: 'tools/list', params: {} } });
      return result.tools.map(({ name }: { name: string }) => name);
    };
    await expect.poll(names, eventually).toEqual(['early']);
    for (const name of ['late', 'early']) {
      const { result } = await ask({
        id: name,
        ...{ method: 'tools/call', params: { name, arguments: { region: 'ü' } } },
      });
      expect(result).toMatchObject({ content: [] });
      expect(result.isError).toBeUndefined();
    }
  });
});
