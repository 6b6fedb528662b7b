/** One call to a server of the legacy era, over all the rounds in which an AI client of the modern era makes it. */
import type { Clock } from '../../ports.ts';
import { INTERNAL_ERROR } from '../json-rpc-codes.ts';
import { memberOf, valueOf, withMembers } from '../json-text.ts';
import type { End } from '../leg.ts';
import type { Outcome } from './legacy-session.ts';
import { inModernWords, inputRequired, mayAsk } from './modern-answer.ts';
import { type Asking, answer, levels } from './modern-request.ts';
import { inputRequest, type Objection, objectionTo, type Question } from './server-questions.ts';

/** Questions that come this close to each other are put together. */
const TOGETHER_MS = 10;

/** A person does not answer more at once; a server must not make us hold whatever it likes. */
const MOST_QUESTIONS = 32;

export interface Call {
  /** The method is one on the way of which the server may ask. */
  readonly mayAsk: boolean;
  /** There is a request that hears it; otherwise it is held until the next one. */
  readonly isHeard: () => boolean;
  /** Whether messages of the server's log were asked for. */
  readonly wantsLog: () => boolean;

  readonly answered: (json: string) => void;
  readonly ended: (end: End) => void;
  readonly asked: (question: Question) => void;
  /** The server has withdrawn a question. */
  readonly withdrawn: (id: unknown) => void;
  readonly progressed: (json: string) => void;
  readonly logged: (json: string) => void;
  readonly noticed: (json: string) => void;

  /** Goes on with the next round, and what the AI client answered by the names of the questions. */
  readonly goOn: (asking: Asking, responses: ReadonlyMap<string, string>) => void;
  /** Ends it if `asking` is the request that hears it. */
  readonly giveUp: (asking: Asking) => void;
  /** Ends it, here and at the server. */
  readonly cancel: () => void;
  /** Ends it with nobody there to be told. */
  readonly drop: () => void;
  /** Ends it, and tells the request that hears it how. */
  readonly breakOff: (end: End) => void;
}

export interface CallDeps {
  readonly clock: Pick<Clock, 'after'>;
  /** Sees to it that the server logs what a request wants to know, before anything else is done for it. */
  readonly atLevel: (level: Asking['level'], then: () => void) => void;
  /** Holds the call until the next round; returns what that must show. */
  readonly hold: (call: Call, asking: Asking) => string;
  /** Answers a question: the text of a result, or an objection. */
  readonly reply: (question: Question, reply: string | Objection) => void;
  /** Nobody wants the answer any more: the server should know. */
  readonly abandon: () => void;
  /** Everything has been said. */
  readonly over: (call: Call) => void;
}

/** A call that `first` begins. It must be told all that the server says about it, and is over when `deps.over` says so. */
export const openCall = (first: Asking, deps: CallDeps): Call => {
  const questions = new Map<string, Question>();
  let heardBy: Asking | undefined = first;
  /** Of the latest round: what is asked must be declared there. */
  let latest = first;
  let outcome: Outcome | undefined;
  let isOver = false;
  let asked = 0;
  let stopGathering: (() => void) | undefined;

  const finish = (): void => {
    isOver = true;
    heardBy = undefined;
    stopGathering?.();
    deps.over(call);
  };

  /** An outcome that nobody hears waits for the next round. */
  const conclude = (): void => {
    const asking = heardBy;
    if (asking === undefined || outcome === undefined) return;
    finish();
    if ('answer' in outcome) answer(asking, inModernWords(outcome.answer, asking));
    else asking.hearer.done(outcome.end);
  };

  const settle = (came: Outcome): void => {
    if (isOver || outcome !== undefined) return;
    outcome = came;
    // What the server asked before, it does not need any more.
    questions.clear();
    conclude();
  };

  const objects = (question: Question): boolean => {
    const objection = objectionTo(question, latest.capabilities);
    if (objection !== undefined) deps.reply(question, objection);
    return objection !== undefined;
  };

  /** Ends the round with what the server asked in it. */
  const pose = (): void => {
    stopGathering?.();
    stopGathering = undefined;
    for (const [name, question] of questions) if (objects(question)) questions.delete(name);
    const asking = heardBy;
    if (asking === undefined || questions.size === 0) return;
    heardBy = undefined;
    const requests = [...questions].map(
      ([name, question]) => [name, inputRequest(question)] as const,
    );
    const state = deps.hold(call, asking);
    answer(asking, inputRequired(asking.id, Object.fromEntries(requests), state));
  };

  /** Tells the server what it asked, and asks again what has had no answer. */
  const respond = (responses: ReadonlyMap<string, string>): void => {
    const told = [...questions].flatMap(([name, question]) => {
      const response = responses.get(name);
      return response === undefined ? [] : [{ name, question, response }];
    });
    for (const { name } of told) questions.delete(name);
    const isIncomplete = questions.size > 0;
    for (const { question, response } of told) deps.reply(question, response);
    conclude();
    if (isIncomplete) pose();
  };

  const cancel = (): void => {
    if (isOver) return;
    const left = [...questions.values()];
    finish();
    deps.abandon();
    for (const question of left) deps.reply(question, nobodyWaits);
  };

  const call: Call = {
    mayAsk: mayAsk.has(first.method),
    isHeard: () => heardBy !== undefined,
    wantsLog: () => heardBy?.level !== undefined,

    answered: (json) => settle({ answer: json }),
    ended: (end) => settle({ end }),
    asked: (question) => {
      // Said after its own end: nobody waits for what comes of it.
      if (isOver || outcome !== undefined) return deps.reply(question, nobodyWaits);
      if (objects(question)) return;
      if (questions.size >= MOST_QUESTIONS) return deps.reply(question, tooManyQuestions);
      asked += 1;
      questions.set(`ask-${asked}`, question);
      if (heardBy !== undefined) stopGathering ??= deps.clock.after(TOGETHER_MS, pose);
    },
    withdrawn: (id) => {
      for (const [name, question] of questions) if (question.id === id) questions.delete(name);
    },
    progressed: (json) => {
      const token = heardBy?.progressToken;
      const params = memberOf(json, 'params');
      if (heardBy === undefined || token === undefined || params === undefined) return;
      const own = withMembers(params, { progressToken: JSON.stringify(token) });
      heardBy.hearer.message(withMembers(json, { params: own }), notice('notifications/progress'));
    },
    logged: (json) => {
      const level = heardBy?.level;
      if (heardBy === undefined || level === undefined) return;
      // The session may be at another request's level.
      const given = valueOf(memberOf(json, 'params') ?? '{}', 'level');
      const rank = levels.findIndex((known) => known === given);
      if (rank !== -1 && rank < levels.indexOf(level)) return;
      heardBy.hearer.message(json, notice('notifications/message'));
    },
    noticed: (json) => heardBy?.hearer.message(json, notice(valueOf(json, 'method'))),

    goOn: (asking, responses) => {
      heardBy = latest = asking;
      deps.atLevel(asking.level, () => {
        if (heardBy === asking) respond(responses);
      });
    },
    giveUp: (asking) => {
      if (heardBy === asking) cancel();
    },
    cancel,
    drop: finish,
    breakOff: (end) => {
      const asking = heardBy;
      cancel();
      asking?.hearer.done(end);
    },
  };
  return call;
};

const nobodyWaits: Objection = {
  code: INTERNAL_ERROR,
  message: 'nobody waits for the answer to this any more',
};

const tooManyQuestions: Objection = {
  code: INTERNAL_ERROR,
  message: `no more than ${MOST_QUESTIONS} questions are put at once`,
};

const notice = (method: unknown): { id: undefined; method: string | undefined } => ({
  id: undefined,
  method: typeof method === 'string' ? method : undefined,
});
