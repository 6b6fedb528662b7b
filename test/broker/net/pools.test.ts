/** Do connections to servers wait for as long as whoever waits for the answer? (T12) */
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import type { ClientIdentity } from '../../../broker/net/client-identity.ts';
import { createPools } from '../../../broker/net/pools.ts';
import { eventually } from '../../doubles/eventually.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';

/** The clock by which undici, which the pools are of, ends what takes too long. */
const undici = createRequire(import.meta.url)('undici/lib/util/timers.js') as {
  readonly tick: (ms: number) => void;
};
const days = (count: number): void => {
  // A wait that has only just begun counts from the next tick on.
  undici.tick(1_000);
  undici.tick(count * 24 * 60 * 60 * 1000);
};

it('a tool that thinks for two days, and a stream that is silent for two, are waited for (T12)', async () => {
  let [asked, ended] = [false, false];
  let begin = (): void => undefined;
  let end = (): void => undefined;
  await using server = await startLoopbackServer(() => (_req, res) => {
    asked = true;
    begin = () => void res.writeHead(200, { 'content-type': 'text/event-stream' }).write('first, ');
    end = () => void res.end('last');
  });
  const pools = createPools();
  try {
    const asking = pools.to(server.origin).request({ path: '/', method: 'GET' });
    asking.catch(() => (ended = true));
    await expect.poll(() => asked, eventually).toBe(true);
    days(2);
    begin();
    const { body } = await asking;
    body.once('error', () => (ended = true));
    const chunks: string[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    await expect.poll(() => chunks, eventually).toEqual(['first, ']);
    days(2);
    end();
    await expect.poll(() => chunks, eventually).toEqual(['first, ', 'last']);
    expect(ended).toBe(false);
  } finally {
    await pools.close();
  }
});

it('once a host is not allowed any more, what is open to it ends, whether a certificate is shown there or not', async () => {
  let streams = 0;
  await using server = await startLoopbackServer(() => (_req, res) => {
    streams += 1;
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('first');
  });
  let isAllowed = true;
  const no = new Error('not allowed');
  const pools = createPools({}, () => {
    if (!isAllowed) throw no;
  });
  const identity: ClientIdentity = {
    isFor: () => true,
    keyPair: () => Promise.reject(new Error('nothing is shown without TLS')),
  };
  try {
    const ends: unknown[] = [];
    for (const whose of [undefined, identity]) {
      const { body } = await pools.to(server.origin, whose).request({ path: '/', method: 'GET' });
      body.once('error', (error: unknown) => ends.push(error)).resume();
    }
    pools.look();
    expect([streams, ends]).toEqual([2, []]);
    isAllowed = false;
    pools.look();
    await expect.poll(() => ends, eventually).toEqual([no, no]);
    for (const whose of [undefined, identity])
      expect(() => pools.to(server.origin, whose)).toThrow(no);
    isAllowed = true;
    const { statusCode, body } = await pools
      .to(server.origin, identity)
      .request({ path: '/', method: 'GET' });
    body.once('error', () => undefined).resume();
    expect([statusCode, streams]).toEqual([200, 3]);
  } finally {
    await pools.close();
  }
});
