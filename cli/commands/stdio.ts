/** `drawbridge stdio <server>` */
import type { Command } from '../command.ts';
import { runShim } from '../run-shim.ts';

export const stdio: Command = {
  usage: 'stdio <server>',
  summary: 'be a stdio MCP server for an AI client, which starts this itself',
  help: [
    '',
    '<server> is its default account, <server>/<account> another one, +all is all servers as one.',
    'Speaks nothing but MCP on stdout. Ends when its input does, or when Drawbridge stops.',
  ],
  words: [1, 1],
  options: {},
  run: ({ words: [server = ''] }) => runShim(server),
};
