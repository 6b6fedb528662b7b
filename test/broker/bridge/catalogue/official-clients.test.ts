/** Do the official clients of both generations take what the catalogue says, and come to life after a sign-in? */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { startEverythingServer } from '../../../servers/everything-server.ts';
import type { McpFront, McpFrontOptions } from '../../../servers/mcp-front.ts';
import { startMcpServer } from '../../../servers/mcp-server.ts';
import { type Generation, generations, openClient, type Way } from '../official-clients.ts';
import { shimCommand } from '../shim-process.ts';

const key = { server: 'one', account: 'default' };
const servers = {
  'a server of both eras': startMcpServer,
  'a modern server': (options: McpFrontOptions) => startMcpServer({ ...options, eras: 'modern' }),
  'a legacy server': startEverythingServer,
};
const doors: Readonly<Record<string, () => Promise<Way>>> = {
  'a shim': async () => shimCommand(drawbridge.dataFolder, 'one'),
  'the HTTP door': async () => ({
    url: `${drawbridge.baseOfDoor}/mcp/one`,
    ...(await drawbridge.control.makeDoorKey({ aiClient: 'test' })),
  }),
};

let signInService: AuthorizationServer;
let drawbridge: InProcessBroker;
let server: McpFront | undefined;

beforeEach(async () => {
  signInService = await startAuthorizationServer();
  drawbridge = await startInProcessBroker();
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server?.close();
  await signInService.close();
});

const everyGeneration: readonly Generation[] = [...generations, 'SDK 2.x, modern era'];
const combinations = everyGeneration.flatMap((generation) =>
  Object.entries(doors).map(([door, way]) => ({ generation, door, way })),
);
const everywhere = combinations.flatMap((combination) =>
  Object.entries(servers).map(([name, start]) => ({ ...combination, name, start })),
);

it.each(everywhere)(
  '$generation through $door lists $name while signed out, hears of the sign-in, and calls without a restart',
  async ({ generation, way, start }) => {
    server = await start({ authorizationServer: signInService });
    await drawbridge.signInTo('one', server.url);
    await drawbridge.control.signOut(key);
    await using client = await openClient(generation, await way());
    expect(await client.tools()).toContain('echo');
    expect(await client.call('echo', { message: 'there' })).toEqual({
      text: expect.stringContaining('nobody is signed in'),
      isError: true,
    });

    await drawbridge.control.signIn(key, {});

    await expect.poll(() => client.announcedTools.flat(), eventually).toContain('echo');
    expect((await client.call('echo', { message: 'there' })).text).toContain('there');
  },
);

it.each(everywhere)(
  '$generation through $door has $name before the first sign-in, and hears of it',
  async ({ generation, way, start }) => {
    server = await start({ authorizationServer: signInService });
    await drawbridge.addServer('one', server.url);
    await using client = await openClient(generation, await way());
    expect(await client.tools()).toEqual([]);

    await drawbridge.control.signIn(key, {});

    await expect.poll(() => client.announcedTools.flat(), eventually).toContain('echo');
    expect((await client.call('echo', { message: 'there' })).text).toContain('there');
  },
);
