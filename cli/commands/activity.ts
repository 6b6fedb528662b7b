/** `drawbridge activity` */
import {
  bytesText,
  csvHead,
  csvLine,
  durationText,
  failures,
  outcomeOf,
} from '../../shared/activity.ts';
import {
  type ActivityEntry,
  type ActivityReply,
  MOST_ACTIVITY,
} from '../../shared/contract/activity.ts';
import type { ControlClient } from '../../shared/contract/client.ts';
import { DEFAULT_ACCOUNT, keyText, ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import type { Command, Invocation } from '../command.ts';
import { durationOf } from '../duration.ts';
import { oneLine } from '../terminal.ts';

export const activity: Command = {
  usage: 'activity [<server>]',
  summary: 'show what AI clients have asked, and what became of it',
  help: [
    '',
    '  --client <name>  only of this AI client',
    '  --name <part>    only what has this in its method, or in the name of its tool, prompt or resource',
    '  --errors         only what failed',
    '  --since <time>   only the last 30s, 15m, 2h or 7d',
    `  --limit <number> at most so many, ${MOST_ACTIVITY} being all there are; 50 otherwise`,
    '  --follow         go on with what comes, until Ctrl-C; with --json, one a line',
    '  --csv            comma-separated values, for a spreadsheet',
    '',
    'What was said, arguments and results, is not kept, unless drawbridge capture is on. From shims, the name of an AI client is what it calls itself.',
  ],
  words: [0, 1],
  options: {
    client: { type: 'string' },
    name: { type: 'string' },
    errors: { type: 'boolean' },
    since: { type: 'string' },
    limit: { type: 'string' },
    follow: { type: 'boolean' },
    csv: { type: 'boolean' },
  },
  run: async (invocation) => {
    const { flag, terminal, control } = invocation;
    if (flag('csv') && flag('json'))
      throw new ProblemError('bad-usage', '--csv and --json are two forms: choose one');
    const wish = wishOf(invocation);
    const client = await control();
    await assertServer(client, wish.server);
    const reply = await client.activity(wish);
    const entries = newestLast(reply);
    if (!flag('follow')) {
      const text = flag('csv') ? asCsv(entries) : asTable(entries);
      return terminal.facts(text, { ...reply, entries });
    }
    const print = printer(invocation, entries);
    print(entries);
    await follow(client, wish, reply.last, print);
  },
};

type Wish = RouteBody<'activity'>;

const wishOf = ({ words: [server], flag, option }: Invocation): Wish => {
  const since = option('since');
  const aiClient = option('client');
  const name = option('name');
  return {
    ...(server === undefined ? {} : { server: idOf(server) }),
    ...(aiClient === undefined ? {} : { aiClient }),
    ...(name === undefined ? {} : { name }),
    ...(flag('errors') ? { outcomes: [...failures] } : {}),
    ...(since === undefined ? {} : { since: Date.now() - durationOf(since) }),
    limit: limitOf(option('limit')),
  };
};

const idOf = (text: string): string => {
  const id = ServerId.safeParse(text);
  if (!id.success) throw new ProblemError('not-found', `there is no server "${oneLine(text)}"`);
  return id.data;
};

/** A slip in the name must not look like a server that nobody uses. */
const assertServer = async (client: ControlClient, server: string | undefined): Promise<void> => {
  if (server === undefined) return;
  const { servers } = await client.snapshot();
  if (servers.some(({ id }) => id === server)) return;
  throw new ProblemError('not-found', `there is no server "${server}"`, {
    hint: 'drawbridge list shows them',
  });
};

const limitOf = (text = '50'): number => {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_ACTIVITY) return limit;
  throw new ProblemError('bad-usage', `--limit takes a number from 1 to ${MOST_ACTIVITY}`);
};

/** Prints what comes after the entry `last`. Rejects with `not-running` when Drawbridge ends. */
const follow = async (
  client: ControlClient,
  { since: _since, ...wish }: Wish,
  last: number,
  print: (entries: readonly ActivityEntry[]) => void,
): Promise<void> => {
  let after = last;
  try {
    for await (const _snapshot of client.snapshots(new AbortController().signal)) {
      const reply = await client.activity({ ...wish, after, limit: MOST_ACTIVITY });
      after = reply.last;
      print(newestLast(reply));
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    // A connection that breaks off is how the end of Drawbridge looks from here.
  }
  throw new ProblemError('not-running', 'Drawbridge has ended');
};

const newestLast = ({ entries }: ActivityReply): ActivityEntry[] => entries.toReversed();

/** Prints entry after entry, in columns as wide as the first of them need, and most others. */
const printer = (
  { flag, terminal }: Invocation,
  first: readonly ActivityEntry[],
): ((entries: readonly ActivityEntry[]) => void) => {
  if (flag('json')) return (entries) => entries.forEach((entry) => terminal.facts('', entry));
  if (flag('csv')) {
    terminal.facts(csvHead, undefined);
    return (entries) => entries.forEach((entry) => terminal.facts(csvLine(entry), undefined));
  }
  const widths = widthsOf([usual, ...first.map(cellsOf)]);
  return (entries) =>
    entries.forEach((entry) => terminal.facts(aligned(cellsOf(entry), widths), undefined));
};

const asCsv = (entries: readonly ActivityEntry[]): string =>
  [csvHead, ...entries.map(csvLine)].join('\n');

const asTable = (entries: readonly ActivityEntry[]): string => {
  if (entries.length === 0) return 'nothing of that kind is remembered';
  const rows = entries.map(cellsOf);
  const widths = widthsOf(rows);
  return rows.map((cells) => aligned(cells, widths)).join('\n');
};

const cellsOf = (entry: ActivityEntry): string[] =>
  [
    new Date(entry.at).toISOString().slice(0, 19).replace('T', ' '),
    entry.account === DEFAULT_ACCOUNT ? entry.server : keyText(entry),
    entry.aiClient,
    entry.door,
    entry.name === undefined ? entry.method : `${entry.method} ${entry.name}`,
    outcomeOf(entry),
    durationText(entry.durationMs),
    `${bytesText(entry.bytesIn)} in, ${bytesText(entry.bytesOut)} out`,
  ].map(oneLine);

const usual = [19, 12, 12, 4, 28, 12, 7].map((width) => ' '.repeat(width));

/** Wider cells, of which there are few, push the rest of their line. */
const WIDEST = 48;

const widthsOf = (rows: readonly (readonly string[])[]): number[] =>
  (rows[0] ?? []).map((_, column) =>
    Math.min(WIDEST, Math.max(...rows.map((cells) => (cells[column] ?? '').length))),
  );

const aligned = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd();
