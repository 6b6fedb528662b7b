/** All servers as one, for an AI client of the modern era: every request is for one member, or for all of them. */
import { type Identity, identityAnswer, readIdentity } from '../catalogue/identity.ts';
import { listAskedBy, listNames } from '../catalogue/lists.ts';
import { invalid, readAsking } from '../eras/modern-request.ts';
import { errorResponse, type Id, resultResponse } from '../json-rpc.ts';
import { METHOD_NOT_FOUND } from '../json-rpc-codes.ts';
import { errorCodeIn } from '../json-text.ts';
import { type Hearer, type Leg, type Message, messageOf, type OpenLeg } from '../leg.ts';
import { createAnnouncements } from './announcements.ts';
import { namingInRounds } from './asker.ts';
import { createCalls, unknownName } from './calls.ts';
import type { CombinedDeps } from './combined.ts';
import { joinedList } from './join.ts';
import { type Member, openMembers } from './members.ts';
import { type Carried, withoutProgress } from './part.ts';
import { presented } from './presented.ts';
import { reply, replyLater } from './reply.ts';
import { createRoutes } from './routes.ts';
import { createStreams, Wish } from './streams.ts';

/** Those that the catalogue knows say within 30 ms who they are. */
const PATIENCE_MS = 100;

export const combinedModern =
  (deps: CombinedDeps): OpenLeg =>
  (): Leg => {
    const { clock } = deps;
    let count = 0;
    const nextId = (): string => `drawbridge-all-${++count}`;

    const announcements = createAnnouncements(clock.after, (method) => streams.tell(method));
    announcements.go();
    const members = openMembers('modern', deps, {
      nextId,
      came: (member) => {
        streams.came(member);
        announcements.add(listNames);
      },
      went: (member) => {
        streams.went(member);
        announcements.add(listNames);
      },
      // Nothing is said unasked in this era.
      unasked: nothing,
      usable: (member) => streams.usable(member),
      late: announcements.add,
    });
    const routes = createRoutes(members);
    const streams = createStreams({
      ...{ members: members.all, routes, clock, nextId },
      changed: announcements.add,
    });

    const calls = createCalls({
      onTheWay: (_member, json, peeked, tell) => tell(json, peeked),
      inOurWords: (member, { envelope: { id, method } }, json) =>
        method === 'completion/complete' &&
        errorCodeIn(json) === METHOD_NOT_FOUND &&
        id !== undefined
          ? resultResponse(id, { resultType: 'complete', completion: { values: [] } })
          : namingInRounds(member.title, json),
      nobodyHasIt: (message, id) => {
        const { uri } = message.envelope.params ?? {};
        return typeof uri === 'string'
          ? invalid(id, `unknown resource: ${JSON.stringify(uri)}`)
          : unknownName(message, id);
      },
    });

    /** Who the member is, as far as it says so in time. */
    const identityOf = (member: Member, carried: Carried): Promise<Identity | undefined> =>
      new Promise((resolve) => {
        const stopWaiting = clock.after(PATIENCE_MS, () => resolve(undefined));
        const message = messageOf({
          ...{ jsonrpc: '2.0', id: nextId(), method: 'server/discover' },
          params: { _meta: carried },
        });
        let identity: Identity | undefined;
        member.say(message, {
          message: (json, { id, method }) => {
            if (method === undefined && id === message.envelope.id) identity = readIdentity(json);
          },
          done: () => {
            stopWaiting();
            resolve(identity);
          },
        });
      });

    const discovered = async (id: Id, carried: Carried): Promise<string> => {
      const all = await Promise.all(
        members.all().map(async (member) => [member, await identityOf(member, carried)] as const),
      );
      const known = all.flatMap(([member, identity]) =>
        identity === undefined ? [] : [[member, identity] as const],
      );
      const identity = presented(members.all(), new Map(known), deps.version);
      return identityAnswer('modern', id, identity, undefined);
    };

    const sayRequest = (message: Message, id: Id, hearer: Hearer): (() => void) => {
      const { method, params } = message.envelope;
      const carried = params?._meta && withoutProgress(params._meta);
      if (method === 'server/discover') return replyLater(message, hearer, discovered(id, carried));
      if (method === 'subscriptions/listen') {
        const { data: wish } = Wish.safeParse(params?.['notifications']);
        return wish === undefined
          ? reply(message, hearer, invalid(id, 'params.notifications is missing or no filter'))
          : streams.open(id, wish, carried, hearer);
      }
      const name = listAskedBy(message.envelope);
      if (name !== undefined) {
        return params?.['cursor'] === undefined
          ? replyLater(message, hearer, joinedList('modern', id, name, members.all(), carried))
          : reply(message, hearer, invalid(id, 'no cursor was given out'));
      }
      const found = routes.of(message);
      if (found !== undefined) return calls.say(message, hearer, found);
      return reply(
        message,
        hearer,
        errorResponse(id, METHOD_NOT_FOUND, `${method} is not known here`),
      );
    };

    return {
      say: (message, hearer) => {
        const { id, method } = message.envelope;
        if (id === undefined || method === undefined) {
          // Nothing is to be answered in this era, and what is given up is given up by the leg's own function.
          if (method !== undefined && method !== 'notifications/cancelled')
            for (const member of members.all()) member.say(message, unheard);
          hearer.done({});
          return nothing;
        }
        const asking = readAsking(message, hearer);
        if (!('status' in asking)) return sayRequest(message, id, hearer);
        hearer.message(asking.json, { id, method: undefined });
        hearer.done({ status: asking.status });
        return nothing;
      },
      pause: members.pause,
      resume: members.resume,
      close: () => {
        announcements.close();
        streams.close();
        members.close();
      },
    };
  };

const nothing = (): void => undefined;
const unheard = { message: nothing, done: nothing };
