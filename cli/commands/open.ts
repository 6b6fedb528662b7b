/** `drawbridge open` */

import type { Command } from '../command.ts';
import { openBrowser } from '../open-browser.ts';

export const open: Command = {
  usage: 'open',
  summary: 'open the window of the running daemon in the browser',
  help: ['', '  --print  only print the one-time link; it works once, for ten minutes'],
  words: [0, 0],
  options: { print: { type: 'boolean' } },
  run: async ({ flag, terminal, control }) => {
    const { link } = await (await control()).windowLink();
    const opened = !flag('print') && !flag('json') && (await openBrowser(new URL(link)));
    if (opened) terminal.say('opened in the browser');
    else terminal.facts(link, { link });
  },
};
