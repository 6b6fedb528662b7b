/** How do AI clients of the legacy era share a program that knows one session only? It is Drawbridge's, and each hears its part. */
import { z } from 'zod';
import { LEGACY } from '../../eras/versions.ts';
import { type Envelope, errorResponse, type Id, resultResponse } from '../../json-rpc.ts';
import { METHOD_NOT_FOUND } from '../../json-rpc-codes.ts';
import { errorCodeIn, valueAt, withMembers, withValuesAt } from '../../json-text.ts';
import { type End, type Hearer, type Message, messageOf } from '../../leg.ts';
import type { Peeked } from '../../peek.ts';
import type { Guest, House, Manners } from './shared.ts';

/** What a program may ask on the way to an answer, by the capability that an AI client must have declared for it. */
const capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} };
const Declared = z.record(z.string(), z.unknown()).catch({});

interface Facts {
  declared: z.infer<typeof Declared>;
  /** Its handshake is over. */
  isReady: boolean;
  /** What it has subscribed to. */
  readonly uris: Set<string>;
}

/** The manners of AI clients that share a session which says of itself that it is of `version` of Drawbridge. */
export const legacyManners =
  (version: string) =>
  ({ guests, leg, drop }: House): Manners => {
    const facts = new Map<Guest, Facts>();
    /** Whom the program has asked, by the id of its question. */
    const asked = new Map<Id, Guest>();
    let handshake: { readonly answer: string; readonly of: object } | undefined;
    let waiting: ((answer: string | undefined, end: End) => void)[] | undefined;

    const factsOf = (guest: Guest): Facts => {
      const known = facts.get(guest) ?? {
        ...{ declared: {}, isReady: false },
        uris: new Set<string>(),
      };
      facts.set(guest, known);
      return known;
    };

    /** Once for all of them, and anew when there is another leg. */
    const shakeHands = (then: (answer: string | undefined, end: End) => void): void => {
      const current = leg();
      if (handshake?.of === current) return then(handshake.answer, {});
      if (waiting !== undefined) return void waiting.push(then);
      waiting = [then];
      let answer: string | undefined;
      current.say(initialize(version), {
        message: (json, peeked) => {
          if (peeked.method === undefined) answer = json;
        },
        done: (end) => {
          const all = waiting ?? [];
          waiting = undefined;
          if (answer !== undefined && errorCodeIn(answer) === undefined) {
            handshake = { answer, of: current };
            current.say(initialized, unheard);
          }
          for (const each of all) each(answer, end);
          if (end.otherEra) drop();
        },
      });
    };

    const begin: Row = (guest, message, hearer) => {
      const { id, params } = message.envelope;
      const known = factsOf(guest);
      known.declared = Declared.parse(params?.['capabilities']);
      known.isReady = false;
      let isGivenUp = false;
      shakeHands((answer, end) => {
        if (isGivenUp) return;
        if (answer !== undefined && id !== undefined)
          hearer.message(asAnswered(answer, id, params?.['protocolVersion']), {
            ...{ id, method: undefined },
          });
        hearer.done(end);
      });
      return () => {
        isGivenUp = true;
      };
    };

    const answerNow = ({ envelope: { id } }: Message, hearer: Hearer): (() => void) => {
      if (id !== undefined) hearer.message(resultResponse(id, {}), { id, method: undefined });
      hearer.done({});
      return nothing;
    };

    const isWanted = (uri: string, but: Guest): boolean =>
      [...facts].some(([guest, { uris }]) => guest !== but && uris.has(uri));

    const rows: Readonly<Record<string, Row>> = {
      initialize: begin,
      'notifications/initialized': (guest, message, hearer) => {
        factsOf(guest).isReady = true;
        return answerNow(message, hearer);
      },
      'notifications/cancelled': (guest, { envelope: { params } }, hearer) => {
        const id = params?.requestId;
        if (typeof id === 'string' || typeof id === 'number') guest.giveUp(id);
        hearer.done({});
        return nothing;
      },
      'resources/subscribe': (guest, message, hearer) => {
        const uri = uriIn(message.envelope);
        if (uri !== undefined) factsOf(guest).uris.add(uri);
        return guest.say(message, hearer);
      },
      'resources/unsubscribe': (guest, message, hearer) => {
        const uri = uriIn(message.envelope) ?? '';
        factsOf(guest).uris.delete(uri);
        return isWanted(uri, guest) ? answerNow(message, hearer) : guest.say(message, hearer);
      },
    };

    /** Only one whose request is under way can be meant, and nobody knows which of several. */
    const question = (json: string, peeked: Peeked, id: Id): void => {
      const { method = '' } = peeked;
      if (method === 'ping') {
        leg().say(answering(id, resultResponse(id, {})), unheard);
        return;
      }
      const busy = [...guests].filter((guest) => guest.isBusy());
      const [guest] = busy;
      const capability = method.slice(0, Math.max(0, method.indexOf('/')));
      const why =
        guest === undefined || busy.length > 1
          ? 'several AI clients share this program, and it is not known which of them is meant'
          : isDeclared(factsOf(guest).declared, capability)
            ? undefined
            : 'the AI client has not declared that it can be asked this';
      if (why !== undefined || guest === undefined) {
        leg().say(answering(id, errorResponse(id, METHOD_NOT_FOUND, why ?? '')), unheard);
        return;
      }
      asked.set(id, guest);
      guest.tell(json, peeked);
    };

    const audienceOf = (json: string, method: string): readonly Guest[] => {
      const ready = [...guests].filter((guest) => factsOf(guest).isReady);
      if (method === 'notifications/resources/updated') {
        const uri = valueAt(json, ['params', 'uri']);
        return ready.filter((guest) => typeof uri === 'string' && factsOf(guest).uris.has(uri));
      }
      if (method === 'notifications/cancelled') {
        const id = valueAt(json, ['params', 'requestId']);
        return ready.filter((guest) => asked.get(id as Id) === guest);
      }
      // What it logs while it works for some is theirs.
      const busy = ready.filter((guest) => guest.isBusy());
      return method === 'notifications/message' && busy.length > 0 ? busy : ready;
    };

    return {
      say: (guest, message, hearer) => {
        const { id, method } = message.envelope;
        if (method === undefined) {
          if (id !== undefined && asked.get(id) === guest && asked.delete(id))
            return leg().say(message, hearer);
          hearer.done({});
          return nothing;
        }
        const row = Object.hasOwn(rows, method) ? rows[method] : undefined;
        return row === undefined ? guest.say(message, hearer) : row(guest, message, hearer);
      },
      unasked: (json, peeked) => {
        const { id, method } = peeked;
        if (method === undefined) return;
        if (id !== undefined) return question(json, peeked, id);
        for (const guest of audienceOf(json, method)) guest.tell(json, peeked);
      },
      left: (guest) => {
        const { uris } = factsOf(guest);
        facts.delete(guest);
        for (const [id, other] of asked) if (other === guest) asked.delete(id);
        for (const uri of uris)
          if (guests.size > 0 && !isWanted(uri, guest)) leg().say(unsubscribe(uri), unheard);
      },
    };
  };

type Row = (guest: Guest, message: Message, hearer: Hearer) => () => void;

const nothing = (): void => undefined;
const unheard: Hearer = { message: nothing, done: nothing };

const initialize = (version: string): Message =>
  messageOf({
    ...{ jsonrpc: '2.0', id: 'drawbridge-initialize', method: 'initialize' },
    params: {
      protocolVersion: LEGACY[0],
      capabilities,
      clientInfo: { name: 'drawbridge', version },
    },
  });

const initialized = messageOf({ jsonrpc: '2.0', method: 'notifications/initialized' });

const unsubscribe = (uri: string): Message =>
  messageOf({
    ...{ jsonrpc: '2.0', id: 'drawbridge-unsubscribe', method: 'resources/unsubscribe' },
    params: { uri },
  });

const answering = (id: Id, text: string): Message => ({ text, envelope: { jsonrpc: '2.0', id } });

/** The session's version, or the AI client's own where that is an older one. */
const asAnswered = (answer: string, id: Id, wished: unknown): string => {
  const own = withMembers(answer, { id: JSON.stringify(id) });
  const agreed = LEGACY.findIndex(
    (version) => version === valueAt(answer, ['result', 'protocolVersion']),
  );
  const older = LEGACY.findIndex((version) => version === wished);
  return agreed !== -1 && older > agreed
    ? withValuesAt(own, ['result'], { protocolVersion: wished })
    : own;
};

const isDeclared = (declared: Facts['declared'], capability: string): boolean =>
  !Object.hasOwn(capabilities, capability) || declared[capability] !== undefined;

const uriIn = ({ params }: Envelope): string | undefined =>
  typeof params?.uri === 'string' ? params.uri : undefined;
