/** The two ids that key everything: which server, and who the person is on it. */
import { z } from 'zod';

/** A server's id: lowercase letters, digits and hyphens, 20 characters at most. */
export const ServerId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,19}$/, 'lowercase letters, digits and hyphens, 20 at most');
export type ServerId = z.infer<typeof ServerId>;

/** An account's id on a server, of the same shape as a server's. */
export const AccountId = ServerId;
export type AccountId = z.infer<typeof AccountId>;

/** The account a server has from the beginning. */
export const DEFAULT_ACCOUNT: AccountId = 'default';

/** The key of tokens, states and sessions. */
export interface AccountKey {
  readonly server: ServerId;
  readonly account: AccountId;
}

/** The text form of a key, for maps and log lines. Ids hold no slash, so it is unambiguous. */
export const keyText = ({ server, account }: AccountKey): string => `${server}/${account}`;

/** The address of all servers as one, where shims name a server: no id has a plus sign. */
export const ALL_SERVERS = '+all';

/**
 * What an entry for a server is called in the file of an AI client, or for one of its accounts, which may not be the name
 * of another server.
 */
export const entryName = (server: ServerId, account?: AccountId): string =>
  account === undefined ? server : `${server}-${account}`;

/** What the entry for all servers as one is called there. */
export const ALL_ENTRY = 'drawbridge';
