/**
 * Whose a session at the HTTP door is: its id says so, or an AI client would go on in it as somebody else once its
 * address means another account. Ids of the account that every server begins with are as the server made them.
 */
import { type AccountId, DEFAULT_ACCOUNT } from '../../../shared/contract/ids.ts';

/** The header that names a session. */
export const SESSION = 'mcp-session-id';

export interface OwnedSession {
  readonly owner: AccountId;
  /** As the server knows it. */
  readonly id: string;
}

/** A dot is in no account's id. */
const OWNED = /^drawbridge\.([a-z0-9-]+)\.(.*)$/s;

/** The id that an AI client is given for the session `id` of a server. */
export const ownedId = ({ owner, id }: OwnedSession): string =>
  owner === DEFAULT_ACCOUNT ? id : `drawbridge.${owner}.${id}`;

/** What the id means that an AI client sends. */
export const readOwnedId = (text: string): OwnedSession => {
  const [, owner = DEFAULT_ACCOUNT, id = text] = OWNED.exec(text) ?? [];
  return { owner, id };
};
