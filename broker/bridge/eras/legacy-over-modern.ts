/** How is an AI client of the legacy era served by a server of the modern one? (checklist 3.6) */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ProblemError, problemError, toProblem } from '../../../shared/contract/problems.ts';
import { errorResponse, type Id, resultResponse } from '../json-rpc.ts';
import { valueAt, withValuesAt } from '../json-text.ts';
import { type Hearer, type Leg, type Message, messageOf, type OpenLeg } from '../leg.ts';
import { listChangesOf, listen } from './listen.ts';
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

/** What a server asks for before it can answer (F1). */
const InputRequired = z.object({
  resultType: z.literal('input_required'),
  inputRequests: z
    .record(
      z.string(),
      z.object({ method: z.string(), params: z.record(z.string(), z.unknown()).optional() }),
    )
    .default({}),
  requestState: z.string().optional(),
});
type InputRequired = z.infer<typeof InputRequired>;

const HostAnswer = z.union([
  z.object({ result: z.unknown() }).refine(({ result }) => result !== undefined),
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
]);

/** A server that asks again and again is told no in the end. */
const MOST_ROUNDS = 10;
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
    const subscribed = new Set<string>();
    /** What the AI client was asked, by the bridge's id for it. */
    const asked = new Map<Id, (answer: z.infer<typeof HostAnswer>) => void>();
    const ongoing = new Map<Id, () => void>();
    let count = 0;
    const nextId = (): string => `drawbridge-${++count}`;

    const listening = listen({
      leg,
      after,
      nextId: () => nextId(),
      unasked,
      meta: () => client,
    });
    const listenAnew = (): Promise<void> =>
      listening.to({
        ...listChangesOf(server),
        ...(subscribed.size === 0 ? {} : { resourceSubscriptions: [...subscribed] }),
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
    const modern = ({ text }: Message): string => {
      const log = has('logging') ? { [meta.logLevel]: level ?? USUAL_LEVEL } : {};
      return withValuesAt(text, ['params', '_meta'], { ...client, ...log });
    };

    const call = (message: Message, hearer: Hearer): (() => void) => {
      const { id } = message.envelope;
      let giveUp = (): void => undefined;
      let over = false;
      const questions = new Set<Id>();
      const first = modern(message);

      const send = (text: string, as: Id | undefined, rounds: number): void => {
        let required: InputRequired | undefined;
        const envelope = { ...message.envelope, ...(as === undefined ? {} : { id: as }) };
        const params = { ...envelope.params, _meta: client };
        giveUp = leg.say(
          { text, envelope: { ...envelope, params } },
          {
            message: (json, peeked) => {
              const isAnswer = peeked.method === undefined && peeked.id === as;
              required = isAnswer ? inputRequired(json) : undefined;
              if (required !== undefined) return;
              if (isAnswer && as !== id)
                hearer.message(withValuesAt(json, [], { id }), { ...peeked, id });
              else hearer.message(json, peeked);
            },
            done: (end) => {
              if (required === undefined || end.problem !== undefined) {
                // Of a later round: the server knows of the ones before.
                const { unsent, ...known } = end;
                hearer.done(rounds === 0 && unsent ? end : known);
              } else if (rounds >= MOST_ROUNDS) hearer.done({ problem: asksForEver(title) });
              else
                ask(required, rounds).catch((error: unknown) =>
                  hearer.done({ problem: problemError(toProblem(error)) }),
                );
            },
          },
        );
      };

      const ask = async (required: InputRequired, rounds: number): Promise<void> => {
        const answers = await Promise.all(
          Object.entries(required.inputRequests).map(async ([name, request]) => {
            const question = nextId();
            questions.add(question);
            const { promise, resolve } = Promise.withResolvers<z.infer<typeof HostAnswer>>();
            asked.set(question, resolve);
            const { text, envelope } = messageOf({
              jsonrpc: '2.0',
              id: question,
              ...legacy(request),
            });
            hearer.message(text, { id: envelope.id, method: envelope.method });
            return [name, await promise] as const;
          }),
        );
        if (over) return;
        const refused = answers.map(([, answer]) => answer).find((answer) => 'error' in answer);
        if (refused !== undefined && 'error' in refused && id !== undefined) {
          const { code, message: why } = refused.error;
          hearer.message(errorResponse(id, code, why), { id, method: undefined });
          return hearer.done({});
        }
        const inputResponses = Object.fromEntries(
          answers.map(([name, answer]) => [name, 'result' in answer ? answer.result : undefined]),
        );
        const again = nextId();
        const { requestState } = required;
        const retry = withValuesAt(withValuesAt(first, [], { id: again }), ['params'], {
          inputResponses,
          ...(requestState === undefined ? {} : { requestState }),
        });
        send(retry, again, rounds + 1);
      };

      send(first, id, 0);
      const end = (): void => {
        over = true;
        for (const question of questions) asked.delete(question);
        giveUp();
      };
      if (id !== undefined)
        ongoing.set(id, () => {
          end();
          hearer.done({});
        });
      return end;
    };

    const answer = (message: Message, hearer: Hearer, result: unknown): void => {
      const { id } = message.envelope;
      if (id !== undefined) hearer.message(resultResponse(id, result), { id, method: undefined });
      hearer.done({});
    };

    const subscription =
      (change: (uri: string) => void): Row =>
      (message, hearer) => {
        const { uri } = message.envelope.params ?? {};
        if (typeof uri === 'string') change(uri);
        listenAnew().then(
          () => answer(message, hearer, {}),
          () => answer(message, hearer, {}),
        );
        return nothing;
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
        void listenAnew();
        hearer.done({});
        return nothing;
      },
      'notifications/roots/list_changed': swallow,
      'notifications/progress': swallow,
      'notifications/cancelled': ({ envelope: { params } }, hearer) => {
        const { requestId } = params ?? {};
        if (typeof requestId === 'string' || typeof requestId === 'number') {
          ongoing.get(requestId)?.();
          ongoing.delete(requestId);
        }
        hearer.done({});
        return nothing;
      },
      'logging/setLevel': (message, hearer) => {
        level = message.envelope.params?.['level'];
        answer(message, hearer, {});
        return nothing;
      },
      'resources/subscribe': subscription((uri) => subscribed.add(uri)),
      'resources/unsubscribe': subscription((uri) => subscribed.delete(uri)),
    };

    return {
      say: (message, hearer) => {
        const { id, method } = message.envelope;
        if (method === undefined) {
          const known = HostAnswer.safeParse(JSON.parse(message.text));
          if (id !== undefined && known.success) asked.get(id)?.(known.data);
          if (id !== undefined) asked.delete(id);
          hearer.done({});
          return nothing;
        }
        // A method is any text: one that every object has is none of these.
        const row = Object.hasOwn(rows, method) ? rows[method] : undefined;
        if (row !== undefined) return row(message, hearer);
        return call(message, {
          message: hearer.message,
          done: (end) => {
            if (id !== undefined) ongoing.delete(id);
            hearer.done(end);
          },
        });
      },
      pause: leg.pause,
      resume: leg.resume,
      close: () => {
        listening.close();
        leg.close();
      },
    };
  };

type Row = Leg['say'];

const nothing = (): void => undefined;

/** Looked at closely only where the word is there at all: results may be large. */
const inputRequired = (json: string): InputRequired | undefined =>
  json.includes('"input_required"')
    ? InputRequired.safeParse(valueAt(json, ['result'])).data
    : undefined;

/** The legacy era gives an elicitation at an address an id (F2). */
const legacy = ({ method, params = {} }: InputRequired['inputRequests'][string]) => ({
  method,
  params:
    method === 'elicitation/create' && params['mode'] === 'url'
      ? { elicitationId: randomUUID(), ...params }
      : params,
});

const asksForEver = (title: string): ProblemError =>
  new ProblemError('server-trouble', `${title} asks again and again, and never answers`);
