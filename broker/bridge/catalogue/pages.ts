/** What is known of a server, for a person who leafs through it: a page at a time, and found by its words. */
import type {
  CatalogueItem,
  CatalogueReply,
  CatalogueWish,
} from '../../../shared/contract/catalogue-view.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { MODERN } from '../eras/versions.ts';
import { parsed } from '../json-text.ts';
import { type ListName, listNames } from './lists.ts';
import { readItem } from './read-item.ts';
import type { Kept } from './store.ts';

export type Pages = (kept: Kept | undefined, wish: CatalogueWish) => CatalogueReply;

/** A page has at least one item, and no more once it is this large. Characters. */
const MOST_OF_REPLY = 1024 * 1024;
const LONGEST_NAME = 200;
const LONGEST_INSTRUCTIONS = 4000;

interface Row {
  readonly item: CatalogueItem;
  /** What is looked through, in lower case. */
  readonly words: string;
}

/** Reads a list once as long as it is the same, for whoever leafs through it: it may have ten thousand items. */
export const createPages = (): Pages => {
  /** Of the server that was looked at last. */
  const read = new Map<ListName, { readonly items: string; readonly rows: readonly Row[] }>();

  const rowsOf = (list: ListName, kept: Kept | undefined): readonly Row[] => {
    const items = kept?.lists[list]?.items ?? '[]';
    const before = read.get(list);
    if (before?.items === items) return before.rows;
    const rows = readRows(list, items);
    read.set(list, { items, rows });
    return rows;
  };

  return (kept, { list, query, offset, limit }) => {
    const rows = rowsOf(list, kept);
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found =
      words.length === 0
        ? rows
        : rows.filter((row) => words.every((word) => row.words.includes(word)));
    const items = fitting(found.slice(offset, offset + limit).map(({ item }) => item));
    const next = offset + items.length;
    return {
      ...aboutOf(kept),
      lists: listNames.flatMap((name) => {
        const known = kept?.lists[name];
        if (known === undefined) return [];
        const { at, stale } = known;
        const count = rowsOf(name, kept).length;
        return [{ list: name, count, at, ...(stale ? { stale } : {}) }];
      }),
      ...{ found: found.length, items },
      ...(next < found.length ? { next } : {}),
    };
  };
};

const readRows = (list: ListName, items: string): Row[] => {
  const all = parsed(items);
  return (Array.isArray(all) ? all : []).flatMap((each) => {
    const item = readItem(list, each);
    return item === undefined ? [] : [{ item, words: wordsOf(item) }];
  });
};

const wordsOf = (item: CatalogueItem): string => {
  const address =
    item.kind === 'resource' ? item.uri : item.kind === 'template' ? item.uriTemplate : '';
  const { name, title = '', description = '' } = item;
  return [name, title, description, address].join('\n').toLowerCase();
};

const fitting = (items: readonly CatalogueItem[]): CatalogueItem[] => {
  let size = 0;
  const over = items.findIndex((item) => {
    size += JSON.stringify(item).length;
    return size > MOST_OF_REPLY;
  });
  return over === -1 ? [...items] : items.slice(0, Math.max(1, over));
};

const aboutOf = (kept: Kept | undefined): Pick<CatalogueReply, 'about'> => {
  const { legacy, modern } = kept?.identities ?? {};
  const identity = modern ?? legacy;
  if (identity === undefined) return {};
  const { serverInfo = {}, instructions } = identity;
  const said = (name: string): string | undefined => {
    const value = serverInfo[name];
    return typeof value === 'string' ? plainText(value, LONGEST_NAME) : undefined;
  };
  const old = legacy?.protocolVersion;
  return {
    about: {
      ...{ name: said('name'), title: said('title'), version: said('version') },
      protocols: [
        ...(modern === undefined ? [] : [MODERN]),
        ...(old === undefined ? [] : [plainText(old, LONGEST_NAME)]),
      ],
      instructions: instructions && plainText(instructions, LONGEST_INSTRUCTIONS),
    },
  };
};
