/** `drawbridge open` */
import type { Command } from '../command.ts';
import { createOpener } from '../open-browser.ts';

export const open: Command = {
  usage: 'open',
  summary: 'open the window of the running daemon in the browser',
  help: ['', '  --print  only print the one-time link; it works once, for ten minutes'],
  words: [0, 0],
  options: { print: { type: 'boolean' } },
  run: async ({ flag, terminal, control, dataFolder }) => {
    const { link } = await (await control()).windowLink();
    const asked = !flag('print') && !flag('json');
    if (asked && (await createOpener(dataFolder).openPrivately(new URL(link))))
      terminal.say(`opening the browser; if nothing opens: ${link}`);
    else terminal.facts(link, { link });
  },
};
