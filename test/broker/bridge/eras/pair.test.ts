/** Finding the way to a server: what is opened on the way, what is remembered, and what a full disk does to it. (T2, T3, T5, T6) */
import { describe, expect, it } from 'vitest';
import { pair } from '../../../../broker/bridge/eras/pair.ts';
import {
  createVerdicts,
  type Verdict,
  type Verdicts,
  type Way,
} from '../../../../broker/bridge/eras/verdicts.ts';
import { type End, type Hearer, messageOf, type OpenLeg } from '../../../../broker/bridge/leg.ts';
import { peek } from '../../../../broker/bridge/peek.ts';
import type { Era } from '../../../../broker/bridge/session.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';

const URL = 'https://mcp.example/mcp';
const unreachable: End = { problem: new ProblemError('server-unreachable', 'no answer') };
const refusal: End = { problem: new ProblemError('server-trouble', '404'), status: 404 };

const initialize = (id: number) => messageOf({ jsonrpc: '2.0', id, method: 'initialize' });

/** Ways that answer as told, and count the legs that are open. */
const scripted = (answers: Record<Way, (id: number, hearer: Hearer) => void>) => {
  const openLegs: Way[] = [];
  const asked: Way[] = [];
  const paused: Way[] = [];
  const way =
    (name: Way): OpenLeg =>
    () => {
      openLegs.push(name);
      return {
        say: ({ envelope }, hearer) => {
          asked.push(name);
          answers[name](envelope.id as number, hearer);
          return () => undefined;
        },
        pause: () => paused.push(name),
        resume: () => paused.splice(paused.indexOf(name), 1),
        close: () => openLegs.splice(openLegs.indexOf(name), 1),
      };
    };
  const ways = { direct: way('direct'), translated: way('translated'), old: way('old') };
  return { ways, openLegs, asked, paused };
};

const ending = (end: End) => (_id: number, hearer: Hearer) => hearer.done(end);
const answering = (id: number, hearer: Hearer): void => {
  const json = JSON.stringify({ jsonrpc: '2.0', id, result: {} });
  hearer.message(json, peek(json) ?? { id: undefined, method: undefined });
  hearer.done({});
};

const inMemory = (): Verdicts & { readonly all: () => readonly Verdict[] } => {
  let kept: readonly Verdict[] = [];
  const store = { read: () => kept, write: (all: readonly Verdict[]) => void (kept = all) };
  return { ...createVerdicts(store, () => 1), all: () => kept };
};

const open = (ways: Record<Way, OpenLeg>, verdicts: Verdicts, era: Era = 'legacy') =>
  pair({
    ...{ url: URL, era, ways, verdicts },
    order: ['direct', 'translated', 'old'],
  })(() => undefined);

const end = (leg: ReturnType<typeof open>, id: number): Promise<End> =>
  new Promise((resolve) => {
    leg.say(initialize(id), { message: () => undefined, done: resolve });
  });

it('an AI client that tries again for days holds one leg a way', async () => {
  const verdicts = inMemory();
  const { ways, openLegs, asked } = scripted({
    direct: ending(refusal),
    translated: ending(unreachable),
    old: ending(unreachable),
  });
  const leg = open(ways, verdicts);
  for (let id = 1; id <= 500; id += 1) expect(await end(leg, id)).toEqual(unreachable);
  expect(asked).toHaveLength(1000);
  expect(openLegs).toEqual(['direct', 'translated']);
  expect(verdicts.all()).toEqual([]);
  leg.close();
  expect(openLegs).toEqual([]);
});

it('what was said before any handshake is answered, also when the handshake then leads elsewhere', async () => {
  const held: (() => void)[] = [];
  const { ways, openLegs } = scripted({
    direct: (id, hearer) => {
      if (id === 1) held.push(() => answering(id, hearer));
      else hearer.done(refusal);
    },
    translated: answering,
    old: answering,
  });
  const leg = open(ways, inMemory());
  const early = new Promise<End>((done) => {
    leg.say(messageOf({ jsonrpc: '2.0', id: 1, method: 'ping' }), {
      ...{ message: () => undefined, done },
    });
  });
  expect(await end(leg, 2)).toEqual({});
  expect(openLegs).toEqual(['direct', 'translated']);
  for (const answer of held) answer();
  expect(await early).toEqual({});
});

it('what is found out is remembered, and a server that refuses it is asked anew', async () => {
  const verdicts = inMemory();
  const found = scripted({
    direct: ending(refusal),
    translated: answering,
    old: ending(unreachable),
  });
  await end(open(found.ways, verdicts), 1);
  expect(verdicts.all()).toEqual([{ url: URL, era: 'legacy', way: 'translated', at: 1 }]);

  const changed = scripted({ direct: answering, translated: ending(refusal), old: answering });
  expect(await end(open(changed.ways, verdicts), 1)).toEqual(refusal);
  await end(open(changed.ways, verdicts), 2);
  expect(changed.asked).toEqual(['translated', 'direct']);
});

it('a session of the legacy era stays on the way of its handshake, also when the server refuses that', async () => {
  const verdicts = inMemory();
  verdicts.note(URL, 'legacy', 'translated');
  const { ways, asked } = scripted({
    ...{ direct: answering, translated: ending(refusal), old: answering },
  });
  const leg = open(ways, verdicts);
  for (const id of [1, 2]) expect(await end(leg, id)).toEqual(refusal);
  expect(asked).toEqual(['translated', 'translated']);
  expect(verdicts.all()).toEqual([]);
});

it('where nothing can be saved, the AI client has its answer, and the way is known until the next start', async () => {
  const full = {
    read: () => [],
    write: () => {
      throw new ProblemError('cannot-save', 'the disk is full');
    },
  };
  const verdicts = createVerdicts(full, () => 1);
  const { ways, asked } = scripted({
    direct: ending(refusal),
    translated: answering,
    old: answering,
  });
  expect(await end(open(ways, verdicts), 1)).toEqual({});
  expect(await end(open(ways, verdicts), 2)).toEqual({});
  expect(asked).toEqual(['direct', 'translated', 'translated']);
});

describe('a server that refuses the version of a modern AI client (T6)', () => {
  const refusing =
    (supported: unknown, status?: number) =>
    (id: number, hearer: Hearer): void => {
      const error = { code: -32022, message: 'no such version', data: { supported } };
      const json = JSON.stringify({ jsonrpc: '2.0', id, error });
      hearer.message(json, { id, method: undefined });
      hearer.done({ status });
    };

  const ask = (leg: ReturnType<typeof open>, method: string) => {
    const codes: unknown[] = [];
    const ends: End[] = [];
    leg.say(messageOf({ jsonrpc: '2.0', id: 1, method }), {
      message: (json) => codes.push(JSON.parse(json).error?.code),
      done: (end) => ends.push(end),
    });
    return { codes, ends };
  };

  const legacyOnly = ['2025-11-25', '2025-06-18', '2024-10-07'];

  it.each([
    ['server/discover', 400],
    ['server/discover', 200],
    ['tools/list', 400],
    ['tools/list', undefined],
  ])(
    'and speaks only older ones is served through a translation: %s, status %s',
    (method, status) => {
      const verdicts = inMemory();
      const direct = refusing(legacyOnly, status);
      const { ways, asked } = scripted({ direct, translated: answering, old: answering });
      expect(ask(open(ways, verdicts, 'modern'), method)).toEqual({
        codes: [undefined],
        ends: [{}],
      });
      expect(asked).toEqual(['direct', 'translated']);
      expect(verdicts.all()).toMatchObject([{ era: 'modern', way: 'translated' }]);
    },
  );

  it('and can be reached in no other way says which ones it speaks', () => {
    const { ways, asked } = scripted({
      direct: refusing(legacyOnly, 400),
      ...{ translated: ending(refusal), old: ending(refusal) },
    });
    const verdicts = inMemory();
    const { codes, ends } = ask(open(ways, verdicts, 'modern'), 'server/discover');
    expect([codes, ends]).toEqual([[-32022], [{ status: 400 }]]);
    expect(asked).toEqual(['direct', 'translated', 'old']);
    expect(verdicts.all()).toEqual([]);
  });

  it.each([[['2027-01-01', '2025-11-25']], [['2026-07-28']], [[]], [undefined]])(
    'and speaks another modern one, or does not say, is asked by the AI client itself: %j',
    (supported) => {
      const verdicts = inMemory();
      const { ways, asked } = scripted({
        ...{ direct: refusing(supported, 400), translated: answering, old: answering },
      });
      const { codes } = ask(open(ways, verdicts, 'modern'), 'server/discover');
      expect([codes, asked]).toEqual([[-32022], ['direct']]);
      expect(verdicts.all()).toMatchObject([{ way: 'direct' }]);
    },
  );

  it('and spoke it before is asked anew', () => {
    const verdicts = inMemory();
    verdicts.note(URL, 'modern', 'direct');
    const { ways, asked } = scripted({
      ...{ direct: refusing(legacyOnly, 400), translated: answering, old: answering },
    });
    expect(ask(open(ways, verdicts, 'modern'), 'tools/list').codes).toEqual([-32022]);
    expect(verdicts.all()).toEqual([]);
    expect(ask(open(ways, verdicts, 'modern'), 'tools/list').codes).toEqual([undefined]);
    expect(asked).toEqual(['direct', 'direct', 'translated']);
  });

  it('and spoke it before is asked anew on the same leg, which ends with all that was opened', () => {
    const verdicts = inMemory();
    verdicts.note(URL, 'modern', 'direct');
    const { ways, asked, openLegs } = scripted({
      ...{ direct: refusing(legacyOnly, 400), translated: answering, old: answering },
    });
    const leg = open(ways, verdicts, 'modern');
    expect(ask(leg, 'tools/list').codes).toEqual([-32022]);
    expect(ask(leg, 'tools/list').codes).toEqual([undefined]);
    expect(ask(leg, 'tools/list').codes).toEqual([undefined]);
    expect(asked).toEqual(['direct', 'direct', 'translated', 'translated']);
    expect(verdicts.all()).toMatchObject([{ way: 'translated' }]);
    leg.close();
    expect(openLegs).toEqual([]);
  });

  it('and spoke it before is held back on all legs while the AI client reads too slowly', () => {
    const verdicts = inMemory();
    verdicts.note(URL, 'modern', 'direct');
    const { ways, paused } = scripted({
      ...{ direct: refusing(legacyOnly, 400), translated: answering, old: answering },
    });
    const leg = open(ways, verdicts, 'modern');
    leg.pause();
    ask(leg, 'tools/list');
    ask(leg, 'tools/list');
    expect(paused).toEqual(['direct', 'direct', 'translated']);
    leg.resume();
    expect(paused).toEqual([]);
  });

  it('and is found out to by several requests at once keeps the way that was found', () => {
    const verdicts = inMemory();
    verdicts.note(URL, 'modern', 'direct');
    const refusals: (() => void)[] = [];
    const { ways } = scripted({
      direct: (id, hearer) => refusals.push(() => refusing(legacyOnly, 400)(id, hearer)),
      ...{ translated: answering, old: answering },
    });
    const leg = open(ways, verdicts, 'modern');
    ask(leg, 'tools/list');
    ask(leg, 'tools/list');
    refusals[0]?.();
    const found = ask(leg, 'tools/list');
    refusals[2]?.();
    expect(found.codes).toEqual([undefined]);
    refusals[1]?.();
    expect(verdicts.all()).toMatchObject([{ way: 'translated' }]);
  });
});
