/** A member's part of a joined list: read from it page by page, its items in the words of the whole. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ServerId } from '../../../shared/contract/ids.ts';
import { type ListName, lists } from '../catalogue/lists.ts';
import { METHOD_NOT_FOUND } from '../json-rpc-codes.ts';
import { errorCodeIn, itemsIn, memberOf, parsed, valueOf, withMembers } from '../json-text.ts';
import { type Leg, messageOf } from '../leg.ts';
import { combinedName } from './names.ts';

export interface Item {
  /** What its server knows it by: a name, a URI, or a template. */
  readonly own: string;
  /** The item as AI clients get it; resources under the URI that their server gives them. */
  readonly text: string;
}

export interface Part {
  readonly items: readonly Item[];
  /** How long it holds, as far as the server says. */
  readonly ttlMs: number;
  /** Differs where the items do. */
  readonly digest: string;
}

/** What requests of our own carry in the modern era: what those of the AI client do. */
export type Carried = Readonly<Record<string, unknown>> | undefined;

export interface PartSource {
  readonly server: ServerId;
  readonly title: string;
  readonly say: Leg['say'];
  readonly nextId: () => string;
  /** Something of the list is left out. */
  readonly leftOut: (name: ListName, why: 'too-long' | 'no-item' | 'same-name') => void;
}

/** A server must not lead us on for ever, nor make us hold whatever it likes; characters. */
const MOST_PAGES = 100;
const MOST_TEXT = 4 * 1024 * 1024;

/** Where each kind of item says what it is. */
export const ownMember: Readonly<Record<ListName, 'name' | 'uri' | 'uriTemplate'>> = {
  tools: 'name',
  prompts: 'name',
  resources: 'uri',
  templates: 'uriTemplate',
};

/** Reads the list; `then` gets undefined when the server does not answer with one. */
export const readPart = (
  source: PartSource,
  name: ListName,
  carried: Carried,
  then: (part: Part | undefined) => void,
): void => {
  const { say, nextId, leftOut } = source;
  const items = new Map<string, Item>();
  let size = 0;
  let isFull = false;
  let ttlMs = Number.POSITIVE_INFINITY;

  const take = (text: string): void => {
    const item = readItem(source, name, text);
    if (item === undefined) return leftOut(name, 'no-item');
    // The first stays what it is: the second one could only be called in its place.
    const shown = isNamed(name) ? combinedName(source.server, item.own) : item.own;
    if (items.has(shown)) return leftOut(name, 'same-name');
    isFull ||= size + item.text.length > MOST_TEXT;
    if (isFull) return;
    items.set(shown, item);
    size += item.text.length;
  };

  const finish = (): void => {
    const all = [...items.values()];
    const digest = createHash('sha256');
    for (const { text } of all) digest.update(text);
    then({ items: all, ttlMs: Number.isFinite(ttlMs) ? ttlMs : 0, digest: digest.digest('hex') });
  };

  const readPage = (cursor: string | undefined, count: number): void => {
    const message = messageOf({
      jsonrpc: '2.0',
      id: nextId(),
      method: lists[name].method,
      params: {
        ...(cursor === undefined ? {} : { cursor }),
        ...(carried === undefined ? {} : { _meta: withoutProgress(carried) }),
      },
    });
    let page: Page | undefined;
    say(message, {
      message: (json, peeked) => {
        if (peeked.method === undefined && peeked.id === message.envelope.id)
          page = pageIn(name, json);
      },
      done: () => {
        if (page === undefined) return then(undefined);
        ttlMs = Math.min(ttlMs, page.ttlMs);
        for (const text of page.items) take(text);
        const { next } = page;
        if (next !== undefined && !isFull && count < MOST_PAGES) return readPage(next, count + 1);
        if (next !== undefined || isFull) leftOut(name, 'too-long');
        finish();
      },
    });
  };
  readPage(undefined, 1);
};

const isNamed = (name: ListName): boolean => ownMember[name] === 'name';

interface Page {
  readonly items: readonly string[];
  readonly ttlMs: number;
  readonly next: string | undefined;
}

const pageIn = (name: ListName, json: string): Page | undefined => {
  const result = memberOf(json, 'result');
  // A server that does not know the list has nothing in it.
  if (result === undefined)
    return errorCodeIn(json) === METHOD_NOT_FOUND
      ? { items: [], ttlMs: 0, next: undefined }
      : undefined;
  const items = itemsIn(memberOf(result, lists[name].member) ?? '');
  const ttlMs = valueOf(result, 'ttlMs');
  const next = valueOf(result, 'nextCursor');
  return (
    items && {
      items,
      ttlMs: typeof ttlMs === 'number' && ttlMs >= 0 ? ttlMs : 0,
      next: typeof next === 'string' ? next : undefined,
    }
  );
};

const Text = z.string().optional().catch(undefined);
const Described = z.looseObject({
  name: Text,
  title: Text,
  annotations: z.looseObject({ title: Text }).optional().catch(undefined),
});

/** Everything but its name and its title stays as the server wrote it (F11). */
const readItem = (
  { server, title }: PartSource,
  name: ListName,
  text: string,
): Item | undefined => {
  const { data } = Described.safeParse(parsed(text));
  const own = data?.[ownMember[name]];
  if (data === undefined || typeof own !== 'string') return undefined;
  const ownTitle = data.title ?? data.annotations?.title ?? data.name ?? own;
  return {
    own,
    text: withMembers(text, {
      ...(isNamed(name) ? { name: JSON.stringify(combinedName(server, own)) } : {}),
      title: JSON.stringify(`${title}: ${ownTitle}`),
    }),
  };
};

/** Several servers must not tell of their progress under the AI client's one token. */
export const withoutProgress = ({
  progressToken: _token,
  ...others
}: Readonly<Record<string, unknown>>): Record<string, unknown> => others;
