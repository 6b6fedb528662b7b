/** Are the lists of several servers one list, whatever one of them does? (F9, F11) */
import { describe, expect, it } from 'vitest';
import type { Era } from '../../../../broker/bridge/session.ts';
import type { Json } from '../../../doubles/scripted-leg.ts';
import { listing, resources, setStage, shakeHands, tools } from './stage.ts';

const eras: readonly Era[] = ['legacy', 'modern'];
const silent = () => undefined;

const named = (answer: Json): string[] => answer.result.tools.map(({ name }: Json) => name);

describe.each(eras)('for an AI client of the %s era', (era) => {
  it('servers come in their order, and tools in theirs', async () => {
    const stage = setStage(era, { zeta: tools('b', 'a'), alpha: tools('c') });
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(named(asked.answer())).toEqual(['zeta_b', 'zeta_a', 'alpha_c']);
  });

  it('all of a tool but its name and title stays as its server wrote it (F11)', async () => {
    const rest =
      '"inputSchema": {"z":1, "a":12345678901234567890.10,"type":"object"},"annotations":{"title":"Hint","readOnlyHint":true} ,"x-own":[ ]';
    const stage = setStage(era, {
      one: {
        'tools/list': ({ json, say, end }) => {
          say(
            `{"jsonrpc":"2.0","id":${JSON.stringify(json.id)},"result":{"tools":[{"name":"t","title":"Tool",${rest}}]}}`,
          );
          end({});
        },
      },
    });
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(asked.text()).toContain(`{"name":"one_t","title":"ONE: Tool",${rest}}`);
  });

  it('the title of each tool and resource says whose it is', async () => {
    const stage = setStage(era, {
      one: {
        ...listing('tools/list', 'tools', [
          { name: 'a', title: 'Titled' },
          { name: 'b', annotations: { title: 'Annotated' } },
          { name: 'c' },
        ]),
        ...resources('test://x'),
      },
    });
    const [listed, found] = [stage.ask('tools/list'), stage.ask('resources/list')];
    await stage.clock.advance(0);
    expect(listed.answer().result.tools.map(({ title }: Json) => title)).toEqual([
      'ONE: Titled',
      'ONE: Annotated',
      'ONE: c',
    ]);
    expect(found.answer().result.resources).toEqual([
      { title: 'ONE: test://x', uri: 'test://x', name: 'test://x' },
    ]);
  });

  it('pages of a server are followed to their end', async () => {
    const stage = setStage(era, {
      one: {
        'tools/list': ({ json, answer }) => {
          const page = Number(json.params.cursor ?? 0);
          answer({
            tools: [{ name: `t${page}` }],
            ...(page < 3 ? { nextCursor: String(page + 1) } : {}),
          });
        },
      },
    });
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(named(asked.answer())).toEqual(['one_t0', 'one_t1', 'one_t2', 'one_t3']);
    expect(asked.answer().result.nextCursor).toBeUndefined();
  });

  it('a server that leads on for ever is left after 100 pages, and it is in the log', async () => {
    const stage = setStage(era, {
      one: { 'tools/list': ({ answer }) => answer({ tools: [], nextCursor: 'more' }) },
      two: tools('t'),
    });
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(stage.leg('one').of('tools/list')).toHaveLength(100);
    expect(named(asked.answer())).toEqual(['two_t']);
    expect(stage.log.join('\n')).toContain('too-long');
  });

  it('a list of more than 4 MB is cut, and it is in the log', async () => {
    const description = 'x'.repeat(1024 * 1024);
    const stage = setStage(era, {
      one: listing(
        'tools/list',
        'tools',
        [1, 2, 3, 4, 5, 6].map((count) => ({ name: `t${count}`, description })),
      ),
    });
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(named(asked.answer())).toEqual(['one_t1', 'one_t2', 'one_t3']);
    expect(stage.log.join('\n')).toContain('too-long');
  });

  it('a server that fails, refuses or knows no such list leaves its part out and nothing else', async () => {
    const stage = setStage(era, {
      one: { 'tools/list': ({ end }) => end({}) },
      two: { 'tools/list': ({ fail }) => fail({ code: -32000, message: 'no' }) },
      three: { 'tools/list': ({ fail }) => fail({ code: -32601, message: 'what' }) },
      four: { 'tools/list': ({ answer }) => answer({ tools: 'none' }) },
      five: tools('t'),
    });
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(named(asked.answer())).toEqual(['five_t']);
  });

  it('what is no tool is left out, and so is a second one of a name', async () => {
    const stage = setStage(era, {
      one: listing('tools/list', 'tools', [
        { name: 'a', title: 'First' },
        { title: 'nameless' },
        { name: 7 },
        { name: 'a', title: 'Second' },
      ]),
    });
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(asked.answer().result.tools).toEqual([{ name: 'one_a', title: 'ONE: First' }]);
    expect(stage.log.join('\n')).toContain('same-name');
  });

  it('a slow server is waited for half a second the first time, and not at all after that', async () => {
    const stage = setStage(era, { one: { 'tools/list': silent }, two: tools('t') });
    const first = stage.ask('tools/list');
    await stage.clock.advance(499);
    expect(first.answer()).toBeUndefined();
    await stage.clock.advance(1);
    expect(named(first.answer())).toEqual(['two_t']);
    const second = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(named(second.answer())).toEqual(['two_t']);
    expect(stage.leg('one').of('tools/list')).toHaveLength(1);
  });

  it('a server that fails later is taken at its last word', async () => {
    let isBroken = false;
    const stage = setStage(era, {
      one: {
        'tools/list': ({ answer, end }) =>
          isBroken ? end({}) : answer({ tools: [{ name: 'a' }] }),
      },
    });
    stage.ask('tools/list');
    await stage.clock.advance(0);
    isBroken = true;
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(named(asked.answer())).toEqual(['one_a']);
  });

  it('a cursor that was not given out is refused', async () => {
    const stage = setStage(era, { one: tools('a') });
    const asked = stage.ask('tools/list', { cursor: 'of-another' });
    await stage.clock.advance(0);
    expect(asked.answer().error.code).toBe(-32602);
  });

  it('no servers at all are empty lists', async () => {
    const stage = setStage(era, {});
    const asked = stage.ask('tools/list');
    await stage.clock.advance(0);
    expect(asked.answer().result.tools).toEqual([]);
  });

  it('two servers with one URI have two, of which the later one says its server', async () => {
    const stage = setStage(era, {
      one: resources('test://a', 'test://b'),
      two: resources('test://a', 'drawbridge:one:test://b'),
    });
    const asked = stage.ask('resources/list');
    await stage.clock.advance(0);
    expect(asked.answer().result.resources.map(({ uri }: Json) => uri)).toEqual([
      'test://a',
      'test://b',
      'drawbridge:two:test://a',
      'drawbridge:two:drawbridge:one:test://b',
    ]);
  });
});

it('who listens in the legacy era hears when the part of a slow server comes', async () => {
  const stage = setStage('legacy', { one: { 'tools/list': silent }, two: tools('t') });
  await shakeHands(stage);
  stage.ask('tools/list');
  await stage.clock.advance(500);
  expect(stage.told()).toEqual([]);

  stage
    .leg('one')
    .last('tools/list')
    .answer({ tools: [{ name: 'late' }] });
  await stage.clock.advance(25);

  expect(stage.told()).toEqual(['notifications/tools/list_changed']);
  const asked = stage.ask('tools/list');
  stage
    .leg('one')
    .last('tools/list')
    .answer({ tools: [{ name: 'late' }] });
  await stage.clock.advance(0);
  expect(named(asked.answer())).toEqual(['one_late', 'two_t']);
});

it('a late part that says what was known already is not told', async () => {
  let isSlow = false;
  const stage = setStage('legacy', {
    one: {
      'tools/list': ({ answer }) => {
        if (!isSlow) answer({ tools: [{ name: 'a' }] });
      },
    },
  });
  await shakeHands(stage);
  stage.ask('tools/list');
  await stage.clock.advance(0);
  isSlow = true;
  const asked = stage.ask('tools/list');
  await stage.clock.advance(500);
  expect(named(asked.answer())).toEqual(['one_a']);
  stage
    .leg('one')
    .last('tools/list')
    .answer({ tools: [{ name: 'a' }] });
  await stage.clock.advance(1_000);
  expect(stage.told()).toEqual([]);
});

it('what was asked before a change is not taken for what is there after it', async () => {
  const stage = setStage('legacy', { one: { 'tools/list': silent } });
  await shakeHands(stage);
  stage.ask('tools/list');
  await stage.clock.advance(0);
  const before = stage.leg('one').last('tools/list');
  stage.leg('one').unasked({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
  const asked = stage.ask('tools/list');
  await stage.clock.advance(0);
  stage
    .leg('one')
    .last('tools/list')
    .answer({ tools: [{ name: 'new' }] });
  before.answer({ tools: [{ name: 'old' }] });
  await stage.clock.advance(0);
  expect(named(asked.answer())).toEqual(['one_new']);
});

describe('how long a list holds in the modern era (F9)', () => {
  const lasting = (ttlMs: number) => ({
    'tools/list': ({ answer }: { answer: (result: unknown) => void }) =>
      answer({ resultType: 'complete', tools: [], ttlMs, cacheScope: 'public' }),
  });
  const resultOf = async (scripts: Parameters<typeof setStage>[1]): Promise<Json> => {
    const stage = setStage('modern', scripts);
    const asked = stage.ask('tools/list');
    await stage.clock.advance(500);
    return asked.answer().result;
  };

  it('is as long as that of the server that promises least, and it is for nobody else', async () => {
    expect(await resultOf({ one: lasting(60_000), two: lasting(9_000) })).toMatchObject({
      resultType: 'complete',
      ttlMs: 9_000,
      cacheScope: 'private',
    });
  });

  it('is no time at all where a part is missing', async () => {
    const result = await resultOf({ one: lasting(60_000), two: { 'tools/list': silent } });
    expect(result.ttlMs).toBe(0);
  });
});

it('asks servers of the modern era in the AI client’s name, but not to tell of their progress', async () => {
  const stage = setStage('modern', { one: tools('a') });
  stage.ask('tools/list', { _meta: { progressToken: 5, traceparent: '00-1-2-03' } });
  await stage.clock.advance(0);
  const { _meta } = stage.leg('one').last('tools/list').json.params;
  expect(_meta).toMatchObject({
    'io.modelcontextprotocol/clientInfo': { name: 'modern-test' },
    traceparent: '00-1-2-03',
  });
  expect(_meta.progressToken).toBeUndefined();
});
