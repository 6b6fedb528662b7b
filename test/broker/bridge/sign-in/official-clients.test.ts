/** Does a call of the official client go through at once when its person signs in at the page that it shows? (F2, F4) */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../../servers/authorization-server.ts';
import { startEverythingServer } from '../../../servers/everything-server.ts';
import type { McpFront, McpFrontOptions } from '../../../servers/mcp-front.ts';
import { startMcpServer } from '../../../servers/mcp-server.ts';
import { shimCommand } from '../shim-process.ts';
import { signInByPage } from './visit.ts';

const servers = {
  'a modern server': (options: McpFrontOptions) => startMcpServer({ ...options, eras: 'modern' }),
  'a legacy server': startEverythingServer,
};
const doors = {
  'a shim': async () =>
    new StdioClientTransport({ ...shimCommand(drawbridge.dataFolder, 'one'), stderr: 'pipe' }),
  'the HTTP door': async () => {
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    return new StreamableHTTPClientTransport(new URL(`${drawbridge.baseOfDoor}/mcp/one`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    });
  },
};
/** When a person agrees: after the sign-in, or before it. */
const persons = {
  'signs in first': async (link: string) => void (await signInByPage(link)),
  'agrees first': async (link: string) => void setTimeout(() => void signInByPage(link), 50),
};

let signInService: AuthorizationServer;
let drawbridge: InProcessBroker;
let server: McpFront | undefined;
let client: Client;

beforeEach(async () => {
  signInService = await startAuthorizationServer();
  drawbridge = await startInProcessBroker();
});
afterEach(async () => {
  await client.close();
  await drawbridge[Symbol.asyncDispose]();
  await server?.close();
  await signInService.close();
});

const open = async (
  mode: 'auto' | 'legacy',
  door: keyof typeof doors,
  person: (link: string) => Promise<unknown>,
  action: 'accept' | 'decline' = 'accept',
): Promise<string[]> => {
  const asked: string[] = [];
  client = new Client(
    { name: 'official-client', version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: { form: {}, url: {} } } },
  );
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    if (!('url' in params)) throw new Error('not a page');
    asked.push(params.message);
    await person(params.url);
    return { action };
  });
  await client.connect(await doors[door]());
  return asked;
};

const echo = { name: 'echo', arguments: { message: 'there' } };
const textOf = (result: unknown): string => JSON.stringify(result);

const everywhere = (['auto', 'legacy'] as const).flatMap((mode) =>
  (Object.keys(doors) as (keyof typeof doors)[]).flatMap((door) =>
    (Object.keys(servers) as (keyof typeof servers)[]).flatMap((name) =>
      (Object.keys(persons) as (keyof typeof persons)[]).map((person) => ({
        ...{ mode, door, name, person },
      })),
    ),
  ),
);

it.each(everywhere)(
  'SDK 2.x ($mode) through $door calls $name; the person $person',
  async ({ mode, door, name, person }) => {
    server = await servers[name]({ authorizationServer: signInService });
    await drawbridge.signInTo('one', server.url);
    await drawbridge.control.signOut({ server: 'one', account: 'default' });
    const asked = await open(mode, door, persons[person]);

    expect(textOf(await client.callTool(echo))).toContain('there');

    expect(asked).toEqual([expect.stringContaining('needs you to sign in')]);
    expect(textOf(await client.callTool(echo))).toContain('there');
    expect(asked).toHaveLength(1);
  },
);

it.each(['auto', 'legacy'] as const)('SDK 2.x (%s): a no is the readable error', async (mode) => {
  server = await startMcpServer({ authorizationServer: signInService });
  await drawbridge.addServer('one', server.url);
  await open(mode, 'the HTTP door', async () => undefined, 'decline');
  const result = await client.callTool(echo);
  expect(result).toMatchObject({ isError: true });
  expect(textOf(result)).toContain('nobody is signed in');
  expect(drawbridge.stateOf('one')).toBe('needs-sign-in');
});
