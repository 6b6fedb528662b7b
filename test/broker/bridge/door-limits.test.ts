/** How many sessions and legs does the HTTP door keep, for how long, and how much for those that do not listen? */
import { get, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  createDoorSessions,
  type DoorSessions,
  type Visitor,
} from '../../../broker/bridge/doors/door-sessions.ts';
import { createLegPool } from '../../../broker/bridge/doors/leg-pool.ts';
import { type Hearer, messageOf, type OpenLeg } from '../../../broker/bridge/leg.ts';
import { createVirtualClock, type VirtualClock } from '../../doubles/clock.ts';
import { eventually } from '../../doubles/eventually.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';

const HOUR = 60 * 60 * 1000;
const MB = 'x'.repeat(1024 * 1024);

/** A leg that takes every handshake, and counts who opened and closed one. */
const scripted = () => {
  const legs: {
    isClosed: boolean;
    /** How many requests were given up. */
    givenUp: number;
    say: (n: number, data?: string) => void;
    readonly hearers: Hearer[];
  }[] = [];
  const open: OpenLeg = (unasked) => {
    const here = {
      isClosed: false,
      givenUp: 0,
      hearers: [] as Hearer[],
      say: (n: number, data?: string): void =>
        unasked(JSON.stringify({ jsonrpc: '2.0', method: `n/${n}`, params: { data } }), {
          ...{ id: undefined, method: `n/${n}` },
        }),
    };
    legs.push(here);
    return {
      say: ({ envelope: { id, method } }, hearer) => {
        if (method !== 'initialize') here.hearers.push(hearer);
        else hearer.message('{"jsonrpc":"2.0","id":0,"result":{}}', { id, method: undefined });
        return () => (here.givenUp += 1);
      },
      pause: () => undefined,
      resume: () => undefined,
      close: () => (here.isClosed = true),
    };
  };
  return { legs, open };
};

const visitor: Visitor = {
  keyId: 'key',
  aiClient: 'test',
  place: {
    ...{ title: 'One', path: '/mcp/one', name: 'one', account: 'default' },
    leg: () => expect.fail('the test opens legs itself'),
  },
};
const initialize = messageOf({ jsonrpc: '2.0', id: 0, method: 'initialize' });
const list = messageOf({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

describe('a session at the HTTP door', () => {
  const stage = () => {
    const clock = createVirtualClock();
    const { legs, open } = scripted();
    const sessions = createDoorSessions(clock.after);
    const begin = async (): Promise<string> =>
      (await sessions.begin(visitor, open, initialize)).id ?? expect.fail('no session');
    return { clock, legs, sessions, begin };
  };

  it('makes room for the five hundred and first where it was quiet for longest, and no other (T15)', async () => {
    const { legs, sessions, begin } = stage();
    const ids: string[] = [];
    for (let n = 0; n < 500; n += 1) ids.push(await begin());
    expect(legs.filter(({ isClosed }) => isClosed)).toEqual([]);
    // It is not the quietest any more.
    expect(sessions.find(visitor, ids[0] ?? '')).toBeDefined();
    ids.push(await begin());
    expect(legs.flatMap(({ isClosed }, at) => (isClosed ? [at] : []))).toEqual([1]);
    expect(sessions.find(visitor, ids[1] ?? '')).toBeUndefined();
    sessions.close();
    expect(legs.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('ends after twelve hours in which nothing happens (T15)', async () => {
    const { clock, legs, sessions, begin } = stage();
    const id = await begin();
    await clock.advance(12 * HOUR - 1);
    expect(sessions.find(visitor, id)).toBeDefined();
    await clock.advance(12 * HOUR - 1);
    expect(legs[0]?.isClosed).toBe(false);
    await clock.advance(1);
    expect([legs[0]?.isClosed, sessions.find(visitor, id), clock.waits()]).toEqual([
      ...[true, undefined, []],
    ]);
  });

  /** The door's stream of a session, with the events that came on it. */
  const listening = async (sessions: DoorSessions, id: string) => {
    const server = await startLoopbackServer(() => (_req, res) => {
      sessions.find(visitor, id)?.listen(res);
    });
    const answer = await fetch(server.origin);
    const heard: string[] = [];
    const reading = (async () => {
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        heard.splice(0, heard.length, ...(text.match(/n\/\d+/g) ?? []));
      }
    })();
    return { answer, heard, close: () => Promise.all([reading, server.close()]) };
  };

  it('lasts as long as somebody listens', async () => {
    const { clock, legs, sessions, begin } = stage();
    const id = await begin();
    const { close } = await listening(sessions, id);
    await clock.advance(30 * HOUR);
    expect(legs[0]?.isClosed).toBe(false);
    sessions.close();
    await close();
  });

  it('keeps the last two hundred messages for who does not listen yet, and has them first (T17)', async () => {
    const { legs, sessions, begin } = stage();
    const id = await begin();
    for (let n = 1; n <= 203; n += 1) legs[0]?.say(n);
    const { heard, close } = await listening(sessions, id);
    legs[0]?.say(204);
    await expect.poll(() => heard.at(-1), eventually).toBe('n/204');
    expect(heard).toEqual(Array.from({ length: 201 }, (_, at) => `n/${at + 4}`));
    sessions.close();
    await close();
  });

  it('breaks off a stream that falls 32 MB behind, and another one goes on from there', async () => {
    const { legs, sessions, begin } = stage();
    const id = await begin();
    const server = await startLoopbackServer(() => (_req, res) => {
      sessions.find(visitor, id)?.listen(res);
    });
    const unread = await new Promise<IncomingMessage>((resolve) => get(server.origin, resolve));
    const broken = new Promise((resolve) => unread.once('error', resolve));
    for (let n = 0; n < 30; n += 1) legs[0]?.say(n, MB);
    expect(unread.errored).toBeNull();
    for (let n = 0; n < 10; n += 1) legs[0]?.say(n, MB);
    unread.resume();
    await broken;
    await server.close();
    const { heard, close } = await listening(sessions, id);
    legs[0]?.say(99);
    await expect.poll(() => heard.at(-1), eventually).toBe('n/99');
    sessions.close();
    await close();
  });

  it('is listened to over a stream that no proxy may hold back (T12)', async () => {
    const { sessions, begin } = stage();
    const { answer, close } = await listening(sessions, await begin());
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    sessions.close();
    await close();
  });
});

describe('a leg that is kept for modern AI clients', () => {
  const stage = (): {
    clock: VirtualClock;
    ask: () => Hearer | undefined;
    closed: () => boolean[];
  } => {
    const clock = createVirtualClock();
    const { legs, open } = scripted();
    const pool = createLegPool(clock.after);
    return {
      clock,
      ask: () => {
        pool.of(visitor, open).say(list, { message: () => undefined, done: () => undefined });
        return legs.at(-1)?.hearers.at(-1);
      },
      closed: () => legs.map(({ isClosed }) => isClosed),
    };
  };

  it('is closed after fifteen minutes in which nobody asks', async () => {
    const { clock, ask, closed } = stage();
    ask()?.done({});
    await clock.advance(15 * 60_000 - 1);
    // The same, which begins to wait anew.
    ask()?.done({});
    await clock.advance(15 * 60_000 - 1);
    expect(closed()).toEqual([false]);
    await clock.advance(1);
    expect([closed(), clock.waits()]).toEqual([[true], []]);
    ask()?.done({});
    expect(closed()).toEqual([true, false]);
  });

  it('stays while an answer is awaited, however long that takes', async () => {
    const { clock, ask, closed } = stage();
    const [first, second] = [ask(), ask()];
    first?.done({});
    await clock.advance(24 * HOUR);
    expect(closed()).toEqual([false]);
    second?.done({});
    await clock.advance(15 * 60_000);
    expect(closed()).toEqual([true]);
  });

  it('gives up a request that is 32 MB behind in reading, tells it why, and none but it', () => {
    const { open, legs } = scripted();
    const pool = createLegPool(createVirtualClock().after);
    const slow = pool.of(visitor, open);
    const heard: string[] = [];
    const hearerOf = (who: string): Hearer => ({
      message: () => void heard.push(who),
      done: ({ problem }) => void heard.push(`${who}: ${problem?.code}`),
    });
    slow.say(list, hearerOf('slow'));
    pool.of(visitor, open).say(list, hearerOf('other'));
    slow.pause();
    const [toSlow, toOther] = legs[0]?.hearers ?? [];
    for (let n = 0; n < 33; n += 1) toSlow?.message(MB, { id: undefined, method: 'n' });
    toOther?.message(MB, { id: undefined, method: 'n' });
    toOther?.done({});
    expect([heard, legs[0]?.givenUp]).toEqual([['other', 'other: undefined'], 1]);
    slow.resume();
    expect(heard.slice(2)).toEqual(['slow: server-too-slow']);
  });

  it('tells one that has hung up nothing more', () => {
    const { open, legs } = scripted();
    const slow = createLegPool(createVirtualClock().after).of(visitor, open);
    const giveUp = slow.say(list, {
      message: () => expect.fail('to nobody'),
      done: () => expect.fail('to nobody'),
    });
    slow.pause();
    legs[0]?.hearers[0]?.message('{}', { id: undefined, method: 'n' });
    giveUp();
    slow.resume();
    expect(legs[0]?.givenUp).toBe(1);
  });
});
