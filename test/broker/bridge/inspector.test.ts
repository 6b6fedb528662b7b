/** Does the Inspector, on its command line, work with servers of both eras through every door as it does without Drawbridge? */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { shimCommand } from './shim-process.ts';

const inspector = path.join(
  path.dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/inspector/package.json'))),
  'clients/launcher/build/index.js',
);

let signInService: AuthorizationServer;
let everything: EverythingServer;
let newest: McpTestServer;
let drawbridge: InProcessBroker;
let key: string;
/** Where the Inspector would keep what it is told. */
let home: string;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'drawbridge-inspector-'));
  signInService = await startAuthorizationServer();
  everything = await startEverythingServer({ authorizationServer: signInService });
  newest = await startMcpServer({ authorizationServer: signInService, eras: 'modern' });
  drawbridge = await startInProcessBroker();
  await drawbridge.signInTo('everything', everything.url);
  await drawbridge.signInTo('newest', newest.url);
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'inspector' }));
});
afterAll(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await newest.close();
  await everything.close();
  await signInService.close();
  await rm(home, { recursive: true, force: true });
});

const inspect = async (...parameters: string[]): Promise<unknown> => {
  const { HOME: _own, USERPROFILE: _its, ...env } = process.env;
  const running = spawn(
    process.execPath,
    [inspector, '--cli', ...parameters, '--format', 'json', '--quiet', '--stored-auth-only'],
    {
      // Nothing of the person's own: neither files nor keychain.
      env: { ...env, HOME: home, USERPROFILE: home, MCP_INSPECTOR_SECRET_STORE: 'memory' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [[code], said, complaint] = await Promise.all([
    once(running, 'close') as Promise<[number | null]>,
    text(running.stdout),
    text(running.stderr),
  ]);
  expect([code, complaint]).toEqual([0, '']);
  return (JSON.parse(said) as { result: unknown }).result;
};

/** What comes before the method: the way to a server. */
const doors: Readonly<Record<string, (server: string) => readonly string[]>> = {
  'a shim': (server) => {
    const { command, args, env } = shimCommand(drawbridge.dataFolder, server);
    return [command, ...args, '-e', `DRAWBRIDGE_DATA_DIR=${env.DRAWBRIDGE_DATA_DIR}`];
  },
  'the HTTP door': (server) => [...at(server), '--transport', 'http'],
  'the HTTP door as of 2024-11-05': (server) => [...at(server), '--transport', 'sse'],
};
const at = (server: string): string[] => [
  `${drawbridge.baseOfDoor}/mcp/${server}`,
  ...['--header', `Authorization: Bearer ${key}`],
];

/** The second era is for those that have it: HTTP+SSE is older. */
const ways = Object.keys(doors).flatMap((door) =>
  (door.includes('2024') ? ['legacy'] : ['legacy', 'modern']).map((era) => [era, door] as const),
);

describe.each(ways)('the Inspector of the %s era through %s', (era, door) => {
  const through = (server: string, method: string, ...parameters: string[]): Promise<unknown> =>
    inspect(
      ...(doors[door]?.(server) ?? []),
      ...['--protocol-era', era, '--method', method],
      ...parameters,
    );

  it('finds all there is at server-everything', async () => {
    const [tools, called, resources, read, prompts, prompt] = await Promise.all([
      through('everything', 'tools/list'),
      through('everything', 'tools/call', '--tool-name', 'get-sum', '--tool-arg', 'a=2', 'b=3'),
      through('everything', 'resources/list'),
      through('everything', 'resources/read', '--uri', 'demo://resource/dynamic/text/1'),
      through('everything', 'prompts/list'),
      through(
        ...['everything', 'prompts/get', '--prompt-name', 'args-prompt'],
        ...['--prompt-args', 'city=Delft'],
      ),
    ]);
    expect({ tools, called, resources, read, prompts, prompt }).toMatchObject({
      tools: { tools: expect.arrayContaining([expect.objectContaining({ name: 'get-sum' })]) },
      called: { content: [{ type: 'text', text: 'The sum of 2 and 3 is 5.' }] },
      resources: {
        resources: expect.arrayContaining([
          expect.objectContaining({ uri: expect.stringMatching(/^demo:/) }),
        ]),
      },
      read: { contents: [{ text: expect.stringContaining('Resource 1') }] },
      prompts: {
        prompts: expect.arrayContaining([expect.objectContaining({ name: 'args-prompt' })]),
      },
      prompt: { messages: [{ content: { text: "What's weather in Delft?" } }] },
    });
  });

  it('finds all there is at a server of the modern era', async () => {
    const [tools, called, resources, read, prompts, prompt] = await Promise.all([
      through('newest', 'tools/list'),
      through('newest', 'tools/call', '--tool-name', 'add', '--tool-arg', 'a=2', 'b=3'),
      through('newest', 'resources/list'),
      through('newest', 'resources/read', '--uri', 'test://greeting'),
      through('newest', 'prompts/list'),
      through(
        ...['newest', 'prompts/get', '--prompt-name', 'summarise'],
        ...['--prompt-args', 'topic=bridges'],
      ),
    ]);
    expect({ tools, called, resources, read, prompts, prompt }).toMatchObject({
      tools: { tools: expect.arrayContaining([expect.objectContaining({ name: 'add' })]) },
      called: { structuredContent: { sum: 5 } },
      resources: { resources: [{ uri: 'test://greeting' }] },
      read: { contents: [{ text: 'Hello' }] },
      prompts: { prompts: [{ name: 'summarise' }] },
      prompt: { messages: [{ content: { text: 'Summarise bridges' } }] },
    });
  });
});

it('the Inspector came by no token of the servers', async () => {
  const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const kept = await Promise.all(
    files.map(({ parentPath, name }) => readFile(path.join(parentPath, name), 'utf8')),
  );
  const needles = signInService.needles();
  expect(needles.length).toBeGreaterThan(0);
  expect(needles.filter((needle) => kept.join('\n').includes(needle))).toEqual([]);
});
