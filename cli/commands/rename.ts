/** `drawbridge rename <server> <title>` */
import type { Command } from '../command.ts';

export const rename: Command = {
  usage: 'rename <server> <title>',
  summary: 'call a server something else',
  help: ['', 'Its id stays, so no AI client has to be connected anew.'],
  words: [2, 2],
  options: {},
  run: async ({ words: [server = '', title = ''], terminal, control }) => {
    const { server: renamed } = await (await control()).renameServer({ server }, { title });
    terminal.facts(`${server} is called ${renamed.title} now`, { server: renamed });
  },
};
