/** After a start, do the servers that need nobody answer at once, however slow they are and whoever is not signed in? */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openClient } from '../broker/bridge/official-clients.ts';
import { startRestartableBroker } from '../doubles/restartable-broker.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { sendJson, startLoopbackServer } from '../servers/loopback-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';

/** How long each of the seven takes over a call, ms; getting a credential takes the three as long once more. */
const OPEN_MS = [2000, 1200, 1200, 1200];
const MINTED_MS = [1000, 800, 800];

it('ten servers, three of them signed out: the seven take no longer than the slowest of them alone', async () => {
  await using counterparts = new AsyncDisposableStack();
  const drawbridge = counterparts.use(await startRestartableBroker());
  /** The calls that are under way. None of them is answered before there are as many as are waited for. */
  const underWay = new Set<string>();
  let waitedFor = 1;
  let allThere = Promise.withResolvers<void>();
  const during = async (name: string, ms: number): Promise<void> => {
    underWay.add(name);
    if (underWay.size === waitedFor) allThere.resolve();
    await Promise.all([delay(ms), allThere.promise]);
    underWay.delete(name);
  };
  const slow = (name: string, ms: number, isGood: (authorization: string) => boolean) =>
    startMcpServer({
      admits: async ({ headers }, body) => {
        if (!isGood(headers.authorization ?? '')) return false;
        if (body.includes('tools/call')) await during(name, ms);
        return true;
      },
    });

  for (const [at, ms] of OPEN_MS.entries()) {
    const server = counterparts.use(await slow(`open-${at}`, ms, () => true));
    await drawbridge.control.addServer({ url: server.url, id: `open-${at}` });
  }
  await drawbridge.control.keepSecret({ name: 'SECRET', value: 'canary-secret' });
  for (const [at, ms] of MINTED_MS.entries()) {
    const token = `canary-token-${at}`;
    const tokens = counterparts.use(
      await startLoopbackServer(() => async (_req, res) => {
        await delay(ms);
        sendJson(res, 200, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
      }),
    );
    const server = counterparts.use(
      await slow(`minted-${at}`, ms, (shown) => shown === `Bearer ${token}`),
    );
    await drawbridge.control.addServer({
      ...{ url: server.url, id: `minted-${at}` },
      source: {
        ...{ kind: 'client-credentials', clientId: 'drawbridge' },
        ...{ clientSecret: '${vault:SECRET}', tokenUrl: `${tokens.origin}/token` },
      },
    });
  }
  const signInService = counterparts.use(await startAuthorizationServer());
  for (const at of [0, 1, 2]) {
    const server = counterparts.use(await startMcpServer({ authorizationServer: signInService }));
    await drawbridge.control.addServer({ url: server.url, id: `out-${at}` });
  }
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  const base = async () => (await drawbridge.control.snapshot()).doors.http ?? '';
  const ask = async (id: string): Promise<string> => {
    const way = { url: `${await base()}/mcp/${id}`, key };
    await using client = await openClient('SDK 2.x, modern era', way);
    return (await client.call('add', { a: 2, b: 3 })).text;
  };
  const timed = async (deed: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await deed();
    return performance.now() - began;
  };
  const seven = [
    ...OPEN_MS.map((_ms, at) => `open-${at}`),
    ...MINTED_MS.map((_ms, at) => `minted-${at}`),
  ];

  await drawbridge.restart();
  const alone: number[] = [];
  for (const id of seven) alone.push(await timed(() => ask(id)));

  await drawbridge.restart();
  waitedFor = seven.length;
  allThere = Promise.withResolvers<void>();
  const out = [0, 1, 2].map((at) => ask(`out-${at}`));
  let answers: string[] = [];
  const together = await timed(async () => {
    answers = await Promise.all(seven.map(ask));
  });

  // Each was answered only once all seven were being asked: none has waited for another, nor for those signed out.
  expect(answers).toEqual(seven.map(() => '5'));
  for (const answer of await Promise.all(out)) expect(answer).toContain('sign in');
  const slowest = Math.max(...alone);
  // One after the other they would take more than three times as long; the rest is for a busy machine.
  expect(alone.reduce((sum, ms) => sum + ms) / slowest).toBeGreaterThan(3);
  expect(together / slowest).toBeLessThan(2.5);
  process.stdout.write(
    `two-phase start: ${(together / slowest).toFixed(2)} of the slowest alone\n`,
  );
}, 60_000);
