/** `drawbridge add <url>` */
import type { Command } from '../command.ts';

export const add: Command = {
  usage: 'add <url>',
  summary: 'add an MCP server by its address',
  help: [
    '',
    '  --id <id>        what to call it: lowercase letters, digits, hyphens',
    '  --title <title>  what to show',
  ],
  words: [1, 1],
  options: { id: { type: 'string' }, title: { type: 'string' } },
  run: async ({ words: [url = ''], option, terminal, control }) => {
    const client = await control();
    terminal.say(`asking ${url} ...`);
    const id = option('id');
    const title = option('title');
    const { server, probe } = await client.addServer({
      url,
      ...(id === undefined ? {} : { id }),
      ...(title === undefined ? {} : { title }),
    });
    for (const { text } of probe.findings) terminal.say(text);
    const next = probe.signIn === 'oauth' ? `sign-in ${server.id}` : `connect ${server.id}`;
    terminal.say(`next: drawbridge ${next}`);
    terminal.facts(`added ${server.id}`, { server, probe });
  },
};
