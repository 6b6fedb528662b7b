/** How long does a leg wait where a server asks it to, and what is the AI client told of that? (T17, T18) */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../doubles/clock.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { beginEvents, initialize, legacyServer, say, setStage } from './stage.ts';

const call = { id: 7, method: 'tools/call', params: { name: 'x' } };

describe('a stream that is to be opened again after (T18)', () => {
  it.each([
    [86_400_000, 60_000],
    [7_000, 7_000],
    [0, 500],
  ])('%i ms waits for %i ms, when it is that of a call', async (wish, wait) => {
    const clock = createVirtualClock();
    await using stage = await setStage(
      legacyServer((_message, res) => {
        beginEvents(res);
        res.end(`id: a\nretry: ${wish}\ndata:\n\n`);
      }),
      clock,
    );
    const leg = stage.open.legacy(() => undefined);
    say(leg, call);
    await expect.poll(clock.waits, eventually).toEqual([wait]);
    leg.close();
  });

  it.each([
    [86_400_000, 60_000],
    [0, 500],
  ])('%i ms waits for %i ms, when it is the server’s own', async (wish, wait) => {
    const clock = createVirtualClock();
    await using stage = await setStage((message, res, req) => {
      if (req.method !== 'GET') return legacyServer(() => undefined)(message, res, req);
      beginEvents(res);
      res.end(`retry: ${wish}\ndata:\n\n`);
    }, clock);
    const leg = stage.open.legacy(() => undefined);
    say(leg, initialize);
    say(leg, { method: 'notifications/initialized' });
    await expect.poll(clock.waits, eventually).toEqual([wait]);
    leg.close();
  });
});

describe('an AI client whose request was too much for the server', () => {
  const hints: readonly [number, string | string[] | undefined, string | undefined][] = [
    [429, '7', 'it asks to be tried again in 7 seconds'],
    [503, '120', 'it asks to be tried again in 120 seconds'],
    [
      429,
      'Wed, 21 Oct 2026 07:28:00 GMT',
      'it asks to be tried again after 2026-10-21T07:28:00.000Z',
    ],
    [429, undefined, 'it gets too many requests: try again later'],
    [429, 'soon, says <b>evil</b>', 'it gets too many requests: try again later'],
    [503, ['7', '8'], undefined],
    [500, undefined, undefined],
  ];
  for (const era of ['modern', 'legacy', 'old'] as const)
    it.each(hints)(
      `is told of ${era} servers: status %i, Retry-After %j`,
      async (status, after, hint) => {
        await using stage = await setStage((_message, res, req) => {
          if (era === 'old' && req.method === 'GET') {
            beginEvents(res);
            return void res.write('event: endpoint\ndata: /messages\n\n');
          }
          if (after !== undefined) res.setHeader('retry-after', after);
          res.writeHead(status);
          res.end('{"error":"slow down"}');
        });
        const leg = stage.open[era](() => undefined);
        const { ends } = say(leg, call);
        await expect.poll(() => ends, eventually).toHaveLength(1);
        expect(ends[0]?.problem?.problem).toEqual({
          code: 'server-trouble',
          message: `Test Server answered with status ${status}`,
          ...(hint === undefined ? {} : { hint }),
        });
        leg.close();
      },
    );
});
