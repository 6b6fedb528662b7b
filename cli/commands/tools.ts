/** `drawbridge tools <server>` */
import {
  type CatalogueItem,
  CatalogueList,
  type CatalogueReply,
  MOST_OF_PAGE,
  type ToolHints,
} from '../../shared/contract/catalogue-view.ts';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { AccountKey } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { accountKey } from '../account-key.ts';
import { inColumns } from '../columns.ts';
import { accountOption, type Command } from '../command.ts';

export const tools: Command = {
  usage: 'tools <server> [<words>]',
  summary: 'show the tools that a server was last known to have, and its prompts and resources',
  help: [
    '',
    '  --list <list>   tools, prompts, resources or templates; tools otherwise',
    '  --account <id>  which account, when the server has several',
    '',
    'With words, only what has all of them in its name, its description or its address. The server is not asked.',
    'What it says of itself is its own word. With --json, arguments and schemas as well.',
  ],
  words: [1, 20],
  options: { ...accountOption, list: { type: 'string' } },
  run: async ({ words: [server = '', ...query], option, terminal, control }) => {
    const list = CatalogueList.safeParse(option('list') ?? 'tools');
    if (!list.success)
      throw new ProblemError('bad-usage', '--list takes tools, prompts, resources or templates');
    const client = await control();
    const key = await accountKey(client, server, option('account'));
    const { items, ...reply } = await all(client, key, list.data, query.join(' '));
    terminal.facts(asTable(items, list.data), { ...reply, items });
  },
};

/** Page after page. */
const all = async (
  client: ControlClient,
  key: AccountKey,
  list: CatalogueList,
  query: string,
): Promise<Omit<CatalogueReply, 'next'>> => {
  const page = (offset: number): Promise<CatalogueReply> =>
    client.catalogue(key, { list, query, offset, limit: MOST_OF_PAGE });
  let { next, ...reply } = await page(0);
  while (next !== undefined) {
    const more = await page(next);
    reply = { ...reply, items: [...reply.items, ...more.items] };
    next = more.next;
  }
  return reply;
};

const asTable = (items: readonly CatalogueItem[], list: CatalogueList): string =>
  items.length === 0
    ? `no ${list} are known`
    : inColumns(
        items.map((item) => [
          addressOf(item),
          item.kind === 'tool' ? hintWords(item.hints) : item.name,
          (item.description ?? item.title ?? '').slice(0, 100),
        ]),
      );

/** What it is asked for by. */
const addressOf = (item: CatalogueItem): string => {
  if (item.kind === 'resource') return item.uri;
  return item.kind === 'template' ? item.uriTemplate : item.name;
};

const hintWords = ({ readOnly, destructive }: ToolHints): string => {
  if (readOnly === true) return 'only reads';
  return destructive === true ? 'may destroy' : '';
};
