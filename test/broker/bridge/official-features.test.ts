/** Do the official clients have all that server-everything offers, over both doors: sampling, completion, logging, subscriptions, cancellation? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { type Generation, generations, openClient, type Way } from './official-clients.ts';
import { shimCommand } from './shim-process.ts';

let server: EverythingServer;
let drawbridge: InProcessBroker;

beforeAll(async () => {
  server = await startEverythingServer();
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('everything', server.url);
});
afterAll(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
});

const doors: Readonly<Record<string, () => Promise<Way>>> = {
  'a shim': async () => shimCommand(drawbridge.dataFolder, 'everything'),
  'the HTTP door': async () => {
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    return { url: `${drawbridge.baseOfDoor}/mcp/everything`, key };
  },
};
const everyGeneration: readonly Generation[] = [...generations, 'SDK 2.x, modern era'];
const combinations = everyGeneration.flatMap((generation) =>
  Object.entries(doors).map(([door, way]) => ({ generation, door, way })),
);
const legacyOnes = combinations.filter(({ generation }) =>
  ['SDK 1.x', 'SDK 2.x, legacy era'].includes(generation),
);

describe.each(combinations)('$generation through $door', ({ generation, way }) => {
  it('is asked for what its model says (sampling)', async () => {
    await using client = await openClient(generation, await way(), { samples: true });
    await expect.poll(client.tools, eventually).toContain('trigger-sampling-request');
    const { text } = await client.call('trigger-sampling-request', { prompt: 'hello' });
    expect(text).toContain('what the model says');
  });

  it('is proposed what an argument may go on with (completion)', async () => {
    await using client = await openClient(generation, await way());
    expect(await client.complete('completable-prompt', 'department', 'E')).toEqual(['Engineering']);
  });

  it('hears that a resource it subscribed to has changed', async () => {
    await using client = await openClient(generation, await way());
    const uri = 'demo://resource/dynamic/text/1';
    await client.subscribe(uri);
    await client.call('toggle-subscriber-updates');
    await expect.poll(() => client.updated, eventually).toContain(uri);
  });

  it('gives a call up, and goes on with the next', async () => {
    await using client = await openClient(generation, await way());
    const giveUp = new AbortController();
    const outcome = client
      .call(
        'trigger-long-running-operation',
        { duration: 60, steps: 120 },
        { signal: giveUp.signal, onprogress: () => giveUp.abort() },
      )
      .catch((error: unknown) => error);
    expect(await outcome).toBeInstanceOf(Error);
    expect((await client.call('echo', { message: 'next' })).text).toBe('Echo: next');
  });
});

describe.each(legacyOnes)('$generation through $door', ({ generation, way }) => {
  it('is told what the server logs, from the level that it wants', async () => {
    await using client = await openClient(generation, await way());
    await client.setLevel('debug');
    await client.call('toggle-simulated-logging');
    await expect.poll(() => client.serverLog.length, eventually).toBeGreaterThan(0);
  });
});
