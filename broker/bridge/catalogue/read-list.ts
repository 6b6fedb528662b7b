/** A whole list of a server, page after page. */
import { type Leg, type Message, messageOf } from '../leg.ts';
import { type ListName, lists, type Page, readPage } from './lists.ts';

/** A server must not lead us on for ever. */
const MOST_PAGES = 500;

/**
 * Reads on from `cursor`, or from the beginning. `then` gets all items, or undefined when the server did not answer with
 * a list. `meta` is what requests of the leg's era carry.
 */
export const readList = (
  leg: Leg,
  name: ListName,
  meta: unknown,
  then: (items: readonly unknown[] | undefined) => void,
  begun: Page = { items: [], next: undefined },
): void => {
  const items = [...begun.items];
  const read = (cursor: string | undefined, count: number): void => {
    let page: Page | undefined;
    const message = listRequest(name, meta, cursor);
    leg.say(message, {
      message: (json, peeked) => {
        if (peeked.method === undefined && peeked.id === message.envelope.id)
          page = readPage(name, json);
      },
      done: () => {
        if (page === undefined || count > MOST_PAGES) return then(undefined);
        items.push(...page.items);
        if (page.next === undefined) then(items);
        else read(page.next, count + 1);
      },
    });
  };
  read(begun.next, 1);
};

const listRequest = (name: ListName, meta: unknown, cursor: string | undefined): Message =>
  messageOf({
    jsonrpc: '2.0',
    id: `drawbridge-${name}`,
    method: lists[name].method,
    params: {
      ...(cursor === undefined ? {} : { cursor }),
      ...(meta === undefined ? {} : { _meta: meta as Record<string, unknown> }),
    },
  });
