/** All servers as one, for an AI client of the legacy era: one handshake, and a session of its own with each member. */
import { identityAnswer } from '../catalogue/identity.ts';
import { listAskedBy, listNames, listsChangedBy, listsOf } from '../catalogue/lists.ts';
import { errorResponse, type Id, resultResponse } from '../json-rpc.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND, NO_SUCH_RESOURCE } from '../json-rpc-codes.ts';
import { errorCodeIn, memberOf, valueOf, withValuesAt } from '../json-text.ts';
import type { Hearer, Leg, Message, OpenLeg } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import { createAnnouncements } from './announcements.ts';
import { createCalls, unknownName } from './calls.ts';
import type { CombinedDeps } from './combined.ts';
import { createHandshakes } from './handshakes.ts';
import { joinedList } from './join.ts';
import { type Member, openMembers } from './members.ts';
import { presented } from './presented.ts';
import { createQuestions, type Said } from './questions.ts';
import { reply, replyLater } from './reply.ts';
import { createRoutes } from './routes.ts';
import { prefixed } from './uris.ts';

/** Those that the catalogue knows answer the handshake within 30 ms. The others are introduced when they have. */
export const PATIENCE_MS = 100;

const UPDATED = 'notifications/resources/updated';

export const combinedLegacy =
  (deps: CombinedDeps): OpenLeg =>
  (unasked): Leg => {
    const { clock } = deps;
    let count = 0;
    const nextId = (): string => `drawbridge-all-${++count}`;
    let isIntroduced = false;
    /** Under which URI the AI client hears of a member's resource, where that is not the member's own. */
    const subscribed = new Map<Member, Map<string, string>>();

    const announcements = createAnnouncements(clock.after, (method) =>
      unasked(JSON.stringify({ jsonrpc: '2.0', method }), { id: undefined, method }),
    );
    const questions = createQuestions(nextId);
    const members = openMembers('legacy', deps, {
      nextId,
      came: (member) => handshakes.join(member),
      went: (member) => {
        handshakes.forget(member);
        subscribed.delete(member);
        for (const { json, peeked } of questions.forget(member)) unasked(json, peeked);
        announcements.add(listNames);
      },
      unasked: (member, json, peeked) => hear(member, json, peeked, unasked),
      usable: (member) => handshakes.usable(member),
      late: announcements.add,
    });
    const routes = createRoutes(members);
    const handshakes = createHandshakes({
      ...{ members, nextId, steady: clock.steady },
      aside: (member, json, peeked) => hear(member, json, peeked, unasked),
      answered: ({ capabilities }) => {
        if (isIntroduced) announcements.add(listsOf(capabilities));
      },
    });

    /** What a member says that answers nothing. */
    const hear = (
      member: Member,
      json: string,
      peeked: Peeked,
      tell: (json: string, peeked: Peeked) => void,
    ): void => {
      const { id, method } = peeked;
      if (method === undefined) return;
      const pass = (said: Said | undefined): void => {
        if (said !== undefined) tell(said.json, said.peeked);
      };
      if (id !== undefined) return pass(questions.ask(member, json, peeked));
      if (method === 'notifications/cancelled') return pass(questions.withdraw(member, json));
      if (method === UPDATED) return tell(underItsUri(member, json), peeked);
      const changed = listsChangedBy(method);
      if (changed.length > 0) announcements.add(changed);
      else tell(json, peeked);
    };

    const underItsUri = (member: Member, json: string): string => {
      const own = valueOf(memberOf(json, 'params') ?? '{}', 'uri');
      const uri = typeof own === 'string' ? subscribed.get(member)?.get(own) : undefined;
      return uri === undefined ? json : withValuesAt(json, ['params'], { uri });
    };

    const noteSubscription = async ({ envelope }: Message): Promise<void> => {
      const { uri } = envelope.params ?? {};
      if (typeof uri !== 'string') return;
      for (const { member, own } of await routes.ofUri(uri, undefined)) {
        const its = subscribed.get(member) ?? new Map<string, string>();
        subscribed.set(member, its);
        if (envelope.method === 'resources/unsubscribe') its.delete(own);
        else if (uri === prefixed(member.id, own)) its.set(own, uri);
      }
    };

    const calls = createCalls({
      onTheWay: hear,
      inOurWords: (_member, { envelope: { id, method } }, json) =>
        method === 'completion/complete' &&
        errorCodeIn(json) === METHOD_NOT_FOUND &&
        id !== undefined
          ? resultResponse(id, { completion: { values: [] } })
          : json,
      nobodyHasIt: (message, id) => {
        const { uri } = message.envelope.params ?? {};
        return typeof uri !== 'string'
          ? unknownName(message, id)
          : errorResponse(id, NO_SUCH_RESOURCE, 'Resource not found', { uri });
      },
    });

    const initialize: Row = (message, hearer, id) => {
      isIntroduced = false;
      announcements.hold();
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const stopWaiting = clock.after(PATIENCE_MS, () => resolve(undefined));
      void handshakes.begin(message).then(resolve);
      const answer = promise.then(() => {
        stopWaiting();
        isIntroduced = true;
        const identity = presented(members.all(), handshakes.identities, deps.version);
        const wished = message.envelope.params?.['protocolVersion'];
        return identityAnswer('legacy', id, identity, wished);
      });
      return replyLater(message, hearer, answer);
    };

    /** Requests that are not for one member alone. */
    const requests: Readonly<Record<string, Row>> = {
      initialize,
      ping: (message, hearer, id) => reply(message, hearer, resultResponse(id, {})),
      'logging/setLevel': (message, hearer, id) => {
        handshakes.setLevel(message);
        return reply(message, hearer, resultResponse(id, {}));
      },
    };

    const notifications: Readonly<Record<string, (message: Message) => void>> = {
      'notifications/initialized': (message) => {
        handshakes.initialized(message);
        announcements.go();
      },
      'notifications/cancelled': calls.cancel,
      'notifications/progress': (message) => {
        for (const member of questions.askedUnder(message.envelope.params?.['progressToken']))
          member.say(message, unheard);
      },
    };

    const notify = (message: Message, method: string, hearer: Hearer): (() => void) => {
      // A method is any text: one that every object has is none of these.
      const row = Object.hasOwn(notifications, method) ? notifications[method] : undefined;
      if (row !== undefined) row(message);
      else for (const member of handshakes.identities.keys()) member.say(message, unheard);
      hearer.done({});
      return nothing;
    };

    const sayRequest = (message: Message, method: string, id: Id, hearer: Hearer): (() => void) => {
      const row = Object.hasOwn(requests, method) ? requests[method] : undefined;
      if (row !== undefined) return row(message, hearer, id);
      handshakes.again();
      const name = listAskedBy(message.envelope);
      if (name !== undefined) {
        return message.envelope.params?.['cursor'] === undefined
          ? replyLater(message, hearer, joinedList('legacy', id, name, members.all(), undefined))
          : reply(message, hearer, errorResponse(id, INVALID_PARAMS, 'no cursor was given out'));
      }
      const found = routes.of(message);
      if (found === undefined) {
        const unknown = errorResponse(id, METHOD_NOT_FOUND, `${method} is not known here`);
        return reply(message, hearer, unknown);
      }
      if (method.endsWith('subscribe')) void noteSubscription(message);
      return calls.say(message, hearer, found);
    };

    return {
      say: (message, hearer) => {
        const { id, method } = message.envelope;
        if (method !== undefined && id !== undefined)
          return sayRequest(message, method, id, hearer);
        if (method !== undefined) return notify(message, method, hearer);
        questions.answer(message);
        hearer.done({});
        return nothing;
      },
      pause: members.pause,
      resume: members.resume,
      close: () => {
        announcements.close();
        members.close();
      },
    };
  };

type Row = (message: Message, hearer: Hearer, id: Id) => () => void;

const nothing = (): void => undefined;
const unheard = { message: nothing, done: nothing };
