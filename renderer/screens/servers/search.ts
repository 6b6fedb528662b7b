/** Which servers have the words that are looked for. */
import { accountName, wordsOf } from '../../../shared/account-words.ts';
import { commandLine } from '../../../shared/command-line.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { hostOf } from '../../words.ts';

/** With fewer servers there is nothing to look for. */
export const MANY = 12;

/** Those that have every word, in any place and in any case. */
export const having = (words: string, servers: readonly ServerView[]): readonly ServerView[] => {
  const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (sought.length === 0) return servers;
  return servers.filter((server) => {
    const said = saidOf(server);
    return sought.every((word) => said.includes(word));
  });
};

const saidOf = (server: ServerView): string =>
  [
    server.title,
    server.command === undefined ? hostOf(server.url) : commandLine(server.command),
    ...server.accounts.flatMap((account) => [
      wordsOf(server, account),
      accountName(server, account) ?? account.label ?? '',
    ]),
  ]
    // A title may be megabytes.
    .map((text) => text.slice(0, 1000).toLowerCase())
    .join('\n');
