/** The lists that a server has: how each is asked for, answered, and said to have changed. */
import { z } from 'zod';
import type { Envelope, Id } from '../json-rpc.ts';
import type { Era } from '../session.ts';
import { readAnswer } from './read-answer.ts';

export const listNames = ['tools', 'prompts', 'resources', 'templates'] as const;
export type ListName = (typeof listNames)[number];

interface ListRow {
  readonly method: string;
  /** Where the items are in the result. */
  readonly member: string;
  /** What a server that has the list names among its capabilities. */
  readonly capability: 'tools' | 'prompts' | 'resources';
  /** The notification that it has changed. */
  readonly changed: string;
  /** What a modern AI client asks for to hear of that. */
  readonly filter: 'toolsListChanged' | 'promptsListChanged' | 'resourcesListChanged';
}

export const lists: Readonly<Record<ListName, ListRow>> = {
  tools: {
    method: 'tools/list',
    member: 'tools',
    capability: 'tools',
    changed: 'notifications/tools/list_changed',
    filter: 'toolsListChanged',
  },
  prompts: {
    method: 'prompts/list',
    member: 'prompts',
    capability: 'prompts',
    changed: 'notifications/prompts/list_changed',
    filter: 'promptsListChanged',
  },
  resources: {
    method: 'resources/list',
    member: 'resources',
    capability: 'resources',
    changed: 'notifications/resources/list_changed',
    filter: 'resourcesListChanged',
  },
  templates: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    capability: 'resources',
    changed: 'notifications/resources/list_changed',
    filter: 'resourcesListChanged',
  },
};

/** The list that a request asks for. */
export const listAskedBy = ({ method }: Envelope): ListName | undefined =>
  listNames.find((name) => lists[name].method === method);

/** The lists that a notification says have changed. */
export const listsChangedBy = (method: string): readonly ListName[] =>
  listNames.filter((name) => lists[name].changed === method);

/** The lists that a server with these capabilities has. */
export const listsOf = (capabilities: Readonly<Record<string, unknown>>): readonly ListName[] =>
  listNames.filter((name) => capabilities[lists[name].capability] !== undefined);

export interface Page {
  readonly items: readonly unknown[];
  /** Where the next page begins, if there is one. */
  readonly next: string | undefined;
}

const ListResult = z.object({ result: z.looseObject({ nextCursor: z.string().nullish() }) });

/** The page that an answer holds; undefined when it is an error, or no list. */
export const readPage = (name: ListName, json: string): Page | undefined => {
  const { data } = ListResult.safeParse(readAnswer(json));
  const items = data?.result[lists[name].member];
  return Array.isArray(items) ? { items, next: data?.result.nextCursor ?? undefined } : undefined;
};

/** The whole list in one page, as an answer of the era. `items` is the JSON of its array. */
export const listAnswer = (era: Era, id: Id, name: ListName, items: string): string => {
  // Never fresh, and nobody else's: the AI client is to ask again (F9).
  const modern =
    era === 'modern' ? '"resultType":"complete","ttlMs":0,"cacheScope":"private",' : '';
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${modern}${JSON.stringify(lists[name].member)}:${items}}}`;
};
