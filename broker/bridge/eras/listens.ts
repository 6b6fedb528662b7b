/** What an AI client of the modern era listens to, out of what a server of the legacy era says unasked (F8). */

import { z } from 'zod';
import { memberOf, valueOf, withMembers } from '../json-text.ts';
import type { End } from '../leg.ts';
import type { Outcome, ServerFacts } from './legacy-session.ts';
import { type Asking, answer, invalid } from './modern-request.ts';
import { meta } from './versions.ts';

const Filter = z.object({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string()).optional(),
});
type Filter = z.infer<typeof Filter>;

/** The notifications that name a list alone, with their place in the filter and in the server's capabilities. */
const lists = {
  'notifications/tools/list_changed': { flag: 'toolsListChanged', of: 'tools' },
  'notifications/prompts/list_changed': { flag: 'promptsListChanged', of: 'prompts' },
  'notifications/resources/list_changed': { flag: 'resourcesListChanged', of: 'resources' },
} as const;
const UPDATED = 'notifications/resources/updated';

interface Listener {
  readonly asking: Asking;
  /** What the server agreed to; undefined until it has. */
  filter: Filter | undefined;
}

interface Subscription {
  readonly listeners: Set<Listener>;
  /** The requests about one resource go one after the other: whether the last one was agreed to. */
  last: Promise<Outcome | undefined>;
}

export interface Listens {
  /** Serves a request to listen; returns a function that gives it up. */
  readonly open: (asking: Asking, server: ServerFacts) => () => void;
  /** Takes a notification; false when it is none that is listened to. */
  readonly take: (json: string, method: string) => boolean;
  readonly isEmpty: () => boolean;
  /** Ends them all, as a server does that goes. */
  readonly end: () => void;
  /** Ends them with nobody there to be told. */
  readonly close: () => void;
}

/** The listens of one session; `ask` puts a request of the bridge's own to the server. */
export const createListens = (
  ask: (method: string, params: { uri: string }, then: (outcome: Outcome) => void) => void,
): Listens => {
  const listeners = new Set<Listener>();
  const subscriptions = new Map<string, Subscription>();

  const put = (method: string, uri: string): Promise<Outcome> =>
    new Promise((resolve) => ask(method, { uri }, resolve));

  /** Several listens to one resource are one subscription. */
  const subscribe = async (uri: string, listener: Listener): Promise<Outcome | undefined> => {
    const known = subscriptions.get(uri) ?? {
      listeners: new Set<Listener>(),
      last: Promise.resolve(undefined),
    };
    subscriptions.set(uri, known);
    known.listeners.add(listener);
    known.last = known.last.then((last) =>
      last !== undefined && isAgreed(last) ? last : put('resources/subscribe', uri),
    );
    return known.last;
  };

  const unsubscribe = (uri: string, listener: Listener): void => {
    const known = subscriptions.get(uri);
    if (known?.listeners.delete(listener) !== true || known.listeners.size > 0) return;
    known.last = known.last.then(async (last) => {
      if (known.listeners.size > 0) return last;
      if (last !== undefined && isAgreed(last)) await put('resources/unsubscribe', uri);
      if (known.listeners.size === 0) subscriptions.delete(uri);
      return undefined;
    });
  };

  const close = (listener: Listener): void => {
    listeners.delete(listener);
    for (const uri of [...subscriptions.keys()]) unsubscribe(uri, listener);
  };

  const start = async (listener: Listener, wish: Filter, server: ServerFacts): Promise<void> => {
    const { asking } = listener;
    const uris = subscribableOf(wish, server);
    const outcomes = await Promise.all(uris.map((uri) => subscribe(uri, listener)));
    if (!listeners.has(listener)) return;
    const failed = outcomes.map(endOf).find((end) => end !== undefined);
    if (failed !== undefined) {
      close(listener);
      return asking.hearer.done(failed);
    }
    const agreed = uris.filter((_uri, at) => isAgreed(outcomes[at]));
    for (const uri of uris) if (!agreed.includes(uri)) unsubscribe(uri, listener);
    listener.filter = {
      ...listsOf(wish, server),
      ...(agreed.length > 0 && { resourceSubscriptions: agreed }),
    };
    tell(listener, 'notifications/subscriptions/acknowledged', acknowledged(listener.filter));
  };

  return {
    open: (asking, server) => {
      const wish = Filter.safeParse(asking.message.envelope.params?.['notifications']);
      if (!wish.success) {
        answer(asking, invalid(asking.id, 'params.notifications is missing or not a filter'));
        return () => undefined;
      }
      const listener: Listener = { asking, filter: undefined };
      listeners.add(listener);
      void start(listener, wish.data, server);
      return () => close(listener);
    },
    take: (json, method) => {
      if (!Object.hasOwn(lists, method) && method !== UPDATED) return false;
      const uri = method === UPDATED ? valueOf(memberOf(json, 'params') ?? '{}', 'uri') : undefined;
      for (const listener of listeners) {
        if (wants(listener.filter, method, uri)) tell(listener, method, json);
      }
      return true;
    },
    isEmpty: () => listeners.size === 0,
    close: () => listeners.clear(),
    end: () => {
      for (const listener of [...listeners]) {
        listeners.delete(listener);
        answer(listener.asking, ended(listener.asking));
      }
    },
  };
};

const isAgreed = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined && 'answer' in outcome && memberOf(outcome.answer, 'result') !== undefined;

const endOf = (outcome: Outcome | undefined): End | undefined =>
  outcome !== undefined && 'end' in outcome ? outcome.end : undefined;

const subscribableOf = (wish: Filter, { capabilities }: ServerFacts): readonly string[] =>
  capabilities.resources?.subscribe === true ? [...new Set(wish.resourceSubscriptions)] : [];

const listsOf = (wish: Filter, { capabilities }: ServerFacts): Filter =>
  Object.fromEntries(
    Object.values(lists)
      .filter(({ flag, of }) => wish[flag] === true && capabilities[of]?.listChanged === true)
      .map(({ flag }) => [flag, true]),
  );

const wants = (filter: Filter | undefined, method: string, uri: unknown): boolean => {
  if (filter === undefined) return false;
  if (method === UPDATED) return filter.resourceSubscriptions?.some((own) => own === uri) === true;
  return filter[lists[method as keyof typeof lists].flag] === true;
};

const acknowledged = (notifications: Filter): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications },
  });

/** Says a notification to one listener, marked as its own. */
const tell = ({ asking }: Listener, method: string, json: string): void => {
  const params = objectIn(json, 'params');
  const own = withMembers(objectIn(params, '_meta'), {
    [meta.subscription]: JSON.stringify(asking.id),
  });
  const marked = withMembers(json, { params: withMembers(params, { _meta: own }) });
  asking.hearer.message(marked, { id: undefined, method });
};

const objectIn = (json: string, name: string): string => {
  const text = memberOf(json, name);
  return text?.startsWith('{') === true ? text : '{}';
};

const ended = ({ id }: Asking): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { resultType: 'complete', _meta: { [meta.subscription]: id } },
  });
