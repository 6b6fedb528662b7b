/** How is an AI client of the legacy era served by a server of the modern one? (checklist 3.6) */
import { z } from 'zod';
import { type Id, resultResponse } from '../json-rpc.ts';
import { valueAt, withValuesAt } from '../json-text.ts';
import { type End, type Hearer, type Leg, type Message, messageOf, type OpenLeg } from '../leg.ts';
import { listChangesOf } from './listen.ts';
import { callInRounds, type Reply, replyIn } from './rounds.ts';
import { createSubscriptions } from './subscriptions.ts';
import { legacyVersionFor, MODERN, meta, translatable } from './versions.ts';

const Initialize = z.object({
  protocolVersion: z.unknown(),
  capabilities: z.record(z.string(), z.unknown()).catch({}),
  clientInfo: z.unknown(),
});

const Discovered = z.object({
  capabilities: z.record(z.string(), z.unknown()).catch({}),
  instructions: z.string().optional().catch(undefined),
  _meta: z
    .looseObject({ [meta.serverInfo]: z.unknown() })
    .optional()
    .catch(undefined),
});

/** What AI clients of the legacy era get that never say a level: about what servers of that era send them unasked. */
const USUAL_LEVEL = 'info';

export interface LegacyOverModernDeps {
  readonly title: string;
  readonly after: (ms: number, deed: () => void) => () => void;
}

/**
 * Makes legs for AI clients of the legacy era out of legs of the modern one.
 *
 * What a server wants to know on the way (`input_required`) becomes real requests to the AI client, and the call is made
 * again with what it answered. Messages are changed only where they have to be.
 */
export const legacyOverModern =
  (openModern: OpenLeg, { title, after }: LegacyOverModernDeps): OpenLeg =>
  (unasked): Leg => {
    const leg = openModern(unasked);
    let client: Readonly<Record<string, unknown>> = {
      [meta.version]: MODERN,
      [meta.capabilities]: {},
    };
    let server: Readonly<Record<string, unknown>> = {};
    let level: unknown;
    /** What is under way, by the AI client's id for it. */
    const ongoing = new Map<Id, { cancel: () => void }>();
    const asked = new Map<Id, (reply: Reply) => void>();
    let count = 0;
    const nextId = (): string => `drawbridge-${++count}`;

    const subscriptions = createSubscriptions({
      ...{ title, leg, after, nextId, unasked },
      meta: () => client,
      lists: () => listChangesOf(server),
    });

    const has = (capability: string): boolean => server[capability] !== undefined;

    const initialize = (message: Message, hearer: Hearer): (() => void) => {
      const { id } = message.envelope;
      const { protocolVersion, capabilities, clientInfo } = Initialize.catch({
        protocolVersion: undefined,
        capabilities: {},
        clientInfo: undefined,
      }).parse(message.envelope.params ?? {});
      client = {
        [meta.version]: MODERN,
        ...(clientInfo === undefined ? {} : { [meta.clientInfo]: clientInfo }),
        [meta.capabilities]: translatable(capabilities),
      };
      const discover = { jsonrpc: '2.0' as const, id: id ?? nextId(), method: 'server/discover' };
      return leg.say(messageOf({ ...discover, params: { _meta: client } }), {
        message: (json, peeked) => {
          const parsed = Discovered.safeParse(valueAt(json, ['result']));
          if (!parsed.success || id === undefined) return hearer.message(json, peeked);
          server = translatable(parsed.data.capabilities);
          const { instructions, _meta } = parsed.data;
          const result = {
            protocolVersion: legacyVersionFor(protocolVersion),
            capabilities: server,
            serverInfo: _meta?.[meta.serverInfo] ?? { name: title, version: 'unknown' },
            ...(instructions === undefined ? {} : { instructions }),
          };
          hearer.message(resultResponse(id, result), peeked);
        },
        done: hearer.done,
      });
    };

    /** With what each request of the modern era carries; the level only where the server logs (T13). */
    const inModernWords = ({ text, envelope }: Message): Message => {
      const log = has('logging') ? { [meta.logLevel]: level ?? USUAL_LEVEL } : {};
      return {
        text: withValuesAt(text, ['params', '_meta'], { ...client, ...log }),
        envelope: { ...envelope, params: { ...envelope.params, _meta: client } },
      };
    };

    const call: Row = (message, hearer) => {
      const { id } = message.envelope;
      const entry = { cancel: nothing };
      const forget = (): void => {
        if (id !== undefined && ongoing.get(id) === entry) ongoing.delete(id);
      };
      const finish = (end: End): void => {
        forget();
        hearer.done(end);
      };
      if (id !== undefined) ongoing.set(id, entry);
      const giveUp = callInRounds(
        inModernWords(message),
        { message: hearer.message, done: finish },
        { title, leg, nextId, asked },
      );
      // Who says so itself gets no answer, but an end (T11, T24).
      entry.cancel = () => {
        giveUp();
        finish({});
      };
      return () => {
        forget();
        giveUp();
      };
    };

    const answer = (message: Message, hearer: Hearer, result: unknown): void => {
      const { id } = message.envelope;
      if (id !== undefined) hearer.message(resultResponse(id, result), { id, method: undefined });
      hearer.done({});
    };

    const swallow: Row = (_message, hearer) => {
      hearer.done({});
      return nothing;
    };

    /** What means something else in the modern era, or nothing. */
    const rows: Readonly<Record<string, Row>> = {
      initialize,
      ping: (message, hearer) => {
        answer(message, hearer, {});
        return nothing;
      },
      'notifications/initialized': (_message, hearer) => {
        subscriptions.renew();
        hearer.done({});
        return nothing;
      },
      'notifications/roots/list_changed': swallow,
      'notifications/progress': swallow,
      'notifications/cancelled': ({ envelope: { params } }, hearer) => {
        const { requestId } = params ?? {};
        if (typeof requestId === 'string' || typeof requestId === 'number')
          ongoing.get(requestId)?.cancel();
        hearer.done({});
        return nothing;
      },
      'logging/setLevel': (message, hearer) => {
        level = message.envelope.params?.['level'];
        answer(message, hearer, {});
        return nothing;
      },
      'resources/subscribe': subscriptions.subscribe,
      'resources/unsubscribe': subscriptions.unsubscribe,
    };

    return {
      say: (message, hearer) => {
        const { id, method } = message.envelope;
        if (method === undefined) {
          if (id !== undefined) asked.get(id)?.(replyIn(message.text));
          if (id !== undefined) asked.delete(id);
          hearer.done({});
          return nothing;
        }
        // A method is any text: one that every object has is none of these.
        const row = Object.hasOwn(rows, method) ? rows[method] : undefined;
        return (row ?? call)(message, hearer);
      },
      pause: leg.pause,
      resume: leg.resume,
      close: () => {
        subscriptions.close();
        leg.close();
      },
    };
  };

type Row = Leg['say'];

const nothing = (): void => undefined;
