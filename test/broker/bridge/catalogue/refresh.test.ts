/** Does the bridge read servers by itself: all of them, none too often, and none in the way of another? */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRefresh, type Refresh } from '../../../../broker/bridge/catalogue/refresh.ts';
import { type Catalogue, openCatalogue } from '../../../../broker/bridge/catalogue/store.ts';
import { watchUsable } from '../../../../broker/bridge/catalogue/usable.ts';
import type { Target } from '../../../../broker/bridge/target.ts';
import { createLogger } from '../../../../broker/log/logger.ts';
import { type AccountKey, keyText } from '../../../../shared/contract/ids.ts';
import type { AccountState, Snapshot } from '../../../../shared/contract/snapshot.ts';
import { createVirtualClock, type VirtualClock } from '../../../doubles/clock.ts';
import { type ScriptedServer, scriptServer } from './scripted-leg.ts';

const keyOf = (server: string): AccountKey => ({ server, account: 'default' });
const identity = { serverInfo: { name: 'x', version: '1' }, capabilities: { tools: {} } };

/** By its name: those that need no sign-in are called open. */
const targetOf = ({ server }: AccountKey): Target => ({
  title: server,
  upstream: {
    key: keyOf(server),
    url: new URL(`https://${server}.example/`),
    credential: server.startsWith('open') ? 'none' : 'sign-in',
  },
});

let folder: string;
let clock: VirtualClock;
let catalogue: Catalogue;
let refresh: Refresh;
let servers: Map<string, ScriptedServer>;
let opened: string[];
let readings: [string, string[]][];
let log: string[];
let usable: (key: AccountKey) => boolean;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  clock = createVirtualClock();
  log = [];
  const logger = createLogger((line) => log.push(line), clock);
  catalogue = await openCatalogue({ folder, isThere: () => true, clock, log: logger });
  servers = new Map();
  opened = [];
  readings = [];
  usable = () => true;
  refresh = createRefresh({
    ...{ catalogue, clock, log: logger, version: '1' },
    find: targetOf,
    isUsable: (key) => usable(key),
    legs: (target, era) => {
      const name = `${target.upstream.key.server} ${era}`;
      const server = scriptServer();
      opened.push(name);
      servers.set(name, server);
      return server.open;
    },
    onRead: (key, changed) => readings.push([keyText(key), [...changed]]),
  });
});
afterEach(async () => {
  refresh.stop();
  await catalogue.close();
  await rm(folder, { recursive: true });
});

const at = (name: string): ScriptedServer => {
  const server = servers.get(name);
  if (server === undefined) throw new Error(`nobody opened ${name}`);
  return server;
};
const settle = (): Promise<void> => clock.advance(0);

describe('a reading', () => {
  it('says who it is, asks for what there is, page by page, and leaves', async () => {
    refresh.soon(keyOf('one'));
    const modern = at('one modern');
    modern.last('server/discover').answer(identity);
    await settle();
    modern.last('tools/list').answer({ tools: [1], nextCursor: 'b' });
    modern.last('tools/list').answer({ tools: [2] });
    await settle();

    expect(modern.methods()).toEqual(['server/discover', 'tools/list', 'tools/list']);
    const carried = modern.asked.map(({ envelope }) => envelope.params?._meta);
    expect(carried).toEqual(
      Array.from({ length: 3 }, () => ({
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
        'io.modelcontextprotocol/clientInfo': { name: 'drawbridge', version: '1' },
      })),
    );
    // Not a word of the other era (T2).
    expect([opened, modern.isClosed]).toEqual([['one modern'], true]);
    const kept = catalogue.of(targetOf(keyOf('one')).upstream);
    expect(kept?.lists.tools?.items).toBe('[1,2]');
    expect(readings).toEqual([['one/default', ['tools']]]);
  });

  it('takes the legacy era where the server does not know the other', async () => {
    refresh.soon(keyOf('one'));
    at('one modern').last('server/discover').refuse(-32601);
    await settle();
    const legacy = at('one legacy');
    expect(legacy.last('initialize').envelope.params).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'drawbridge', version: '1' },
    });
    legacy.last('initialize').answer(identity);
    await settle();
    legacy.last('tools/list').answer({ tools: [1] });
    await settle();
    expect(legacy.methods()).toEqual(['initialize', 'notifications/initialized', 'tools/list']);
    expect([readings, legacy.isClosed]).toEqual([[['one/default', ['tools']]], true]);
  });

  it('that fails is a line in the log, and that a server hangs is one after a while', async () => {
    refresh.soon(keyOf('one'));
    at('one modern').last('server/discover').fail();
    await settle();
    refresh.soon(keyOf('two'));
    await clock.advance(200_000);
    expect(log.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ event: 'catalogue-not-read', code: 'server-unreachable' }),
      expect.objectContaining({ event: 'catalogue-not-read', code: 'server-too-slow' }),
    ]);
    expect(readings).toEqual([]);
  });

  it('of one account is not begun twice in a minute, and not forgotten either', async () => {
    for (let count = 0; count < 5; count += 1) refresh.soon(keyOf('one'));
    at('one modern').last('server/discover').fail();
    await settle();
    for (let count = 0; count < 5; count += 1) refresh.soon(keyOf('one'));
    await clock.advance(59_000);
    expect(opened).toEqual(['one modern']);
    await clock.advance(1_000);
    expect(opened).toEqual(['one modern', 'one modern']);
  });

  it('is not begun for an account that cannot be used', async () => {
    usable = () => false;
    refresh.soon(keyOf('one'));
    await settle();
    expect([opened, log]).toEqual([[], []]);
  });

  it('of servers that need a sign-in waits for nothing but its like, eight at a time', async () => {
    for (let count = 0; count < 10; count += 1) refresh.soon(keyOf(`shut${count}`));
    for (let count = 0; count < 10; count += 1) refresh.soon(keyOf(`open${count}`));
    await settle();
    const eight = Array.from({ length: 8 }, (_, count) => count);
    expect(opened).toEqual([
      ...eight.map((count) => `shut${count} modern`),
      ...eight.map((count) => `open${count} modern`),
    ]);
  });

  it('leaves no timer behind when it is stopped', async () => {
    refresh.soon(keyOf('one'));
    refresh.stop();
    await settle();
    expect([clock.waits(), at('one modern').isClosed]).toEqual([[], true]);
  });
});

describe('an account', () => {
  const snapshotOf = (states: Readonly<Record<string, AccountState>>): Snapshot =>
    ({
      servers: Object.entries(states).map(([id, state]) => ({
        id,
        kind: id === 'provider' ? 'identity-provider' : 'mcp',
        accounts: [{ id: 'default', state, since: 0 }],
      })),
    }) as unknown as Snapshot;

  const watch = (first: Readonly<Record<string, AccountState>>) => {
    let now = snapshotOf(first);
    let tell = (_now: Snapshot): void => undefined;
    const told: string[] = [];
    const all: string[][] = [];
    const watched = watchUsable({
      snapshot: () => now,
      subscribe: (listener) => {
        tell = listener;
        return () => undefined;
      },
      onUsable: ({ server }) => told.push(server),
      onAccounts: (keys) => all.push(keys.map(({ server }) => server)),
    });
    const become = (states: Readonly<Record<string, AccountState>>): void => {
      now = snapshotOf(states);
      tell(now);
    };
    return { told, all, watched, become };
  };

  it('is told of once when it comes to be usable; those that need no sign-in come first', () => {
    const { told, become } = watch({
      a: 'signed-in',
      b: 'open',
      c: 'needs-sign-in',
      provider: 'open',
    });
    expect(told).toEqual(['b', 'a']);
    become({ a: 'renewing', b: 'open', c: 'signing-in' });
    become({ a: 'signed-in', b: 'open', c: 'signed-in' });
    expect(told).toEqual(['b', 'a', 'c']);
  });

  it('is not usable because a renewal of it is tried', () => {
    const { told, watched, become } = watch({ a: 'retrying' });
    become({ a: 'renewing' });
    become({ a: 'retrying' });
    expect([told, watched.is(keyOf('a'))]).toEqual([[], false]);
    become({ a: 'renewing' });
    become({ a: 'signed-in' });
    expect([told, watched.is(keyOf('a'))]).toEqual([['a'], true]);
  });

  it('that is usable is told of again when the network may be back', () => {
    const { told, watched } = watch({ a: 'renewing', b: 'open', c: 'offline' });
    watched.again();
    expect(told).toEqual(['b', 'b']);
  });

  it('that is gone is not among those there are', () => {
    const { all, become } = watch({ a: 'open', b: 'open' });
    become({ b: 'open' });
    expect(all).toEqual([['a', 'b'], ['b']]);
  });
});
