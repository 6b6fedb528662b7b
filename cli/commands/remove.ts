/** `drawbridge remove <server>` */
import type { Command } from '../command.ts';

export const remove: Command = {
  usage: 'remove <server>',
  summary: 'sign out of a server and forget it',
  help: [],
  words: [1, 1],
  options: {},
  run: async ({ words: [server = ''], terminal, control }) => {
    await (await control()).removeServer({ server });
    terminal.facts(`removed ${server}`, { removed: server });
  },
};
