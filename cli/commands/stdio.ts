/** `drawbridge stdio <server>` */
import type { Command } from '../command.ts';
import { runShim } from '../shim/run-shim.ts';

export const stdio: Command = {
  usage: 'stdio <server>',
  summary: 'be a stdio MCP server for an AI client, which starts this itself',
  help: [
    '',
    '<server> is its default account, <server>/<account> another one, +all is all servers as one.',
    'Speaks nothing but MCP on stdout. Starts the Drawbridge that ran here last where none runs. Ends when its input does, or when Drawbridge has been stopped for 30 seconds.',
  ],
  words: [1, 1],
  options: {},
  run: ({ words: [server = ''] }) => runShim(server),
};
