/** Do AI clients of 2024-11-05 (HTTP+SSE) work with any server, at the same address as all others? (T21) */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { startRestartableBroker } from '../../doubles/restartable-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { type OldServer, startOldServer } from '../../servers/old-server.ts';
import { type Generation, generations, openClient, type Way } from './official-clients.ts';

let signInService: AuthorizationServer;
let servers: {
  readonly everything: EverythingServer;
  readonly old: OldServer;
  readonly both: McpTestServer;
  readonly newest: McpTestServer;
  readonly open: EverythingServer;
  readonly openNewest: McpTestServer;
};
let drawbridge: InProcessBroker;
let key: string;

beforeAll(async () => {
  signInService = await startAuthorizationServer();
  const signedIn = { authorizationServer: signInService };
  servers = {
    everything: await startEverythingServer(signedIn),
    old: await startOldServer(signedIn),
    both: await startMcpServer(signedIn),
    newest: await startMcpServer({ ...signedIn, eras: 'modern' }),
    open: await startEverythingServer(),
    openNewest: await startMcpServer({ eras: 'modern' }),
  };
  drawbridge = await startInProcessBroker();
  for (const name of ['everything', 'old', 'both', 'newest'] as const)
    await drawbridge.signInTo(name, servers[name].url);
  await drawbridge.addServer('open', servers.open.url);
  await drawbridge.addServer('open-newest', servers.openNewest.url);
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'old-one' }));
});
afterAll(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await Promise.all(Object.values(servers).map((server) => server.close()));
  await signInService.close();
});

const wayTo = (server: string): Way => ({
  url: `${drawbridge.baseOfDoor}/mcp/${server}`,
  ...{ key, sse: true },
});

describe.each(generations)('%s over HTTP+SSE', (generation: Generation) => {
  const open = (server: string) => openClient(generation, wayTo(server));

  it.each(['everything', 'open', 'old'])(
    'lists, calls, reads and asks "%s", a server of the legacy era',
    async (server) => {
      await using client = await open(server);
      const steps: number[] = [];
      expect({
        tools: await client.tools(),
        echo: await client.call('echo', { message: 'ü 漢 🚪' }),
        text: await client.read('demo://resource/dynamic/text/1'),
        prompt: await client.prompt('args-prompt', { city: 'Delft' }),
      }).toEqual({
        tools: expect.arrayContaining(['echo', 'get-sum']),
        echo: { text: 'Echo: ü 漢 🚪', isError: false },
        text: expect.stringContaining('Resource 1'),
        prompt: "What's weather in Delft?",
      });
      await client.call(
        'trigger-long-running-operation',
        { duration: 0.3, steps: 3 },
        { onprogress: ({ progress }) => steps.push(progress) },
      );
      expect(steps.slice(0, 2)).toEqual([1, 2]);
    },
  );

  it.each(['both', 'newest', 'open-newest'])(
    'lists, calls, reads and asks "%s", a server of the modern era',
    async (server) => {
      await using client = await open(server);
      expect({
        tools: await client.tools(),
        sum: await client.call('add', { a: 2, b: 3 }),
        failure: await client.call('fail'),
        greeting: await client.read('test://greeting'),
        prompt: await client.prompt('summarise', { topic: 'bridges' }),
      }).toEqual({
        tools: expect.arrayContaining(['add', 'echo', 'slow']),
        sum: { text: '5', isError: false },
        failure: { text: 'this tool always fails', isError: true },
        greeting: 'Hello',
        prompt: 'Summarise bridges',
      });
    },
  );

  it.each([
    ['everything', 'trigger-elicitation-request', 'Name: Ada'],
    ['newest', 'ask', 'confirmed'],
  ])('answers a question that "%s" asks in the middle of a call', async (server, tool, said) => {
    await using client = await open(server);
    await expect.poll(client.tools, eventually).toContain(tool);
    const { text } = await client.call(tool);
    expect([text, client.asked.length]).toEqual([expect.stringContaining(said), 1]);
  });

  it('does not notice that its token died', async () => {
    await using client = await open('everything');
    await client.call('echo', { message: 'before' });
    signInService.revokeAccessTokens();
    drawbridge.clock.shift(30_000);
    expect((await client.call('echo', { message: 'after' })).text).toBe('Echo: after');
  });
});

/** In the modern era there is no such stream to come back to. */
const legacyOnes = generations.filter((generation) => generation !== 'SDK 2.x, any era');
describe.each(legacyOnes)('%s over HTTP+SSE, when Drawbridge is started again', (generation) => {
  it.each(['open', 'openNewest'] as const)(
    'comes back by itself and goes on at the server "%s" without a new handshake',
    async (name) => {
      await using restartable = await startRestartableBroker();
      await restartable.control.addServer({ id: 'one', url: servers[name].url });
      const { key: itsKey } = await restartable.control.makeDoorKey({ aiClient: 'old-one' });
      const { doors } = await restartable.control.snapshot();
      const way = { url: `${doors.http}/mcp/one`, key: itsKey, sse: true } as const;
      await using client = await openClient(generation, way);
      expect((await client.call('echo', { message: 'before' })).text).toContain('before');
      await restartable.restart();
      await expect
        .poll(
          () =>
            client.call('echo', { message: 'after' }).then(
              ({ text }) => text,
              // Its stream is not there again yet.
              () => 'not yet',
            ),
          eventually,
        )
        .toContain('after');
    },
  );
});
