/** One list out of those of all members: theirs in their order, and nothing of one that cannot tell in time. */
import type { ListName } from '../catalogue/lists.ts';
import { lists } from '../catalogue/lists.ts';
import type { Id } from '../json-rpc.ts';
import { withMembers } from '../json-text.ts';
import type { Era } from '../session.ts';
import type { Member } from './members.ts';
import { type Carried, type Item, ownMember, type Part } from './part.ts';
import { isPrefixed, prefixed } from './uris.ts';

/** The answer to a request for the whole list. Never rejects. */
export const joinedList = async (
  era: Era,
  id: Id,
  name: ListName,
  members: readonly Member[],
  carried: Carried,
): Promise<string> => {
  const given = await Promise.all(
    members.map(async (member) => ({ member, ...(await member.parts.ask(name, carried)) })),
  );
  const parts = given.flatMap(({ member, part }) => (part === undefined ? [] : [{ member, part }]));
  const items = JSON.stringify(lists[name].member);
  const texts = itemsOf(name, parts).join(',');
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${modernPart(era, given)}${items}:[${texts}]}}`;
};

/** As long as the one holds that holds least; what is not a member's own word does not hold at all (F9). */
const modernPart = (
  era: Era,
  given: readonly { readonly part: Part | undefined; readonly isFresh: boolean }[],
): string => {
  if (era === 'legacy') return '';
  const ages = given.map(({ part, isFresh }) => (isFresh ? (part?.ttlMs ?? 0) : 0));
  const ttlMs = ages.length === 0 ? 0 : Math.min(...ages);
  return `"resultType":"complete","ttlMs":${ttlMs},"cacheScope":"private",`;
};

const itemsOf = (
  name: ListName,
  parts: readonly { readonly member: Member; readonly part: Part }[],
): readonly string[] => {
  if (ownMember[name] === 'name')
    return parts.flatMap(({ part }) => part.items.map(({ text }) => text));
  const taken = new Set<string>();
  return parts.flatMap(({ member, part }) =>
    part.items.map((item) => {
      const isFree = !taken.has(item.own) && !isPrefixed(item.own);
      taken.add(item.own);
      return isFree ? item.text : underPrefix(name, member, item);
    }),
  );
};

const underPrefix = (name: ListName, { id }: Member, { own, text }: Item): string =>
  withMembers(text, { [ownMember[name]]: JSON.stringify(prefixed(id, own)) });
