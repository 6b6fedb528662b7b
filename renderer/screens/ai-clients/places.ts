/** What an AI client can be connected to: all servers as one, a server, or one of its accounts. */

import { accountName } from '../../../shared/account-words.ts';
import { ALL_ENTRY, ALL_SERVERS, entryName, keyText } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { aiClientStrings } from '../../strings/ai-clients.ts';
import { clip } from '../../words.ts';

export interface Place {
  /** As the shim is told of it. */
  readonly address: string;
  /** What the entry is called in the file of the AI client. */
  readonly entry: string;
  readonly title: string;
  readonly help: string;
}

const words = aiClientStrings.connect;

export const everything: Place = {
  ...{ address: ALL_SERVERS, entry: ALL_ENTRY },
  ...{ title: words.everything, help: words.everythingHelp },
};

/** An identity provider is nothing to call. */
const callable = (servers: readonly ServerView[]): ServerView[] =>
  servers.filter(({ kind }) => kind !== 'identity-provider');

export const hasPlaces = (servers: readonly ServerView[]): boolean => callable(servers).length > 0;

export const placesIn = (servers: readonly ServerView[]): Place[] => [
  everything,
  ...callable(servers).flatMap((server): Place[] => {
    const { id, accounts } = server;
    const title = clip(server.title, 40);
    const several = accounts.length > 1 ? accounts : [];
    return [
      { address: id, entry: entryName(id), title, help: several.length > 0 ? words.oneHelp : '' },
      ...several.map((account) => ({
        address: keyText({ server: id, account: account.id }),
        entry: entryName(id, account.id),
        title: `${title} (${clip(accountName(server, account) ?? account.id, 40)})`,
        help: words.accountHelp,
      })),
    ];
  }),
];
