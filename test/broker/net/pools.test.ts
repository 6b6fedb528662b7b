/** Do connections to servers wait for as long as whoever waits for the answer? (T12) */
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
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
