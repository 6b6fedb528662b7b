/** Does a session stay at the machine where it began, and does its cookie tell nobody more than the session does? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generations, openClient, type Way } from '../broker/bridge/official-clients.ts';
import { shimCommand } from '../broker/bridge/shim-process.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { startEverythingServer } from '../servers/everything-server.ts';
import { startOldServer } from '../servers/old-server.ts';
import { type StickyBalancer, startStickyBalancer } from '../servers/sticky-balancer.ts';

let drawbridge: InProcessBroker;
let counterparts: AsyncDisposableStack;

beforeEach(async () => {
  counterparts = new AsyncDisposableStack();
  drawbridge = await startInProcessBroker();
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await counterparts.disposeAsync();
});

const machines = {
  'sessions of Streamable HTTP': startEverythingServer,
  'streams of HTTP+SSE': startOldServer,
};
const behindBalancer = async (kind: keyof typeof machines): Promise<StickyBalancer> => {
  const [one, two] = [
    counterparts.use(await machines[kind]()),
    counterparts.use(await machines[kind]()),
  ];
  return counterparts.use(await startStickyBalancer([one.origin, two.origin]));
};
const httpDoor = async (server: string): Promise<Way> => {
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  return { url: `${drawbridge.baseOfDoor}/mcp/${server}`, key };
};
const ways = {
  'a shim': async () => shimCommand(drawbridge.dataFolder, 'one'),
  'the HTTP door': () => httpDoor('one'),
};
const all = generations.flatMap((generation) =>
  Object.entries(ways).map(([door, way]) => ({ generation, door, way })),
);

/** Those that came with each session. */
const cookiesIn = (seen: StickyBalancer['seen']): Map<string, (string | undefined)[]> =>
  new Map(
    seen
      .filter(({ session }) => session !== '')
      .map(({ session }) => [
        session,
        [...new Set(seen.filter((one) => one.session === session).map(({ cookie }) => cookie))],
      ]),
  );

describe.each(Object.keys(machines) as (keyof typeof machines)[])('%s', (kind) => {
  it.each(all)('stay where they began: $generation over $door', async ({ generation, way }) => {
    const balancer = await behindBalancer(kind);
    await drawbridge.addServer('one', `${balancer.origin}/mcp`);
    const looked = balancer.seen.length;
    await using client = await openClient(generation, await way());
    for (const text of ['a', 'b', 'c', 'd'])
      expect((await client.call('echo', { message: text })).text).toContain(text);
    // Never at a machine that has not heard of it, which it would have to begin anew at.
    const cookies = [...cookiesIn(balancer.seen.slice(looked)).values()];
    expect(cookies).not.toEqual([]);
    for (const its of cookies) expect(its).toEqual([expect.stringMatching(/^machine=\d+$/)]);
  });

  it('have a cookie each, and it goes with nothing but its session', async () => {
    const balancer = await behindBalancer(kind);
    await drawbridge.addServer('one', `${balancer.origin}/mcp`);
    // The look at the address has no cookies, and what it opened is no session of anybody's.
    const looked = balancer.seen.length;
    const openAndCall = async () => {
      const client = counterparts.use(await openClient('SDK 1.x', await httpDoor('one')));
      await client.call('echo', { message: 'x' });
      return client;
    };
    const [first] = [await openAndCall(), await openAndCall()];
    await first?.call('echo', { message: 'y' });

    const seen = balancer.seen.slice(looked);
    const cookies = cookiesIn(seen);
    expect(cookies.size).toBeGreaterThanOrEqual(2);
    const each = [...cookies.values()];
    for (const its of each) expect(its).toEqual([expect.stringMatching(/^machine=\d+$/)]);
    // No two sessions have been seen with one cookie.
    expect(new Set(each.flat()).size).toBe(cookies.size);
    // What opens one brings none.
    const opening = seen.filter(({ session }) => session === '');
    expect(new Set(opening.map(({ cookie }) => cookie))).toEqual(new Set([undefined]));
  });
});

it('an AI client sees no cookie, and none of its own reaches a server', async () => {
  const balancer = await behindBalancer('sessions of Streamable HTTP');
  await drawbridge.addServer('one', `${balancer.origin}/mcp`);
  const { url, key } = (await httpDoor('one')) as { url: string; key: string };
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${key}`, cookie: 'machine=77; canary=1' },
      ...{ accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'a', version: '1' },
      },
    }),
  });
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null]);
  expect(await answer.text()).toContain('protocolVersion');
  expect(balancer.seen.length).toBeGreaterThan(0);
  expect(JSON.stringify(balancer.seen)).not.toMatch(/canary|=77/);
});
