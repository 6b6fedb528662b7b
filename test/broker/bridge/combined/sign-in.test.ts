/** Does a call to one of all servers go on after its person has signed in at the page that is shown for it? (F2, F4) */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { startEverythingServer } from '../../../servers/everything-server.ts';
import { type McpTestServer, startMcpServer } from '../../../servers/mcp-server.ts';
import { shimCommand } from '../shim-process.ts';
import { signInByPage } from '../sign-in/visit.ts';

const doors = {
  'a shim': async () =>
    new StdioClientTransport({ ...shimCommand(drawbridge.dataFolder, '+all'), stderr: 'pipe' }),
  'the HTTP door': async () => {
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    return new StreamableHTTPClientTransport(new URL(`${drawbridge.baseOfDoor}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    });
  },
};

let signInService: AuthorizationServer;
let drawbridge: InProcessBroker;
let open: McpTestServer;

beforeEach(async () => {
  signInService = await startAuthorizationServer();
  drawbridge = await startInProcessBroker();
  open = await startMcpServer();
  await drawbridge.addServer('open', open.url);
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await open.close();
  await signInService.close();
});

const everywhere = (['auto', 'legacy'] as const).flatMap((mode) =>
  (Object.keys(doors) as (keyof typeof doors)[]).flatMap((door) =>
    [
      { name: 'a legacy server', start: startEverythingServer },
      { name: 'a server of both eras', start: startMcpServer },
    ].map((server) => ({ ...{ mode, door }, ...server })),
  ),
);

it.each(everywhere)('SDK 2.x ($mode) through $door, to $name', async ({ mode, door, start }) => {
  await using guarded = await start({ authorizationServer: signInService });
  await drawbridge.control.addServer({ id: 'guarded', url: guarded.url, title: 'Guarded' });
  const client = new Client(
    { name: 'official-client', version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: { form: {}, url: {} } } },
  );
  const asked: string[] = [];
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    if (!('url' in params)) throw new Error('not a page');
    asked.push(params.message);
    await signInByPage(params.url);
    return { action: 'accept' };
  });
  await client.connect(await doors[door]());

  const result = await client.callTool({
    ...{ name: 'guarded_echo', arguments: { message: 'there' } },
  });

  expect(JSON.stringify(result)).toContain('there');
  expect(asked).toEqual([expect.stringMatching(/^Guarded: Guarded needs you to sign in/)]);
  await client.close();
});
