/** Does the program speak the modern era? It is asked before anything else is said to it, and silence is an answer (T4). */
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { MODERN_ERRORS } from '../../eras/pair.ts';
import { MODERN, meta } from '../../eras/versions.ts';
import { errorCodeIn, valueAt } from '../../json-text.ts';
import { type End, type Leg, type Message, messageOf, type OpenLeg } from '../../leg.ts';

/** A program that has said nothing for so long does not know the question, ms. It may have to be fetched first. */
export const SILENCE_MS = 10_000;

export interface ProbingDeps {
  readonly title: string;
  readonly after: (ms: number, deed: () => void) => () => void;
  readonly silenceMs?: number | undefined;
}

type Found = 'modern' | End;

/** Legs that say nothing to a program that has not shown that it speaks the modern era: those of another one end so. */
export const probing =
  (open: OpenLeg, { title, after, silenceMs = SILENCE_MS }: ProbingDeps): OpenLeg =>
  (unasked): Leg => {
    const leg = open(unasked);
    let isModern = false;
    let waiting: ((found: Found) => void)[] | undefined;
    let stopListening = (): void => undefined;

    const settle = (found: Found): void => {
      isModern ||= found === 'modern';
      const all = waiting ?? [];
      waiting = undefined;
      for (const then of all) then(found);
    };

    /** Asks who it is; the answer goes to `hearer` as well. */
    const introduce: Leg['say'] = (message, hearer) => {
      waiting ??= [];
      const { id } = message.envelope;
      let isAnswered = false;
      const stopWaiting = (stopListening = after(silenceMs, () => {
        giveUp();
        const end: End = { problem: saysNothing(title), otherEra: true };
        hearer.done(end);
        settle(end);
      }));
      const giveUp = leg.say(message, {
        message: (json, peeked) => {
          if (peeked.method === undefined && peeked.id === id) {
            isAnswered = true;
            stopWaiting();
            if (speaksModern(json)) isModern = true;
          }
          hearer.message(json, peeked);
        },
        done: (end) => {
          stopWaiting();
          // One that is so upset that it ends has not understood; one that cannot be started has not heard it.
          const hasEnded = !isAnswered && end.problem?.code === 'program-failed';
          const found =
            isModern || !(isAnswered || hasEnded) ? end : { ...end, otherEra: true as const };
          hearer.done(found);
          settle(isModern ? 'modern' : found);
        },
      });
      return () => {
        stopWaiting();
        giveUp();
        // Whoever else waits for it still wants to know.
        if (waiting === undefined || waiting.length === 0) waiting = undefined;
        else introduce(question(message), unheard);
      };
    };

    return {
      ...leg,
      close: () => {
        stopListening();
        leg.close();
      },
      say: (message, hearer) => {
        if (isModern) return leg.say(message, hearer);
        const isQuestion = message.envelope.method === 'server/discover';
        if (isQuestion && waiting === undefined) return introduce(message, hearer);
        let giveUp = (): void => undefined;
        let isGivenUp = false;
        const isFirst = waiting === undefined;
        waiting ??= [];
        waiting.push((found) => {
          if (isGivenUp) return;
          if (found === 'modern') giveUp = leg.say(message, hearer);
          else hearer.done(found.otherEra ? { problem: anotherEra(title), ...found } : found);
        });
        if (isFirst) introduce(question(message), unheard);
        return () => {
          isGivenUp = true;
          giveUp();
        };
      },
    };
  };

const unheard = { message: () => undefined, done: () => undefined };

const question = ({ envelope }: Message): Message =>
  messageOf({
    jsonrpc: '2.0',
    id: 'drawbridge-probe',
    method: 'server/discover',
    params: {
      _meta: { [meta.version]: MODERN, [meta.capabilities]: {}, ...envelope.params?._meta },
    },
  });

const speaksModern = (json: string): boolean => {
  const code = errorCodeIn(json);
  if (code !== undefined) return MODERN_ERRORS.includes(code);
  return Array.isArray(valueAt(json, ['result', 'supportedVersions']));
};

const saysNothing = (title: string): ProblemError =>
  new ProblemError('server-too-slow', `${title} does not say who it is`);

const anotherEra = (title: string): ProblemError =>
  new ProblemError('bad-answer', `${title} speaks an older protocol`);
