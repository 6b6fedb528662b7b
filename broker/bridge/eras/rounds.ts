/** One call of an AI client of the legacy era, over all the rounds in which a server of the modern era answers it (F1). */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ProblemError, problemError, toProblem } from '../../../shared/contract/problems.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { errorResponse, type Id } from '../json-rpc.ts';
import { INTERNAL_ERROR } from '../json-rpc-codes.ts';
import { memberOf, membersIn, parsed, valueOf, withMembers, withMissing } from '../json-text.ts';
import type { Hearer, Leg, Message } from '../leg.ts';
import { isPage } from './server-questions.ts';

export interface RoundsDeps {
  readonly title: string;
  readonly leg: Pick<Leg, 'say'>;
  readonly nextId: () => string;
  /** Who waits for an answer of the AI client, by the id under which it was asked. */
  readonly asked: Map<Id, (reply: Reply) => void>;
}

/** What an AI client answers: a result as it wrote it, or why there is none. */
export type Reply =
  | { readonly result: string }
  | { readonly error: { readonly code: number; readonly message: string } };

/** A server that asks again and again is told no in the end. */
const MOST_ROUNDS = 10;

const ReplyError = z
  .object({ code: z.number(), message: z.string() })
  .catch({ code: INTERNAL_ERROR, message: 'the AI client gave no answer' });

/** The reply in a response. */
export const replyIn = (text: string): Reply => {
  const result = memberOf(text, 'result');
  return result === undefined ? { error: ReplyError.parse(valueOf(text, 'error')) } : { result };
};

/**
 * Makes a call in the words of the modern era. What the server wants to know first (`input_required`) is asked of the AI
 * client, and the call is made again with what that answered. Returns a function that gives the call up.
 */
export const callInRounds = (
  first: Message,
  hearer: Hearer,
  { title, leg, nextId, asked }: RoundsDeps,
): (() => void) => {
  const { id } = first.envelope;
  const questions: Id[] = [];
  let giveUp = (): void => undefined;
  let isGivenUp = false;

  const send = (message: Message, round: number): void => {
    const { id: as } = message.envelope;
    let unfinished: Unfinished | undefined;
    giveUp = leg.say(message, {
      message: (json, peeked) => {
        const isAnswer = as !== undefined && peeked.method === undefined && peeked.id === as;
        if (!isAnswer) return hearer.message(json, peeked);
        unfinished = unfinishedIn(json);
        if (unfinished !== undefined) return;
        const own = as === id ? json : withMembers(json, { id: JSON.stringify(id) });
        hearer.message(own, { ...peeked, id });
      },
      done: (end) => {
        if (unfinished === undefined || end.problem !== undefined) {
          // Of a later round: the server knows of the ones before.
          const { unsent, ...known } = end;
          hearer.done(round === 0 && unsent ? end : known);
        } else if ('strange' in unfinished) {
          hearer.done({ problem: strangeAnswer(title, unfinished.strange) });
        } else if (round >= MOST_ROUNDS) {
          hearer.done({ problem: asksForEver(title) });
        } else {
          goOn(unfinished, round + 1).catch((error: unknown) =>
            hearer.done({ problem: problemError(toProblem(error)) }),
          );
        }
      },
    });
  };

  const put = (request: string): Promise<Reply> => {
    const question = nextId();
    const { promise, resolve } = Promise.withResolvers<Reply>();
    questions.push(question);
    asked.set(question, resolve);
    const method = String(valueOf(request, 'method'));
    hearer.message(questionFor(question, method, memberOf(request, 'params')), {
      ...{ id: question, method },
    });
    return promise;
  };

  const goOn = async ({ requests, state }: Required, round: number): Promise<void> => {
    const replies = await Promise.all(
      [...requests].map(async ([name, request]) => [name, await put(request)] as const),
    );
    if (isGivenUp) return;
    const results: [string, string][] = [];
    for (const [name, reply] of replies) {
      if ('error' in reply) {
        const { code, message } = reply.error;
        hearer.message(errorResponse(id ?? null, code, message), { id, method: undefined });
        return hearer.done({});
      }
      results.push([name, reply.result]);
    }
    const { text, envelope } = first;
    const again = nextId();
    const params = withMembers(memberOf(text, 'params') ?? '{}', {
      inputResponses: withMembers('{}', Object.fromEntries(results)),
      ...(state === undefined ? {} : { requestState: state }),
    });
    send(
      {
        text: withMembers(text, { id: JSON.stringify(again), params }),
        envelope: { ...envelope, id: again },
      },
      round,
    );
  };

  send(first, 0);
  return () => {
    isGivenUp = true;
    for (const question of questions) asked.delete(question);
    giveUp();
  };
};

/** What a server asks for before it can answer. */
interface Required {
  /** As it wrote them, by the names that it knows them by. */
  readonly requests: ReadonlyMap<string, string>;
  /** As it wrote it; it means something to the server alone. */
  readonly state: string | undefined;
}

/** An answer that no AI client of the legacy era understands. */
type Unfinished = Required | { readonly strange: unknown };

const Request = z.object({
  method: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
});

/** A result that says of itself that it is something else than complete (T14). */
const unfinishedIn = (json: string): Unfinished | undefined => {
  const result = memberOf(json, 'result');
  const word = result === undefined ? undefined : memberOf(result, 'resultType');
  const type = word === undefined ? 'complete' : parsed(word);
  if (result === undefined || type === 'complete') return undefined;
  const required = type === 'input_required' ? requiredIn(result) : undefined;
  return required ?? { strange: type };
};

const requiredIn = (result: string): Required | undefined => {
  const requests = membersIn(memberOf(result, 'inputRequests') ?? '{}');
  const state = memberOf(result, 'requestState');
  const isSound =
    [...requests.values()].every((request) => Request.safeParse(parsed(request)).success) &&
    (state === undefined || typeof parsed(state) === 'string');
  return isSound ? { requests, state } : undefined;
};

/** The legacy era gives an elicitation at an address an id (F2). */
const questionFor = (id: string, method: string, params = '{}'): string =>
  withMembers('{"jsonrpc":"2.0"}', {
    id: JSON.stringify(id),
    method: JSON.stringify(method),
    params:
      method === 'elicitation/create' && isPage(params)
        ? withMissing(params, { elicitationId: JSON.stringify(randomUUID()) })
        : params,
  });

const asksForEver = (title: string): ProblemError =>
  new ProblemError('server-trouble', `${title} asks again and again, and never answers`);

const strangeAnswer = (title: string, type: unknown): ProblemError =>
  new ProblemError(
    'bad-answer',
    `${title} gave an answer of a kind that this AI client does not know: ${plainText(JSON.stringify(type), 40)}`,
  );
