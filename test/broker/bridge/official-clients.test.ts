/** Do the official clients of both generations work through both doors, as if Drawbridge were not there? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { type Generation, generations, openClient, type Way } from './official-clients.ts';
import { nodes, shimCommand } from './shim-process.ts';

let signInService: AuthorizationServer;
let small: McpTestServer;
let newest: McpTestServer;
let everything: EverythingServer;
let drawbridge: InProcessBroker;
let key: string;

beforeAll(async () => {
  signInService = await startAuthorizationServer();
  small = await startMcpServer({ authorizationServer: signInService });
  newest = await startMcpServer({ authorizationServer: signInService, eras: 'modern' });
  everything = await startEverythingServer({ authorizationServer: signInService });
  drawbridge = await startInProcessBroker();
  await drawbridge.signInTo('small', small.url);
  await drawbridge.signInTo('newest', newest.url);
  await drawbridge.signInTo('everything', everything.url);
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' }));
});

afterAll(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await everything.close();
  await newest.close();
  await small.close();
  await signInService.close();
});

const doors: Readonly<Record<string, (server: string) => Way>> = {
  'the HTTP door': (server) => ({ url: `${drawbridge.baseOfDoor}/mcp/${server}`, key }),
  ...Object.fromEntries(
    Object.entries(nodes).map(([name, node]) => [
      `the shim on ${name}`,
      (server: string) => shimCommand(drawbridge.dataFolder, server, node),
    ]),
  ),
};

/** Every access token is dead by now, and none is so young that its refusal would be a riddle. */
const lapse = (): void => {
  signInService.revokeAccessTokens();
  drawbridge.clock.shift(30_000);
};
const renewals = (): number => signInService.count({ grantType: 'refresh_token', status: 200 });

const everyGeneration: readonly Generation[] = [...generations, 'SDK 2.x, modern era'];
/** What is different on the older Node is the shim, for which the oldest and the newest client are enough. */
const generationsAt = (door: string): readonly Generation[] =>
  door.endsWith('Node 20') ? ['SDK 1.x', 'SDK 2.x, modern era'] : everyGeneration;
const combinations = Object.keys(doors).flatMap((door) =>
  generationsAt(door).map((generation): [Generation, string] => [generation, door]),
);
/** In the modern era a server's log belongs to the request that asked for it. */
const hearsLog = (generation: Generation): boolean =>
  generation === 'SDK 1.x' || generation === 'SDK 2.x, legacy era';

describe.each(combinations)('%s through %s', (generation, door) => {
  const open = (server: string) =>
    openClient(generation, doors[door]?.(server) ?? { url: '', key: '' });

  it.each([
    ['of both eras', 'small'],
    ['of the modern era alone (T1)', 'newest'],
  ])('lists, calls, reads and asks a server %s', async (_which, server) => {
    await using client = await open(server);
    expect({
      tools: await client.tools(),
      sum: await client.call('add', { a: 2, b: 3 }),
      failure: await client.call('fail'),
      resources: await client.resources(),
      greeting: await client.read('test://greeting'),
      prompts: await client.prompts(),
      prompt: await client.prompt('summarise', { topic: 'bridges' }),
    }).toEqual({
      tools: expect.arrayContaining(['add', 'echo', 'slow']),
      sum: { text: '5', isError: false },
      failure: { text: 'this tool always fails', isError: true },
      resources: ['test://greeting'],
      greeting: 'Hello',
      prompts: ['summarise'],
      prompt: 'Summarise bridges',
    });
  });

  it('lists, calls, reads and asks a legacy server with sessions (T15, T16)', async () => {
    await using client = await open('everything');
    expect({
      tools: await client.tools(),
      echo: await client.call('echo', { message: 'ü 漢 🚪' }),
      text: await client.read('demo://resource/dynamic/text/1'),
      prompts: await client.prompts(),
      prompt: await client.prompt('args-prompt', { city: 'Delft' }),
    }).toEqual({
      tools: expect.arrayContaining(['echo', 'get-sum']),
      echo: { text: 'Echo: ü 漢 🚪', isError: false },
      text: expect.stringContaining('Resource 1'),
      prompts: expect.arrayContaining(['simple-prompt']),
      prompt: "What's weather in Delft?",
    });
  });

  it.each([
    ['small', 'slow', { steps: 3, stepMs: 150 }],
    ['newest', 'slow', { steps: 3, stepMs: 150 }],
    ['everything', 'trigger-long-running-operation', { duration: 0.5, steps: 3 }],
  ])('is told how far a tool of %s is', async (server, tool, args) => {
    await using client = await open(server);
    const steps: number[] = [];
    await client.call(tool, args, { onprogress: ({ progress }) => steps.push(progress) });
    // Over stdio the SDKs drop steps that arrive in one piece with the result, as the last one often does.
    expect(steps.slice(0, 2)).toEqual([1, 2]);
  });

  it('answers a question that a legacy server asks in the middle of a call (T19)', async () => {
    await using client = await open('everything');
    await expect.poll(client.tools, eventually).toContain('trigger-elicitation-request');
    const { text } = await client.call('trigger-elicitation-request');
    expect([text, client.asked.length]).toEqual([expect.stringContaining('Name: Ada'), 1]);
  });

  it('answers a question that a modern server has before it goes on (F1)', async () => {
    await using client = await open('newest');
    const { text } = await client.call('ask');
    expect([text, client.asked]).toEqual(['confirmed', ['Go on?']]);
  });

  it('hears of a tool that a modern server gets later (F8)', async () => {
    await using client = await open('newest');
    const name = `latecomer-${generation}-${door}`.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60);
    await expect
      .poll(
        () => {
          // A server tells nobody who does not listen yet, and the stream opens a moment after the session.
          newest.removeTool(name);
          newest.addTool(name);
          return client.announcedTools.flat();
        },
        { interval: 2_000, timeout: 15_000 },
      )
      .toContain(name);
  });

  it.each(['small', 'newest', 'everything'])(
    'does not notice that its token at %s died',
    async (server) => {
      await using client = await open(server);
      await client.call('echo', { message: 'before' });
      const before = renewals();
      lapse();
      const { text } = await client.call('echo', { message: 'after' });
      expect([text, renewals() - before]).toEqual([expect.stringContaining('after'), 1]);
    },
  );
});

describe.each(combinations.filter(([generation]) => hearsLog(generation)))(
  '%s through %s',
  (generation, door) => {
    it('hears what a legacy server says unasked (T17)', async () => {
      await using client = await openClient(
        generation,
        doors[door]?.('everything') ?? { url: '', key: '' },
      );
      await expect
        .poll(async () => {
          // A server drops what nobody listens for, and the stream opens a moment after the session.
          if (client.serverLog.length === 0) await client.call('toggle-simulated-logging');
          return client.serverLog;
        }, eventually)
        .toContainEqual(expect.stringContaining('level'));
    });
  },
);

describe.each(combinations.filter(([, door]) => door !== 'the HTTP door'))(
  '%s through %s',
  (generation, door) => {
    it('does not notice that a legacy server was started again (T15)', async () => {
      const way = doors[door]?.('everything') ?? { url: '', key: '' };
      await using client = await openClient(generation, way);
      await client.call('echo', { message: 'before' });
      await everything.forgetSessions();
      expect((await client.call('echo', { message: 'after' })).text).toBe('Echo: after');
      if (!hearsLog(generation)) return;
      await expect
        .poll(async () => {
          if (client.serverLog.length === 0) await client.call('toggle-simulated-logging');
          return client.serverLog.length;
        }, eventually)
        .toBeGreaterThan(0);
    });
  },
);

describe.each(Object.keys(doors))('a modern client through %s', (door) => {
  const open = () => openClient('SDK 2.x, any era', doors[door]?.('small') ?? { url: '', key: '' });

  it('is asked by a tool that needs an answer first', async () => {
    await using client = await open();
    const { text } = await client.call('ask');
    expect([text, client.asked]).toEqual(['confirmed', ['Go on?']]);
  });

  it('hears of a tool that comes later, over the stream it listens on', async () => {
    await using client = await open();
    const name = `latecomer-${door.replaceAll(' ', '-')}`;
    await expect
      .poll(() => small.count({ method: 'subscriptions/listen' }), eventually)
      .toBeGreaterThan(0);
    small.addTool(name);
    await expect.poll(() => client.announcedTools.flat(), eventually).toContain(name);
  });
});
