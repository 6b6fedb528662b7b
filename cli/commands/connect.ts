/** `drawbridge connect <server>` */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ControlClient } from '../../shared/contract/client.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Command } from '../command.ts';

export const connect: Command = {
  usage: 'connect <server>',
  summary: 'print the entry that connects an AI client to a server',
  help: [
    '',
    '  --http           an entry for the HTTP door, with a key of its own, instead of a command',
    '  --client <name>  the AI client that the key is for (default: by-hand)',
    '',
    'The entry is the "mcpServers" form that Claude Desktop, Cursor and many others read. The key of an',
    'HTTP entry is shown this once; it opens this local door only and is no token of the server.',
  ],
  words: [1, 1],
  options: { http: { type: 'boolean' }, client: { type: 'string' } },
  run: async ({ words: [server = ''], flag, option, terminal, control, dataFolder }) => {
    const client = await control();
    const snapshot = await client.snapshot();
    if (!snapshot.servers.some(({ id }) => id === server)) {
      throw new ProblemError('not-found', `there is no server ${JSON.stringify(server)}`, {
        hint: 'drawbridge list shows the ones there are',
      });
    }
    const entry = flag('http')
      ? await httpEntry(client, snapshot.doors.http, server, option('client') ?? 'by-hand')
      : stdioEntry(server, dataFolder);
    const config = { mcpServers: { [server]: entry } };
    terminal.say('put this into the configuration of your AI client:');
    terminal.facts(JSON.stringify(config, undefined, 2), config);
  },
};

/** Absolute paths: an AI client has a PATH and a working folder of its own. */
const stdioEntry = (server: string, dataFolder: string) => {
  const shim = fileURLToPath(new URL('../shim.cjs', import.meta.url));
  const chosen =
    process.env['DRAWBRIDGE_DATA_DIR'] === undefined
      ? {}
      : { env: { DRAWBRIDGE_DATA_DIR: dataFolder } };
  return { command: process.execPath, args: [path.normalize(shim), server], ...chosen };
};

const httpEntry = async (
  client: ControlClient,
  base: string | undefined,
  server: string,
  aiClient: string,
) => {
  if (base === undefined) throw new ProblemError('door-unavailable', 'the HTTP door is not open');
  const { key } = await client.makeDoorKey({ aiClient });
  return {
    type: 'http',
    url: `${base}/mcp/${server}`,
    headers: { Authorization: `Bearer ${key}` },
  };
};
