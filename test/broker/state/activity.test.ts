/** Is what AI clients asked remembered over restarts, within bounds, and forgotten when it should be? */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Activity, openActivity } from '../../../broker/state/activity.ts';
import { rotatingLines } from '../../../broker/storage/rotating-lines.ts';
import { type ActivityWish, MOST_ACTIVITY } from '../../../shared/contract/activity.ts';
import { createVirtualClock, type VirtualClock } from '../../doubles/clock.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import { expectUnder } from '../../doubles/timing.ts';

const HOUR = 60 * 60_000;

let folder: Folder;
let clock: VirtualClock;
let known: Set<string>;
let logged: string[];
let changes: number;
beforeEach(() => {
  folder = makeFolder();
  clock = createVirtualClock();
  known = new Set(['linear', 'docs']);
  logged = [];
  changes = 0;
});
afterEach(() => folder[Symbol.dispose]());

const open = (most?: number, largest?: number): Promise<Activity> => {
  const note = (event: string): void => void logged.push(event);
  return openActivity({
    file: rotatingLines(folder.path, 'activity', largest),
    clock,
    log: { info: note, warn: note, error: note, conceal: () => undefined, letGo: () => undefined },
    isKnown: (server) => known.has(server),
    onChange: () => {
      changes += 1;
    },
    ...(most === undefined ? {} : { most }),
  });
};

interface Given {
  readonly server?: string;
  readonly aiClient?: string;
  readonly name?: string;
  readonly method?: string;
  readonly outcome?: 'answered' | 'tool-error' | 'error' | 'gone';
}
const begin = (activity: Activity, given: Given = {}) => {
  const { server = 'linear', aiClient = 'Claude', method = 'tools/call', name = 'add' } = given;
  const ended = activity.began({
    ...{ key: { server, account: 'default' }, aiClient, door: 'shim', method, name },
    bytes: 10,
  });
  return (): void => void ended({ outcome: given.outcome ?? 'answered', bytes: 20 });
};
const note = (activity: Activity, given: Given = {}): void => begin(activity, given)();
const ask = (activity: Activity, wish: Partial<ActivityWish> = {}) =>
  activity.find({ limit: 200, skip: 0, span: 'day', ...wish });
const names = (activity: Activity, wish: Partial<ActivityWish> = {}) =>
  ask(activity, wish).entries.map(({ name }) => name);

describe('a request', () => {
  it('is remembered with everything but what was said, and for how long it ran', async () => {
    const activity = await open();
    const end = begin(activity);
    await clock.advance(1_234);
    end();
    expect(ask(activity).entries).toEqual([
      {
        id: 1,
        at: clock.now(),
        durationMs: 1_234,
        server: 'linear',
        account: 'default',
        aiClient: 'Claude',
        door: 'shim',
        method: 'tools/call',
        name: 'add',
        outcome: 'answered',
        bytesIn: 10,
        bytesOut: 20,
      },
    ]);
  });

  it('has names that fit on a line, however they came', async () => {
    const activity = await open();
    const odd = '\u001b[31m\u202eevil\n';
    note(activity, { aiClient: odd.repeat(99), method: `${odd}x`, name: odd.repeat(99) });
    note(activity, { aiClient: ' \n ' });
    const [second, first] = ask(activity).entries;
    expect([first?.aiClient.length, first?.method, first?.name?.length]).toEqual([
      60,
      '[31m evil x',
      200,
    ]);
    expect(JSON.stringify(first)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(second?.aiClient).toBe('unknown');
  });

  it('to a server that was removed meanwhile is not kept', async () => {
    const activity = await open();
    const end = begin(activity, { server: 'docs' });
    known.delete('docs');
    end();
    expect(ask(activity).entries).toEqual([]);
  });
});

describe('what is remembered', () => {
  it('outlasts a restart, in a file for its owner only, and goes on counting', async () => {
    const first = await open();
    note(first, { name: 'one' });
    await first.close();
    const second = await open();
    note(second, { name: 'two' });
    expect(ask(second).entries.map(({ id, name }) => [id, name])).toEqual([
      [2, 'two'],
      [1, 'one'],
    ]);
    expect(folder.modeOf('activity.jsonl')).toBe('600');
    expect(second.useOf('linear')).toEqual({ lastCallAt: clock.now(), usedBy: ['Claude'] });
  });

  it('is written, and told of, half a second later and all at once', async () => {
    const activity = await open();
    for (let n = 0; n < 50; n += 1) note(activity);
    await clock.advance(499);
    expect([changes, folder.names()]).toEqual([0, []]);
    await clock.advance(1);
    await activity.close();
    expect([changes, readFileSync(folder.of('activity.jsonl'), 'utf8').split('\n').length]).toEqual(
      [1, 51],
    );
    expect(clock.waits()).toEqual([]);
  });

  it('is only so much', async () => {
    const activity = await open(3);
    for (const name of ['1', '2', '3', '4', '5']) note(activity, { name });
    expect(names(activity)).toEqual(['5', '4', '3']);
    await activity.close();
    expect(names(await open(2))).toEqual(['5', '4']);
  });

  it('is in two files of limited size, the older one of which goes', async () => {
    const activity = await open(undefined, 1_000);
    for (let n = 0; n < 40; n += 1) note(activity, { name: `tool-${n}` });
    await activity.close();
    expect(folder.names()).toEqual(['activity.1.jsonl', 'activity.jsonl']);
    for (const name of folder.names())
      expect(statSync(folder.of(name)).size).toBeLessThanOrEqual(1_000);
    const again = names(await open(undefined, 1_000));
    expect(again.at(0)).toBe('tool-39');
    expect(again.length).toBeGreaterThan(3);
    expect(again).toEqual(Array.from(again, (_, n) => `tool-${39 - n}`));
  });

  it('survives lines that a crash or somebody else has damaged', async () => {
    const first = await open();
    note(first, { name: 'one' });
    await first.close();
    const whole = readFileSync(folder.of('activity.jsonl'), 'utf8');
    writeFileSync(
      folder.of('activity.jsonl'),
      `nonsense\n{"id":"x"}\n\n${whole}${whole.slice(0, 40)}`,
    );
    const second = await open();
    note(second, { name: 'two' });
    await second.close();
    expect(names(await open())).toEqual(['two', 'one']);
  });

  it('is nothing, and no trouble, where the file cannot be read or written', async () => {
    const activity = await open();
    rmSync(folder.path, { recursive: true });
    note(activity);
    await activity.close();
    expect([names(activity), logged]).toEqual([['add'], ['activity-not-kept']]);
  });
});

describe('what is asked for', () => {
  it('is chosen by server, AI client, outcome, time and place, the newest first', async () => {
    const activity = await open();
    note(activity, { name: 'a' });
    note(activity, { name: 'b', aiClient: 'Cursor', outcome: 'error' });
    await clock.advance(1_000);
    note(activity, { name: 'c', server: 'docs', outcome: 'tool-error' });
    note(activity, { name: 'd', server: 'docs', outcome: 'gone' });

    expect(names(activity, { server: 'docs' })).toEqual(['d', 'c']);
    expect(names(activity, { aiClient: 'Cursor' })).toEqual(['b']);
    expect(names(activity, { outcomes: ['error', 'tool-error'] })).toEqual(['c', 'b']);
    expect(names(activity, { since: clock.now() })).toEqual(['d', 'c']);
    expect(names(activity, { after: 3 })).toEqual(['d']);
    expect(ask(activity, { limit: 1 })).toMatchObject({
      entries: [{ name: 'd' }],
      found: 4,
      aiClients: ['Claude', 'Cursor'],
    });
  });

  it('is chosen by a part of the tool or of the method, in capitals or not', async () => {
    const activity = await open();
    note(activity, { name: 'create_issue' });
    note(activity, { name: 'search', method: 'prompts/get' });
    expect(names(activity, { name: 'ISSUE' })).toEqual(['create_issue']);
    expect(names(activity, { name: 'prompts' })).toEqual(['search']);
    expect(names(activity, { name: '.*' })).toEqual([]);
    expect(ask(activity, { name: 'issue' }).total.calls).toBe(1);
  });

  it('comes in pages, which stay what they are while more comes', async () => {
    const activity = await open();
    for (const name of ['1', '2', '3', '4', '5']) note(activity, { name });
    const { last } = ask(activity);
    note(activity, { name: '6' });
    note(activity, { name: '7', server: 'docs' });
    const page = (skip: number) => {
      const { entries, found, newer } = ask(activity, {
        ...{ upTo: last, skip, limit: 2, server: 'linear' },
      });
      return [entries.map(({ name }) => name), found, newer];
    };
    expect([0, 2, 4, 6].map(page)).toEqual([
      [['5', '4'], 5, 1],
      [['3', '2'], 5, 1],
      [['1'], 5, 1],
      [[], 5, 1],
    ]);
  });

  it('is counted piece by piece for an hour, a day or a week, whatever became of it', async () => {
    const activity = await open();
    note(activity);
    await clock.advance(HOUR);
    note(activity, { outcome: 'error' });
    note(activity, { server: 'docs' });
    const wish = { server: 'linear', outcomes: ['gone' as const] };
    const { pieces, total } = ask(activity, wish);
    expect(pieces.length).toBe(24);
    expect(pieces.slice(-2).map(({ calls, failed }) => [calls, failed])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(total).toMatchObject({ calls: 2, failed: 1 });
    expect(ask(activity, { ...wish, span: 'hour' }).total).toEqual({ calls: 1, failed: 1 });
    await clock.advance(25 * HOUR);
    expect(ask(activity).total.calls).toBe(0);
    expect(ask(activity, { span: 'week' }).total.calls).toBe(3);
  });

  it('is found among ten thousand about as fast as among a thousand', async () => {
    const [activity, few] = [await open(), await open()];
    for (let n = 0; n < MOST_ACTIVITY + 5; n += 1) note(activity, { name: `tool-${n % 100}` });
    const reply = ask(activity, { name: 'TOOL-7', limit: 50, skip: 1_000, span: 'week' });
    expect([reply.found, reply.entries.length, reply.total.calls]).toEqual([1_100, 50, 1_100]);
    expect(ask(activity).found).toBe(MOST_ACTIVITY);
    for (let n = 0; n < MOST_ACTIVITY / 10; n += 1) note(few, { name: `tool-${n % 100}` });
    const find = (among: Activity) => () => ask(among, { name: 'tool', limit: 50, span: 'week' });
    // As many more as there are, and a little for what they cost besides.
    await expectUnder(50, find(activity), find(few));
  });

  it('tells who uses a server for a week, the latest first, and never by nobody', async () => {
    const activity = await open();
    for (const aiClient of ['Old', 'Claude', '', 'Cursor', 'Claude']) {
      note(activity, { aiClient });
      await clock.advance(aiClient === 'Old' ? 8 * 24 * HOUR : 1_000);
    }
    expect(activity.useOf('linear')).toMatchObject({ usedBy: ['Claude', 'Cursor'] });
    for (let n = 0; n < 100; n += 1) note(activity, { aiClient: `client-${n}` });
    expect(activity.useOf('linear').usedBy).toHaveLength(5);
    expect(activity.useOf('docs')).toEqual({});
  });
});

describe('it is forgotten', () => {
  it('of one server when that goes, in memory and in the file', async () => {
    const activity = await open();
    note(activity, { server: 'docs', name: 'canary' });
    note(activity, { name: 'kept' });
    await clock.advance(500);
    note(activity, { server: 'docs', name: 'canary' });
    const before = activity.view()?.revision;
    await activity.forget('docs');
    await activity.close();
    expect([names(activity), activity.useOf('docs')]).toEqual([['kept'], {}]);
    expect(activity.view()?.revision).not.toBe(before);
    expect(readFileSync(folder.of('activity.jsonl'), 'utf8')).not.toContain('canary');
    expect(names(await open())).toEqual(['kept']);
  });

  it('of one server also where only the file goes back so far', async () => {
    const activity = await open(2);
    note(activity, { server: 'docs', name: 'canary' });
    for (const name of ['1', '2']) note(activity, { name });
    await activity.close();
    const again = await open(2);
    await again.forget('docs');
    expect(names(again)).toEqual(['2', '1']);
    expect(readFileSync(folder.of('activity.jsonl'), 'utf8')).not.toContain('canary');
  });

  it('as a whole, and the files with it', async () => {
    const activity = await open(undefined, 1_000);
    for (let n = 0; n < 20; n += 1) note(activity);
    await clock.advance(500);
    note(activity);
    await activity.clear();
    await activity.close();
    expect([folder.names(), names(activity), activity.view()]).toEqual([[], [], undefined]);
  });

  it('or it is said that the file is still there', async () => {
    const activity = await open();

    // A folder in its place, which a plain removal does not take.

    mkdirSync(folder.of('activity.jsonl', 'in-the-way'), { recursive: true });
    await expect(activity.clear()).rejects.toMatchObject({ code: 'activity-remains' });
  });
});
