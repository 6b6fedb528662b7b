/** What does an AI client get of a server's lists? The server's own when they come in time, else what is kept of them. */
import { z } from 'zod';
import type { ProblemError } from '../../../shared/contract/problems.ts';
import type { Envelope } from '../json-rpc.ts';
import { METHOD_NOT_FOUND } from '../json-rpc-codes.ts';
import type { Hearer, Leg, Message } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Era } from '../session.ts';
import { ask, PATIENCE_MS } from './ask.ts';
import { type Identity, isPresented } from './identity.ts';
import { type ListName, listAnswer, listsOf, type Page, readPage } from './lists.ts';
import { readAnswer } from './read-answer.ts';
import { readList } from './read-list.ts';
import type { Catalogue, Kept, Whose } from './store.ts';

export interface GivenLists {
  /** The AI client asks for a list, which is asked of the server with `say`. Returns a function that gives it up. */
  readonly ask: (message: Message, name: ListName, hearer: Hearer, say?: Leg['say']) => () => void;
  /** The answer without the server, if there is one; `problem` is why it could not be asked. */
  readonly without: (
    envelope: Envelope,
    name: ListName,
    problem?: ProblemError,
  ) => string | undefined;
  /** Whether the AI client has a list of which nobody knows whether it still holds. */
  readonly areUnsure: () => boolean;
  /** Has the server say what it was not asked, or did not answer. */
  readonly askAnew: () => void;
  /** The server says that these have changed: what is kept of them is out of date. */
  readonly outdate: (names: readonly ListName[]) => void;
  /** The bridge has read the server, and `changed` are not as they were. Returns those that this AI client is to hear of. */
  readonly compare: (changed: Iterable<ListName>) => ReadonlySet<ListName>;
  /** What the server gave may have been for somebody else. */
  readonly forgetOwn: () => void;
  /** The AI client is about to hear that all may have changed. */
  readonly forgetUnsure: () => void;
}

export interface GivenListsDeps {
  readonly title: string;
  readonly era: Era;
  readonly whose: Whose;
  readonly catalogue: Pick<Catalogue, 'noteList' | 'markStale'>;
  /** What is kept, and how the server is presented; undefined where nothing is. */
  readonly kept: () => (Pick<Kept, 'lists'> & { readonly identity: Identity }) | undefined;
  /** The AI client was told of a server that nobody has reached yet. */
  readonly isStranger: () => boolean;
  /** It has not answered who it is, and may still. */
  readonly isAwaited: () => boolean;
  /** Tells the AI client that these have changed. */
  readonly changed: (names: Iterable<ListName>) => void;
  /** The AI client was given an empty list for one that is only late: it hears of it, whatever it was promised. */
  readonly owed: (name: ListName) => void;
  /** The AI client was given what nobody knows to hold. */
  readonly gave: () => void;
  /** What comes on the way to an answer that the AI client has already. */
  readonly aside: (json: string, peeked: Peeked) => void;
  readonly after: (ms: number, deed: () => void) => () => void;
}

/** A list that is known to be out of date, or not known at all, is worth a longer wait: not all AI clients ask again. */
const LONG_PATIENCE_MS = 5_000;

export const createGivenLists = (inner: Leg, deps: GivenListsDeps): GivenLists => {
  const { title, era, whose, catalogue, kept, isStranger, isAwaited, changed, aside } = deps;
  /** The lists that the server itself gave this AI client: they may depend on who asks, so they come first. */
  const own = new Map<ListName, string>();
  /** The lists that it was given without the server, and nobody knows yet whether they still hold. */
  const unsure = new Map<ListName, Given>();
  /** Lists that come page by page. */
  const begun = new Map<ListName, Page>();

  const whole = (name: ListName, items: readonly unknown[]): void => {
    const list = catalogue.noteList(whose, name, items);
    const before = unsure.get(name)?.items;
    own.set(name, list);
    unsure.delete(name);
    if (before !== undefined && before !== list) changed([name]);
  };

  const readOn = (name: ListName, meta: unknown, from?: Page): void =>
    readList(
      inner,
      name,
      meta,
      (items) => {
        if (items !== undefined) whole(name, items);
      },
      from,
    );

  /** The server's page of a list, which may be the last or not. */
  const take = (message: Message, name: ListName, json: string, late: boolean): void => {
    const page = readPage(name, json);
    if (page === undefined) return;
    const cursor = message.envelope.params?.['cursor'];
    const before = cursor === undefined ? { items: [], next: undefined } : begun.get(name);
    // A page of a list whose beginning nobody saw.
    if (before === undefined || before.next !== cursor) return;
    const sofar = { items: [...before.items, ...page.items], next: page.next };
    begun.delete(name);
    // The AI client has this very list from the server.
    if (!late) unsure.delete(name);
    if (page.next === undefined) return whole(name, sofar.items);
    if (!late) return void begun.set(name, sofar);
    readOn(name, message.envelope.params?._meta, sofar);
  };

  /** Of a server that nobody has reached yet there is nothing in any list. */
  const isEmpty = (problem: ProblemError | undefined): boolean =>
    // The modern era has no handshake: an AI client may ask for a list before anything else.
    kept() === undefined &&
    ((isStranger() && !isAwaited()) || (era === 'modern' && isPresented(problem)));

  const without: GivenLists['without'] = (envelope, name, problem) => {
    const none = isEmpty(problem) ? '[]' : undefined;
    return give(envelope, name, own.get(name) ?? kept()?.lists[name]?.items ?? none);
  };

  const give = (
    envelope: Envelope,
    name: ListName,
    items: string | undefined,
  ): string | undefined => {
    if (items === undefined || envelope.id === undefined) return undefined;
    unsure.set(name, { items, meta: envelope.params?._meta });
    deps.gave();
    return listAnswer(era, envelope.id, name, items);
  };

  const passOn = (message: Message, name: ListName, hearer: Hearer): (() => void) =>
    inner.say(message, {
      ...hearer,
      message: (json, peeked) => {
        if (isAnswer(message, peeked)) take(message, name, json, false);
        hearer.message(json, peeked);
      },
    });

  return {
    ask: (message, name, hearer, say = inner.say) => {
      const { envelope } = message;
      if (envelope.params?.['cursor'] !== undefined) return passOn(message, name, hearer);
      const isStale = !own.has(name) && kept()?.lists[name]?.stale === true;
      return ask(say, deps.after, {
        ...{ title, message, hearer, aside },
        patienceMs: isStale ? LONG_PATIENCE_MS : PATIENCE_MS,
        kept: (problem) => without(envelope, name, problem),
        slow: {
          afterMs: LONG_PATIENCE_MS,
          answer: () => {
            deps.owed(name);
            return give(envelope, name, '[]');
          },
        },
        answered: (json, late) => {
          take(message, name, json, late);
          // It was told of every list, before anybody knew which there are.
          return isStranger() && envelope.id !== undefined && isUnknownMethod(json)
            ? listAnswer(era, envelope.id, name, '[]')
            : json;
        },
      });
    },
    without,
    areUnsure: () => unsure.size > 0,
    askAnew: () => {
      for (const [name, { meta }] of [...unsure]) readOn(name, meta);
    },
    outdate: (names) => {
      for (const name of names) {
        own.delete(name);
        unsure.delete(name);
        catalogue.markStale(whose, name);
      }
    },
    compare: (read) => {
      const others = new Set(era === 'modern' ? [...read].filter((name) => !own.has(name)) : []);
      const now = kept();
      const has = now && new Set(listsOf(now.identity.capabilities));
      for (const [name, { items }] of [...unsure]) {
        const list = now?.lists[name]?.items;
        // A list that the server turns out not to have is as empty as it was given.
        if (list !== undefined || has?.has(name) === false) unsure.delete(name);
        if (list !== undefined && list !== items) others.add(name);
      }
      return others;
    },
    forgetOwn: () => own.clear(),
    forgetUnsure: () => unsure.clear(),
  };
};

/** A list that the AI client has without the server's word, and what its request carried. */
interface Given {
  readonly items: string;
  readonly meta: unknown;
}

const ErrorAnswer = z.object({ error: z.object({ code: z.literal(METHOD_NOT_FOUND) }) });

const isUnknownMethod = (json: string): boolean => ErrorAnswer.safeParse(readAnswer(json)).success;

const isAnswer = ({ envelope }: Message, { id, method }: Peeked): boolean =>
  method === undefined && id === envelope.id;
