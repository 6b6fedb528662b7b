/** What an AI client of the modern era listens to: a stream at each member, told as one (F8). */
import { z } from 'zod';
import type { Clock } from '../../ports.ts';
import type { ListName } from '../catalogue/lists.ts';
import { listNames, lists, listsChangedBy } from '../catalogue/lists.ts';
import { type Filter, type Listening, listen } from '../eras/listen.ts';
import { meta } from '../eras/versions.ts';
import type { Id } from '../json-rpc.ts';
import { valueAt, withValuesAt } from '../json-text.ts';
import type { Hearer } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Member } from './members.ts';
import type { Carried } from './part.ts';
import type { Routes } from './routes.ts';

export interface Streams {
  /** Serves a request to listen; returns a function that gives it up. */
  readonly open: (id: Id, wish: Wish, carried: Carried, hearer: Hearer) => () => void;
  /** Says a change of a list to all who listen for it. */
  readonly tell: (method: string) => void;
  readonly came: (member: Member) => void;
  readonly went: (member: Member) => void;
  /** It can be listened to now, perhaps. */
  readonly usable: (member: Member) => void;
  readonly close: () => void;
}

export interface StreamsDeps {
  readonly members: () => readonly Member[];
  readonly routes: Pick<Routes, 'ofUri'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly nextId: () => string;
  readonly changed: (names: Iterable<ListName>) => void;
}

/** What the AI client wants to hear of. */
export const Wish = z.looseObject({
  resourceSubscriptions: z.array(z.string()).max(1_000).optional(),
});
export type Wish = z.infer<typeof Wish>;

interface Stream {
  readonly id: Id;
  readonly wish: Wish;
  readonly carried: Carried;
  readonly hearer: Hearer;
  readonly at: Map<Member, Listened>;
  isAcknowledged: boolean;
  isClosed: boolean;
}

interface Listened {
  readonly listening: Listening;
  readonly filter: Filter;
  /** The URIs that the AI client knows its resources by. */
  readonly uris: ReadonlyMap<string, string>;
  /** Its own URIs that it does tell of; undefined while it has said nothing. */
  agreed: ReadonlySet<string> | undefined;
}

/** The AI client is told that it listens when all members are listened to, or after so long. */
const PATIENCE_MS = 500;
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const UPDATED = 'notifications/resources/updated';

const Agreed = z.array(z.string());

export const createStreams = (deps: StreamsDeps): Streams => {
  const { members, routes, clock, nextId, changed } = deps;
  const streams = new Set<Stream>();

  const tellOn = ({ hearer, id }: Stream, json: string, method: string | undefined): void =>
    hearer.message(withValuesAt(json, ['params', '_meta'], { [meta.subscription]: id }), {
      id: undefined,
      method,
    });

  const hear = (stream: Stream, { uris }: Listened, json: string, { method }: Peeked): void => {
    const names = method === undefined ? [] : listsChangedBy(method);
    if (names.length > 0) return changed(names);
    const uri = method === UPDATED ? valueAt(json, ['params', 'uri']) : undefined;
    const shown = typeof uri === 'string' ? uris.get(uri) : undefined;
    const own = shown === undefined ? json : withValuesAt(json, ['params'], { uri: shown });
    // Of a stream that ends while members are still asked, nothing more is heard.
    if (stream.isAcknowledged && !stream.isClosed) tellOn(stream, own, method);
  };

  /** Listens to one member; resolves when it has said what came of it. */
  const start = (
    stream: Stream,
    member: Member,
    uris: ReadonlyMap<string, string>,
  ): Promise<unknown> => {
    const flags = listNames
      .map((name) => lists[name].filter)
      .filter((flag) => stream.wish[flag] === true);
    const filter: Filter = {
      ...Object.fromEntries(flags.map((flag) => [flag, true])),
      ...(uris.size === 0 ? {} : { resourceSubscriptions: [...uris.keys()] }),
    };
    const listening = listen({
      leg: member,
      ...{ after: clock.after, nextId },
      unasked: (json, peeked) => hear(stream, listened, json, peeked),
      agreed: (json) => {
        const given = valueAt(json, ['params', 'notifications', 'resourceSubscriptions']);
        listened.agreed = new Set(Agreed.safeParse(given).data);
        // What the AI client knows of it is from before anybody listened.
        if (stream.isAcknowledged) changed(listNames);
      },
      meta: () => stream.carried ?? {},
    });
    const listened: Listened = { listening, filter, uris, agreed: undefined };
    stream.at.set(member, listened);
    return listening.to(filter);
  };

  const acknowledge = (stream: Stream, shown: readonly string[]): void => {
    if (stream.isAcknowledged || stream.isClosed) return;
    stream.isAcknowledged = true;
    const refused = [...stream.at.values()].flatMap(({ agreed, uris }) =>
      [...uris].flatMap(([own, uri]) => (agreed === undefined || agreed.has(own) ? [] : [uri])),
    );
    const subscribed = shown.filter((uri) => !refused.includes(uri));
    const notifications = {
      ...Object.fromEntries(
        listNames
          .map((name) => lists[name].filter)
          .flatMap((flag) => (stream.wish[flag] === true ? [[flag, true]] : [])),
      ),
      ...(subscribed.length === 0 ? {} : { resourceSubscriptions: subscribed }),
    };
    const json = { jsonrpc: '2.0', method: ACKNOWLEDGED, params: { notifications } };
    tellOn(stream, JSON.stringify(json), ACKNOWLEDGED);
  };

  const begin = async (stream: Stream): Promise<void> => {
    const uris = new Map<Member, Map<string, string>>();
    const shown: string[] = [];
    for (const uri of new Set(stream.wish.resourceSubscriptions)) {
      const [found] = await routes.ofUri(uri, stream.carried);
      if (found === undefined) continue;
      shown.push(uri);
      const its = uris.get(found.member) ?? new Map<string, string>();
      uris.set(found.member, its.set(found.own, uri));
    }
    if (stream.isClosed) return;
    const stopWaiting = clock.after(PATIENCE_MS, () => acknowledge(stream, shown));
    await Promise.all(
      members().map((member) => start(stream, member, uris.get(member) ?? new Map())),
    );
    stopWaiting();
    acknowledge(stream, shown);
  };

  const close = (stream: Stream): void => {
    stream.isClosed = true;
    streams.delete(stream);
    for (const { listening } of stream.at.values()) listening.close();
    stream.at.clear();
  };

  return {
    open: (id, wish, carried, hearer) => {
      const stream: Stream = {
        ...{ id, wish, carried, hearer, at: new Map() },
        ...{ isAcknowledged: false, isClosed: false },
      };
      streams.add(stream);
      void begin(stream);
      return () => close(stream);
    },
    tell: (method) => {
      const json = JSON.stringify({ jsonrpc: '2.0', method });
      for (const stream of streams) {
        const isWished = listsChangedBy(method).some(
          (name) => stream.wish[lists[name].filter] === true,
        );
        if (isWished && stream.isAcknowledged) tellOn(stream, json, method);
      }
    },
    came: (member) => {
      for (const stream of streams)
        if (!stream.at.has(member)) void start(stream, member, new Map());
    },
    went: (member) => {
      for (const stream of streams) {
        stream.at.get(member)?.listening.close();
        stream.at.delete(member);
      }
    },
    usable: (member) => {
      for (const { at } of streams) {
        const listened = at.get(member);
        if (listened !== undefined && listened.agreed === undefined)
          void listened.listening.to(listened.filter);
      }
    },
    close: () => {
      for (const stream of [...streams]) close(stream);
    },
  };
};
