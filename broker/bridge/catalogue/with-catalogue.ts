/** A leg that answers from the catalogue what it may, when the server is slow, signed out, offline or gone. */
import { z } from 'zod';
import {
  isOfVault,
  type ProblemCode,
  type ProblemError,
} from '../../../shared/contract/problems.ts';
import type { Clock } from '../../ports.ts';
import type { Envelope } from '../json-rpc.ts';
import { type Hearer, type Leg, type Message, type OpenLeg, unsentFor } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Era } from '../session.ts';
import type { Target } from '../target.ts';
import { ask } from './ask.ts';
import { createHandshake, refused } from './handshake.ts';
import {
  type Identity,
  identityAnswer,
  identityIn,
  promises,
  promising,
  readIdentity,
  unknownServer,
} from './identity.ts';
import { createListening } from './listening.ts';
import {
  type ListName,
  listAnswer,
  listAskedBy,
  listNames,
  lists,
  listsChangedBy,
  listsOf,
  type Page,
  readPage,
} from './lists.ts';
import { readAnswer } from './read-answer.ts';
import { readList } from './read-list.ts';
import type { Catalogue } from './store.ts';

/** What happens to an account. */
export interface News {
  /** It can be used, and could not before, or perhaps not. */
  readonly usable: () => void;
  /** The bridge has read all lists; these are not as they were. */
  readonly read: (changed: ReadonlySet<ListName>) => void;
}

export interface WithCatalogueDeps {
  readonly target: Target;
  readonly catalogue: Pick<Catalogue, 'of' | 'noteIdentity' | 'noteList' | 'markStale'>;
  /** Has the bridge read identity and lists, soon. */
  readonly refresh: () => void;
  /** Calls back with news of the account; returns a function that stops it. */
  readonly onNews: (news: News) => () => void;
  readonly clock: Pick<Clock, 'after' | 'steady'>;
}

/** A server that answers within this time, in ms, answers for itself. */
export const PATIENCE_MS = 30;
/** Known to be out of date, a list is worth a longer wait. */
const STALE_PATIENCE_MS = 5_000;
/** How often it is looked whether a server is back that an AI client was answered for. */
const LOOK_MS = 60_000;

/** The server was not reached at all: it has said nothing that an AI client would have to hear. */
const outOfReach: ReadonlySet<ProblemCode> = new Set([
  'needs-sign-in',
  'offline',
  'retrying',
  'server-unreachable',
  'server-too-slow',
  'proxy-failed',
]);

const identityMethods: Readonly<Record<Era, string>> = {
  legacy: 'initialize',
  modern: 'server/discover',
};

/**
 * Puts the catalogue around legs of `era`. Only who the server is and what it lists is ever answered from it; what acts
 * goes to the server, or fails.
 *
 * What was answered so is found out to be true or not: by the late answer, by the bridge's own reading, or because the
 * server can be used again. Where it was not, the AI client hears `list_changed`.
 */
export const withCatalogue =
  (open: OpenLeg, era: Era, deps: WithCatalogueDeps): OpenLeg =>
  (unasked): Leg => {
    const { target, catalogue, clock } = deps;
    const { upstream, title } = target;
    /** The lists that the server itself gave this AI client: they may depend on who asks, so they come first. */
    const own = new Map<ListName, string>();
    /** The lists that it was given without the server, and nobody knows yet whether they still hold. */
    const unsure = new Map<ListName, Given>();
    /** Lists that come page by page. */
    const begun = new Map<ListName, Page>();
    /** What the AI client knows of the server. */
    let told: Identity | undefined;
    /** It was told of a server that nobody has reached yet. */
    let isStranger = false;
    /** What has changed while its handshake was not over. */
    const untold = new Set<ListName>();
    let cancelLook: (() => void) | undefined;

    /** What is kept, and how the server is presented in this era; nothing where it may not be. */
    const kept = () => {
      const entry = catalogue.of(upstream);
      const identity = entry && identityIn(era, entry.identities);
      return entry && identity && { identity, lists: entry.lists };
    };

    /** The server says that a list has changed: what is kept of it is out of date. */
    const note = ({ method }: Peeked): void => {
      const names = method === undefined ? [] : listsChangedBy(method);
      for (const name of names) {
        own.delete(name);
        unsure.delete(name);
        catalogue.markStale(upstream, name);
      }
      if (names.length > 0) deps.refresh();
    };

    const opened = open((json, peeked) => {
      note(peeked);
      unasked(json, peeked);
    });
    const inner: Leg = {
      ...opened,
      say: (message, hearer) =>
        opened.say(message, {
          done: hearer.done,
          message: (json, peeked) => {
            note(peeked);
            hearer.message(json, peeked);
          },
        }),
    };

    /** What comes on the way to an answer that the AI client has already; in the modern era it would belong to nothing. */
    const aside = era === 'legacy' ? unasked : (): void => undefined;

    const handshake = createHandshake(inner, {
      title,
      steady: clock.steady,
      aside,
      through: (identity) => {
        catalogue.noteIdentity(upstream, era, identity);
        unsure.clear();
        changed(isStranger ? listsOf(identity.capabilities) : listNames);
      },
    });
    const listening = createListening(inner, {
      ...{ after: clock.after, steady: clock.steady, refresh: deps.refresh },
      known: () => {
        const identity = kept()?.identity;
        return identity && listsOf(identity.capabilities);
      },
    });

    const changed = (names: Iterable<ListName>): void => {
      if (era === 'modern') return listening.announce(names);
      for (const name of names) untold.add(name);
      if (handshake.isInitialized()) tellChanged();
    };

    const tellChanged = (): void => {
      const methods = [...untold]
        .filter((name) => told !== undefined && promises(told, lists[name].capability))
        .map((name) => lists[name].changed);
      untold.clear();
      for (const method of new Set(methods))
        unasked(JSON.stringify({ jsonrpc: '2.0', method }), { id: undefined, method });
    };

    /** Looks from time to time whether what is not known for certain can be found out. */
    const look = (): void => {
      cancelLook ??= clock.after(LOOK_MS, () => {
        cancelLook = undefined;
        if (unsure.size === 0 && !handshake.isOpen()) return;
        deps.refresh();
        look();
      });
    };

    const whole = (name: ListName, items: readonly unknown[]): void => {
      const list = catalogue.noteList(upstream, name, items);
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

    const keptList = (envelope: Envelope, name: ListName): string | undefined => {
      const entry = kept();
      const none = isStranger && entry === undefined ? '[]' : undefined;
      const items = own.get(name) ?? entry?.lists[name]?.items ?? none;
      if (items === undefined || envelope.id === undefined) return undefined;
      unsure.set(name, { items, meta: envelope.params?._meta });
      look();
      return listAnswer(era, envelope.id, name, items);
    };

    const askList = (message: Message, name: ListName, hearer: Hearer): (() => void) => {
      const { envelope } = message;
      if (envelope.params?.['cursor'] !== undefined) {
        return inner.say(message, {
          ...hearer,
          message: (json, peeked) => {
            if (isAnswer(message, peeked)) take(message, name, json, false);
            hearer.message(json, peeked);
          },
        });
      }
      const isStale = !own.has(name) && kept()?.lists[name]?.stale === true;
      return ask(inner, clock.after, {
        ...{ message, hearer, aside },
        patienceMs: isStale ? STALE_PATIENCE_MS : PATIENCE_MS,
        kept: () => keptList(envelope, name),
        answered: (json, late) => {
          take(message, name, json, late);
          // It was told of every list, before anybody knew which there are.
          return isStranger && envelope.id !== undefined && isUnknownMethod(json)
            ? listAnswer(era, envelope.id, name, '[]')
            : json;
        },
      });
    };

    const askIdentity = (message: Message, hearer: Hearer): (() => void) => {
      const { id, params } = message.envelope;
      if (era === 'legacy') {
        handshake.begin(message);
        own.clear();
        unsure.clear();
        untold.clear();
      }
      told = undefined;
      isStranger = false;
      return ask(inner, clock.after, {
        ...{ message, hearer, aside },
        patienceMs: PATIENCE_MS,
        kept: (problem) => {
          const known = kept()?.identity;
          const identity = known ?? (era === 'legacy' ? stranger(problem) : undefined);
          if (identity === undefined || id === undefined) return undefined;
          isStranger = known === undefined;
          told = promising(identity);
          if (era === 'legacy') handshake.isAhead(message);
          return identityAnswer(era, id, told, params?.['protocolVersion']);
        },
        answered: (json, late) => {
          const identity = readIdentity(json);
          if (identity !== undefined) catalogue.noteIdentity(upstream, era, identity);
          if (!late) told = identity;
          else cameTo(message, identity === undefined ? refused(title) : undefined);
          return json;
        },
        failed: (problem) => cameTo(message, problem),
      });
    };

    /** A server that nobody has reached yet, and that may be reached later: an AI client that is refused would not come back. */
    const stranger = (problem: ProblemError | undefined): Identity | undefined =>
      problem !== undefined && (outOfReach.has(problem.code) || isOfVault(problem.code))
        ? unknownServer(title, problem)
        : undefined;

    /** What came of a handshake that the AI client was answered without. */
    const cameTo = (initialize: Message, problem: ProblemError | undefined): void => {
      if (era === 'modern') return;
      handshake.cameTo(initialize, problem);
      if (problem === undefined) askAnew();
      else look();
    };

    /** Has the server say what it was not asked, or did not answer. */
    const askAnew = (): void => {
      for (const [name, { meta }] of [...unsure]) readOn(name, meta);
    };

    /** Says what acts; the handshake first, where the server has not taken it. */
    const act = (message: Message, hearer: Hearer): (() => void) => {
      let isGivenUp = false;
      let giveUp = (): void => undefined;
      handshake.retry('request', (problem) => {
        if (isGivenUp) return;
        if (problem === undefined) giveUp = inner.say(message, hearer);
        else hearer.done({ problem, ...unsentFor(problem) });
      });
      return () => {
        isGivenUp = true;
        giveUp();
      };
    };

    /** Says a message in a session that the server does not know of, or not yet. */
    const sayAhead = (message: Message, hearer: Hearer): (() => void) => {
      const { envelope } = message;
      const { id, method } = envelope;
      const answer = answerAhead(envelope);
      const isRequest = id !== undefined && method !== undefined;
      if (answer === undefined && (isRequest || !handshake.isParked())) return act(message, hearer);
      if (answer !== undefined) hearer.message(answer, { id, method: undefined });
      // Anything else wants no answer, and the server would not know what it is about.
      hearer.done({});
      return () => undefined;
    };

    const answerAhead = (envelope: Envelope): string | undefined => {
      const { id, method, params } = envelope;
      // The connection that it asks about is the one to the bridge, and that one lives.
      if (method === 'ping' && id !== undefined)
        return JSON.stringify({ jsonrpc: '2.0', id, result: {} });
      const name = listAskedBy(envelope);
      return name === undefined || params?.['cursor'] !== undefined
        ? undefined
        : keptList(envelope, name);
    };

    const sayInitialized = (message: Message, hearer: Hearer): (() => void) => {
      handshake.initialized(message);
      // Said once the server has taken what it follows.
      const giveUp = handshake.isOpen() ? (): void => undefined : inner.say(message, hearer);
      if (handshake.isOpen()) hearer.done({});
      tellChanged();
      return giveUp;
    };

    const again = (): void => {
      handshake.retry('news', () => undefined);
      listening.again();
    };

    const stopNews = deps.onNews({
      usable: () => {
        // It may be somebody else's by now.
        own.clear();
        if (!handshake.isOpen()) askAnew();
        again();
      },
      read: (names) => {
        again();
        const others = new Set(era === 'modern' ? [...names].filter((name) => !own.has(name)) : []);
        for (const [name, { items }] of [...unsure]) {
          const now = kept()?.lists[name]?.items;
          if (now === undefined) continue;
          unsure.delete(name);
          if (now !== items) others.add(name);
        }
        changed(others);
      },
    });

    const say: Leg['say'] = (message, hearer) => {
      const { envelope } = message;
      const { id, method } = envelope;
      if (era === 'legacy' && method === 'notifications/initialized')
        return sayInitialized(message, hearer);
      if (id !== undefined && method === identityMethods[era]) return askIdentity(message, hearer);
      if (handshake.isOpen()) return sayAhead(message, hearer);
      const name = id === undefined ? undefined : listAskedBy(envelope);
      if (name !== undefined) return askList(message, name, hearer);
      return era === 'modern' && method === 'subscriptions/listen'
        ? listening.say(message, hearer)
        : inner.say(message, hearer);
    };

    return {
      say,
      pause: inner.pause,
      resume: inner.resume,
      close: () => {
        stopNews();
        cancelLook?.();
        listening.close();
        // A late answer would have told; now the bridge has to find it out by itself.
        if (unsure.size > 0) deps.refresh();
        inner.close();
      },
    };
  };

/** A list that the AI client has without the server's word, and what its request carried. */
interface Given {
  readonly items: string;
  readonly meta: unknown;
}

const METHOD_NOT_FOUND = -32601;

const ErrorAnswer = z.object({ error: z.object({ code: z.literal(METHOD_NOT_FOUND) }) });

const isUnknownMethod = (json: string): boolean => ErrorAnswer.safeParse(readAnswer(json)).success;

const isAnswer = ({ envelope }: Message, { id, method }: Peeked): boolean =>
  method === undefined && id === envelope.id;
