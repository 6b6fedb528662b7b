/** `drawbridge keys` and `drawbridge revoke-key <id>` */
import { DoorKeyId, type DoorKeyView } from '../../shared/contract/door-keys.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { timeAgo } from '../../shared/expiry.ts';
import { inColumns } from '../columns.ts';
import type { Command } from '../command.ts';
import { oneLine } from '../terminal.ts';

export const keys: Command = {
  usage: 'keys',
  summary: 'show which AI clients have a key of the HTTP door, and what it opens',
  help: [
    '',
    'One key a line: its id, the AI client, the servers it opens, when it was made, and when it was used last.',
    'The keys themselves are kept nowhere. drawbridge connect <server> --http makes one, drawbridge revoke-key ends one.',
  ],
  words: [0, 0],
  options: {},
  run: async ({ terminal, control }) => {
    const client = await control();
    const reply = await client.doorKeys();
    terminal.facts(asTable(reply.keys, Date.now()), reply);
    if ((await client.snapshot()).doors.verified !== undefined)
      terminal.say('the HTTP door takes tokens now, so no key opens it: drawbridge door');
  },
};

export const revokeKey: Command = {
  usage: 'revoke-key <id>',
  summary: 'end a key of the HTTP door, and what is open with it',
  help: ['', 'The id is the one that drawbridge keys shows; the AI client then needs another key.'],
  words: [1, 1],
  options: {},
  run: async ({ words: [text = ''], terminal, control }) => {
    const id = DoorKeyId.safeParse(text);
    if (!id.success)
      throw new ProblemError('bad-usage', `"${oneLine(text)}" is no id of a key`, {
        hint: 'drawbridge keys shows the ids; never give the key itself',
      });
    await (await control()).revokeDoorKey({ id: id.data });
    terminal.facts(`revoked ${id.data}`, { revoked: id.data });
  },
};

const asTable = (all: readonly DoorKeyView[], now: number): string =>
  all.length === 0
    ? 'no AI client has a key: drawbridge connect <server> --http'
    : inColumns(all.map((key) => cellsOf(key, now)));

const cellsOf = ({ id, aiClient, servers, madeAt, usedAt }: DoorKeyView, now: number): string[] => [
  id,
  aiClient,
  servers === undefined ? 'every server' : servers.join(', '),
  `made ${timeAgo(madeAt, now)}`,
  usedAt === undefined ? 'never used' : `used ${timeAgo(usedAt, now)}`,
];
