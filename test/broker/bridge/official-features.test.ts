/** Do the official clients have all that a server offers, over both doors: sampling, completion, logging, subscriptions, cancellation? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { changingResource } from '../../servers/mcp-conversation.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import {
  type Generation,
  generations,
  type OfficialClient,
  openClient,
  type Way,
} from './official-clients.ts';
import { shimCommand } from './shim-process.ts';

let everything: EverythingServer;
let modern: McpTestServer;
let drawbridge: InProcessBroker;

beforeAll(async () => {
  everything = await startEverythingServer();
  modern = await startMcpServer({ eras: 'modern', converses: true });
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('everything', everything.url);
  await drawbridge.addServer('modern', modern.url);
});
afterAll(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await Promise.all([everything.close(), modern.close()]);
});

/** The same deeds at a server of each era, in its own words. */
interface Deeds {
  readonly id: string;
  readonly sample: readonly [tool: string, args: Record<string, unknown>];
  readonly complete: readonly [prompt: string, argument: string];
  readonly resource: string;
  /** Makes the resource change, as somebody else would. */
  readonly touch: (client: OfficialClient) => Promise<void>;
  readonly slow: readonly [tool: string, args: Record<string, unknown>];
  /** How many calls the server itself knows to be given up. */
  readonly givenUp: () => number;
  readonly echoes: (word: string) => string;
  readonly log: string;
  /** What shows that the server knows which level is wanted. */
  readonly knowsLevel: (client: OfficialClient) => Promise<void>;
}

const servers: Readonly<Record<string, Deeds>> = {
  'server-everything': {
    id: 'everything',
    sample: ['trigger-sampling-request', { prompt: 'hello' }],
    complete: ['completable-prompt', 'department'],
    resource: 'demo://resource/dynamic/text/1',
    touch: async (client) => void (await client.call('toggle-subscriber-updates')),
    slow: ['trigger-long-running-operation', { duration: 60, steps: 120 }],
    givenUp: () =>
      everything.seen.filter(({ method }) => method === 'notifications/cancelled').length,
    echoes: (word) => `Echo: ${word}`,
    log: 'toggle-simulated-logging',
    knowsLevel: async () =>
      expect(everything.seen.map(({ method }) => method)).toContain('logging/setLevel'),
  },
  'a server of SDK 2.x': {
    id: 'modern',
    sample: ['sample', {}],
    complete: ['hire', 'department'],
    resource: changingResource,
    touch: async () => modern.touch(changingResource),
    slow: ['slow', { steps: 100, stepMs: 500 }],
    givenUp: () => modern.givenUp(),
    echoes: (word) => word,
    log: 'log',
    // It is told with each call.
    knowsLevel: async (client) => {
      await expect.poll(() => client.serverLog.length, eventually).toBeGreaterThan(0);
      const debug = client.serverLog.length;
      await client.setLevel('emergency');
      await client.call('log');
      await client.call('echo', { text: 'after it' });
      expect(client.serverLog).toHaveLength(debug);
    },
  },
};

const doors: Readonly<Record<string, (server: string) => Promise<Way>>> = {
  'a shim': async (server) => shimCommand(drawbridge.dataFolder, server),
  'the HTTP door': async (server) => {
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    return { url: `${drawbridge.baseOfDoor}/mcp/${server}`, key };
  },
};
const everyGeneration: readonly Generation[] = [...generations, 'SDK 2.x, modern era'];
const combinations = Object.entries(servers).flatMap(([server, deeds]) =>
  everyGeneration.flatMap((generation) =>
    Object.entries(doors).map(([door, way]) => ({
      ...{ server, deeds, generation, door },
      way: () => way(deeds.id),
    })),
  ),
);
/** Those that set a level for a whole session. */
const legacyOnes = combinations.filter(({ generation }) =>
  ['SDK 1.x', 'SDK 2.x, legacy era'].includes(generation),
);

describe.each(combinations)(
  '$generation through $door at $server',
  ({ generation, way, deeds }) => {
    it('is asked for what its model says (sampling)', async () => {
      await using client = await openClient(generation, await way(), { samples: true });
      const [tool, args] = deeds.sample;
      await expect.poll(client.tools, eventually).toContain(tool);
      expect((await client.call(tool, args)).text).toContain('what the model says');
    });

    it('is proposed what an argument may go on with (completion)', async () => {
      await using client = await openClient(generation, await way());
      expect(await client.complete(...deeds.complete, 'E')).toEqual(['Engineering']);
    });

    it('hears that a resource it subscribed to has changed', async () => {
      await using client = await openClient(generation, await way());
      await client.subscribe(deeds.resource);
      await deeds.touch(client);
      await expect.poll(() => client.updated, eventually).toContain(deeds.resource);
    });

    it('gives a call up, of which the server hears, and goes on with the next', async () => {
      await using client = await openClient(generation, await way());
      const before = deeds.givenUp();
      const giveUp = new AbortController();
      const [tool, args] = deeds.slow;
      const outcome = client
        .call(tool, args, { signal: giveUp.signal, onprogress: () => giveUp.abort() })
        .catch((error: unknown) => error);
      expect(await outcome).toBeInstanceOf(Error);
      await expect.poll(deeds.givenUp, eventually).toBeGreaterThan(before);
      expect((await client.call('echo', { message: 'next' })).text).toBe(deeds.echoes('next'));
    });
  },
);

describe.each(legacyOnes)('$generation through $door at $server', ({ generation, way, deeds }) => {
  it('is told what the server logs, from the level that it wants', async () => {
    await using client = await openClient(generation, await way());
    await client.setLevel('debug');
    await client.call(deeds.log);
    await expect.poll(() => client.serverLog.length, eventually).toBeGreaterThan(0);
    await deeds.knowsLevel(client);
  });
});
