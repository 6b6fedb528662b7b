/** A call of a tool by the person's own hand: over the ways that AI clients take, but for their rules and questions. */

import { ProblemError, toProblem } from '../../shared/contract/problems.ts';
import type { AskedBack, ToolAnswer, ToolCall } from '../../shared/contract/tool-call.ts';
import { askedBackWords, MOST_OF_ANSWER } from '../../shared/contract/tool-call.ts';
import type { Clock } from '../ports.ts';
import { refused } from './catalogue/handshake.ts';
import { type LegacySession, type Outcome, openLegacySession } from './eras/legacy-session.ts';
import { memberOf, valueAt } from './json-text.ts';
import type { Legs } from './legs.ts';
import type { Peeked } from './peek.ts';
import { type Began, outcomeIn } from './seen.ts';
import type { Target } from './target.ts';

/** Rejects with why there is no answer, with `server-too-slow`, and with `call-given-up`. */
export type CallByHand = (
  target: Target,
  call: Pick<ToolCall, 'name' | 'arguments' | 'timeoutS'>,
  signal: AbortSignal,
) => Promise<ToolAnswer>;

export interface ByHandDeps {
  readonly legs: Pick<Legs, 'to'>;
  readonly began: Began;
  readonly clock: Pick<Clock, 'after' | 'steady'>;
  readonly version: string;
}

/** Who calls, as the server and the record of requests are told. */
const NAME = 'Drawbridge';
/** A server may ask and ask; no more of it is told. */
const MOST_DECLINED = 100;

/** A way of its own for each call: what it leaves at the server ends with it. */
export const createCallByHand =
  ({ legs, began, clock, version }: ByHandDeps): CallByHand =>
  async (target, { name, arguments: given, timeoutS }, signal) => {
    const { title, upstream } = target;
    const since = clock.steady();
    const method = 'tools/call';
    const params = { name, arguments: given };
    const text = JSON.stringify({ method, params });
    const ended = began(
      {
        ...{ key: upstream.key, door: 'hand', aiClient: NAME, method, name },
        bytes: Buffer.byteLength(text),
      },
      text,
    );
    const answer = Promise.withResolvers<string>();
    const declined: ToolAnswer['declined'] = [];
    const session = openLegacySession(
      legs.to(target, 'legacy'),
      // Nothing that a server could want of an AI client: nobody is there to be asked.
      { info: { name: NAME, version }, capabilities: {} },
      title,
      (_json, peeked) => {
        const what = decline(session, peeked);
        if (what !== undefined && declined.length < MOST_DECLINED)
          declined.push({ what, reason: reasonOf(what) });
      },
    );
    const stopWaiting = clock.after(timeoutS * 1000, () => answer.reject(tooSlow(title, timeoutS)));
    let isOver = false;
    const giveUp = (): void => answer.reject(givenUp());
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    const settle = (outcome: Outcome): void => {
      if ('answer' in outcome) answer.resolve(outcome.answer);
      else answer.reject(outcome.end.problem ?? noAnswer(title));
    };
    session.begin((begun) => {
      if ('refusal' in begun) answer.reject(refused(title));
      else if ('end' in begun) settle(begun);
      else if (!isOver && !signal.aborted) session.ask(method, params, settle);
    });
    try {
      const json = await answer.promise;
      const bytes = Buffer.byteLength(json);
      ended({ ...outcomeIn(json), bytes, ...(ended.keeps && { answer: json }) });
      return { ...answerIn(json), tookMs: Math.round(clock.steady() - since), declined };
    } catch (error) {
      const { code } = toProblem(error);
      ended({
        ...(signal.aborted ? { outcome: 'cancelled' } : { outcome: 'error', code }),
        bytes: 0,
      });
      throw error;
    } finally {
      isOver = true;
      stopWaiting();
      signal.removeEventListener('abort', giveUp);
      // The server learns that nobody waits any more.
      session.close();
    }
  };

const answerIn = (json: string): Omit<ToolAnswer, 'tookMs' | 'declined'> => {
  const error = memberOf(json, 'error');
  const text = error ?? memberOf(json, 'result') ?? 'null';
  return {
    ...(error === undefined ? {} : { refused: true }),
    isError: error !== undefined || valueAt(json, ['result', 'isError']) === true,
    text: text.slice(0, MOST_OF_ANSWER),
    more: Math.max(0, text.length - MOST_OF_ANSWER),
  };
};

const METHOD_NOT_FOUND = -32601;
/** What the specification has AI clients answer when the person says no to sampling. */
const REJECTED = -1;

interface Question {
  readonly what: AskedBack;
  readonly kind: 'result' | 'error';
  readonly answer: object;
}

const nobody = 'nobody is there to be asked: a person called this tool by hand in Drawbridge';
const noSuch = { code: METHOD_NOT_FOUND, message: nobody };

/** How what servers ask is declined, a row a method. */
const questions: Readonly<Record<string, Question>> = {
  'elicitation/create': { what: 'elicitation', kind: 'result', answer: { action: 'decline' } },
  'sampling/createMessage': {
    ...{ what: 'sampling', kind: 'error' },
    answer: { code: REJECTED, message: nobody },
  },
  'roots/list': { what: 'roots', kind: 'error', answer: noSuch },
};
const unknown: Question = { what: 'other', kind: 'error', answer: noSuch };

/** Answers what a server asks; undefined where it asks nothing. */
const decline = (
  session: Pick<LegacySession, 'answer'>,
  { id, method }: Peeked,
): AskedBack | undefined => {
  if (id === undefined || method === undefined) return undefined;
  if (method === 'ping') {
    session.answer(id, 'result', '{}');
    return undefined;
  }
  const { what, kind, answer } = (Object.hasOwn(questions, method) && questions[method]) || unknown;
  session.answer(id, kind, JSON.stringify(answer));
  return what;
};

const reasonOf = (what: AskedBack): string =>
  `${askedBackWords[what]}, and was told that nobody is there to answer a call by hand`;

const tooSlow = (title: string, timeoutS: number): ProblemError =>
  new ProblemError('server-too-slow', `${title} has not answered within ${timeoutS} s`, {
    hint: 'it was told to stop, but what it had begun may have been done: look before you call again',
  });

const noAnswer = (title: string): ProblemError =>
  new ProblemError('server-trouble', `${title} did not answer the call`);

const givenUp = (): ProblemError =>
  new ProblemError('call-given-up', 'the call was given up before it was answered');
