/** A leg that answers from the catalogue what it may, when the server is slow, signed out, offline or gone. */
import type { ProblemError } from '../../../shared/contract/problems.ts';
import type { Clock } from '../../ports.ts';
import { MODERN } from '../eras/versions.ts';
import { modernVersion } from '../json-rpc.ts';
import type { Hearer, Leg, Message, OpenLeg } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Era } from '../session.ts';
import type { Target } from '../target.ts';
import { createAhead } from './ahead.ts';
import { ask, PATIENCE_MS, tooSlow } from './ask.ts';
import { createGivenLists } from './given-lists.ts';
import { createHandshake, refused } from './handshake.ts';
import {
  identityAnswer,
  identityIn,
  isPresented,
  promising,
  readIdentity,
  unknownServer,
} from './identity.ts';
import { createListening } from './listening.ts';
import { type ListName, listAskedBy, listNames, listsChangedBy, listsOf } from './lists.ts';
import type { Catalogue } from './store.ts';
import { createTelling } from './telling.ts';
import { createWaits } from './waits.ts';

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

/** How often it is looked whether a server is back that an AI client was answered for. */
const LOOK_MS = 60_000;
/** An AI client wants to know who it speaks to within a second, also of a server that nobody knows and that hangs, ms (T26). */
const STRANGER_MS = 900;

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
    const { after, end: endWaits } = createWaits(clock.after);
    /** The AI client was told of a server that nobody has reached yet. */
    let isStranger = false;
    /** The question who it is, while it has no answer. */
    let awaited: Message | undefined;
    let cancelLook: (() => void) | undefined;

    /** What is kept, and how the server is presented in this era; nothing where it may not be. */
    const kept = () => {
      const entry = catalogue.of(upstream);
      const identity = entry && identityIn(era, entry.identities);
      return entry && identity && { identity, lists: entry.lists };
    };

    /** Who the server is as far as is known; one that nobody has reached yet is presented as such, where it may be (F9). */
    const presented = (problem: ProblemError | undefined) =>
      kept()?.identity ?? (isPresented(problem) ? unknownServer(title, problem) : undefined);

    /** The server says that a list has changed. */
    const note = ({ method }: Peeked): void => {
      const names = method === undefined ? [] : listsChangedBy(method);
      lists.outdate(names);
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
      ...{ title, after, aside, steady: clock.steady },
      through: (identity) => {
        catalogue.noteIdentity(upstream, era, identity);
        lists.forgetUnsure();
        telling.changed(isStranger ? listsOf(identity.capabilities) : listNames);
      },
    });
    const listening = createListening(inner, {
      ...{ title, after, steady: clock.steady, refresh: deps.refresh },
      known: (problem) => {
        const identity = presented(problem);
        return identity && listsOf(identity.capabilities);
      },
    });
    const telling = createTelling(era, {
      ...{ unasked, listening },
      isReady: handshake.isInitialized,
    });

    /** Looks from time to time whether what is not known for certain can be found out. */
    const look = (): void => {
      cancelLook ??= after(LOOK_MS, () => {
        cancelLook = undefined;
        if (!lists.areUnsure() && !handshake.isOpen()) return;
        deps.refresh();
        look();
      });
    };

    const lists = createGivenLists(inner, {
      ...{ title, era, whose: upstream, catalogue, kept, aside, after },
      isStranger: () => isStranger,
      isAwaited: () => awaited !== undefined,
      changed: telling.changed,
      owed: telling.owes,
      gave: look,
    });
    const sayAhead = createAhead(inner, { title, handshake, lists, after });

    const askIdentity = (message: Message, hearer: Hearer): (() => void) => {
      const { id, params } = message.envelope;
      if (era === 'legacy') {
        handshake.begin(message);
        lists.forgetOwn();
        lists.forgetUnsure();
        telling.forget();
      }
      telling.toldOf(undefined);
      isStranger = false;
      awaited = message;
      const present = (problem?: ProblemError): string | undefined => {
        const identity = presented(problem);
        if (identity === undefined || id === undefined) return undefined;
        isStranger = kept() === undefined;
        const told = promising(identity);
        telling.toldOf(told);
        if (era === 'legacy') handshake.isAhead(message);
        return identityAnswer(era, id, told, params?.['protocolVersion']);
      };
      const giveUp = ask(inner.say, after, {
        ...{ title, message, hearer, aside },
        patienceMs: PATIENCE_MS,
        kept: (problem) => {
          if (problem !== undefined) isOver(message);
          return present(problem);
        },
        slow: { afterMs: STRANGER_MS, answer: () => present(tooSlow(title)) },
        answered: (json, late) => {
          const identity = readIdentity(json);
          isOver(message);
          if (identity !== undefined) catalogue.noteIdentity(upstream, era, identity);
          if (!late) telling.toldOf(identity);
          else cameTo(message, identity === undefined ? refused(title) : undefined);
          return json;
        },
        failed: (problem) => cameTo(message, problem),
      });
      return () => {
        isOver(message);
        giveUp();
      };
    };

    const isOver = (identityQuestion: Message): void => {
      if (awaited === identityQuestion) awaited = undefined;
    };

    /** What came of a handshake that the AI client was answered without. */
    const cameTo = (initialize: Message, problem: ProblemError | undefined): void => {
      isOver(initialize);
      if (era === 'modern') return;
      handshake.cameTo(initialize, problem);
      if (problem === undefined) lists.askAnew();
      else look();
    };

    const sayInitialized = (message: Message, hearer: Hearer): (() => void) => {
      handshake.initialized(message);
      // Said once the server has taken what it follows.
      const giveUp = handshake.isOpen() ? (): void => undefined : inner.say(message, hearer);
      if (handshake.isOpen()) hearer.done({});
      telling.tell();
      return giveUp;
    };

    const again = (): void => {
      handshake.retry('news', () => undefined);
      listening.again();
    };

    const stopNews = deps.onNews({
      usable: () => {
        // It may be somebody else's by now.
        lists.forgetOwn();
        if (!handshake.isOpen()) lists.askAnew();
        again();
      },
      read: (names) => {
        again();
        telling.changed(lists.compare(names));
      },
    });

    const say: Leg['say'] = (message, hearer) => {
      const { envelope } = message;
      const { id, method } = envelope;
      // Of another version only the server can say whether it speaks it (T6).
      if (era === 'modern' && (modernVersion(envelope) ?? MODERN) !== MODERN)
        return inner.say(message, hearer);
      if (era === 'legacy' && method === 'notifications/initialized')
        return sayInitialized(message, hearer);
      if (id !== undefined && method === identityMethods[era]) return askIdentity(message, hearer);
      if (handshake.isOpen()) return sayAhead(message, hearer);
      const name = id === undefined ? undefined : listAskedBy(envelope);
      if (name !== undefined) return lists.ask(message, name, hearer);
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
        endWaits();
        listening.close();
        // A late answer would have told; now the bridge has to find it out by itself.
        if (lists.areUnsure()) deps.refresh();
        inner.close();
      },
    };
  };
