/** What a tool or a prompt is called where several servers are presented as one, and which one is meant by such a name. */
import { createHash } from 'node:crypto';
import type { ServerId } from '../../../shared/contract/ids.ts';

/**
 * AI clients take 64 characters at most, some 63, and many put the name of their entry in front: with `mcp__drawbridge__`
 * it is 63.
 */
const LONGEST = 46;

/** What every AI client takes in a name (SEP-986 allows more than some of them do). */
const PLAIN = /^[A-Za-z0-9_-]+$/;
/** How the names end that do not say it all. */
const HASHED = /_[0-9a-f]{10}$/;
const HASH_CHARACTERS = 10;

/**
 * `<server>_<name>`. Where that is too long, holds other characters or looks like what comes next, it is cut and ends in a
 * hash of both.
 *
 * The name of one server's tool is never that of another's: no id has an underscore, so the first one ends it.
 */
export const combinedName = (server: ServerId, own: string): string => {
  const plain = `${server}_${own}`;
  if (PLAIN.test(own) && plain.length <= LONGEST && !HASHED.test(plain)) return plain;
  const room = LONGEST - HASH_CHARACTERS - 1;
  return `${plain.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, room)}_${hashOf(server, own)}`;
};

export interface ReadName {
  readonly server: ServerId;
  /** As the server calls it; absent where only its lists can tell. */
  readonly own?: string;
}

/** Whom a name means; undefined for one that `combinedName` gives to nothing. */
export const readName = (name: string): ReadName | undefined => {
  const end = name.indexOf('_');
  if (end < 1) return undefined;
  const server = name.slice(0, end);
  if (HASHED.test(name)) return { server };
  const own = name.slice(end + 1);
  return combinedName(server, own) === name ? { server, own } : undefined;
};

/** JSON keeps apart what cannot be written in UTF-8, and where the one ends and the other begins. */
const hashOf = (server: ServerId, own: string): string =>
  createHash('sha256')
    .update(JSON.stringify([server, own]))
    .digest('hex')
    .slice(0, HASH_CHARACTERS);
