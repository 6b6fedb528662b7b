/** A request of the AI client at the member that it is for, until it has its answer. */
import { problemError, toProblem } from '../../../shared/contract/problems.ts';
import { errorResponse, type Id, problemResponse } from '../json-rpc.ts';
import { INVALID_PARAMS } from '../json-rpc-codes.ts';
import { errorCodeIn } from '../json-text.ts';
import type { End, Hearer, Message } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Member } from './members.ts';
import type { Route } from './routes.ts';

export interface Calls {
  /** Asks where the routes lead; returns a function that gives it up. */
  readonly say: (message: Message, hearer: Hearer, routes: Promise<readonly Route[]>) => () => void;
  /** The AI client cancels a request: who is asked right now is told. */
  readonly cancel: (notification: Message) => void;
}

export interface CallsDeps {
  /** What a member says on the way to an answer; `tell` says it to the AI client. */
  readonly onTheWay: (
    member: Member,
    json: string,
    peeked: Peeked,
    tell: Hearer['message'],
  ) => void;
  /** The answer as the AI client is to hear it. */
  readonly inOurWords: (member: Member, message: Message, json: string) => string;
  /** The error for what nobody has. */
  readonly nobodyHasIt: (message: Message, id: Id) => string;
}

export const createCalls = ({ onTheWay, inOurWords, nobodyHasIt }: CallsDeps): Calls => {
  const open = new Map<unknown, Open>();

  const say: Calls['say'] = (message, hearer, routes) => {
    const { id } = message.envelope;
    const here: Open = { member: undefined, stop: () => end() };
    let giveUp = (): void => undefined;
    let isOver = false;
    /** What the first one said that would not have it: it is the likeliest. */
    let refusal: string | undefined;

    const answer = (json: string): void => {
      if (id !== undefined) hearer.message(json, { id, method: undefined });
    };
    const leave = (): void => {
      isOver = true;
      if (open.get(id) === here) open.delete(id);
    };
    const end = (how: End = {}): void => {
      leave();
      hearer.done(how);
    };

    const ask = ([route, ...others]: readonly Route[]): void => {
      if (isOver) return;
      if (route === undefined) {
        if (id !== undefined) answer(refusal ?? nobodyHasIt(message, id));
        return end();
      }
      const { member } = route;
      const isOneOfSeveral = others.length > 0 || refusal !== undefined;
      let isAnswered = false;
      let isRefused = false;
      here.member = member;
      giveUp = member.say(route.message, {
        message: (json, peeked) => {
          if (peeked.method !== undefined || peeked.id !== id)
            return onTheWay(member, json, peeked, hearer.message);
          isRefused = isOneOfSeveral && errorCodeIn(json) !== undefined;
          if (isRefused) refusal ??= json;
          else answer(inOurWords(member, message, json));
          isAnswered = true;
        },
        done: (how) => {
          if (isRefused) return ask(others);
          const { problem } = how;
          if (isAnswered || problem === undefined) return end(how);
          // Which of them it is that cannot be used, the AI client could not know.
          const json = problemResponse(message.envelope, problem.problem, member.title);
          if (json !== undefined && isOneOfSeveral) {
            refusal ??= json;
            return ask(others);
          }
          if (json !== undefined) answer(json);
          end(json === undefined ? how : {});
        },
      });
    };

    if (id !== undefined) open.set(id, here);
    routes.then(ask).catch((error: unknown) => {
      if (!isOver) end({ problem: problemError(toProblem(error)) });
    });
    return () => {
      leave();
      giveUp();
    };
  };

  return {
    say,
    cancel: (notification) => {
      const here = open.get(notification.envelope.params?.requestId);
      if (here?.member === undefined) here?.stop();
      else here.member.say(notification, unheard);
    },
  };
};

interface Open {
  /** Absent while it is found out who it is for. */
  member: Member | undefined;
  readonly stop: () => void;
}

const nothing = (): void => undefined;
const unheard = { message: nothing, done: nothing };

/** For a tool, a prompt or a completion that no member has. */
export const unknownName = ({ envelope }: Message, id: Id): string => {
  const { method, params } = envelope;
  const what = method === 'tools/call' ? 'tool' : method === 'prompts/get' ? 'prompt' : 'name';
  return errorResponse(id, INVALID_PARAMS, `unknown ${what}: ${JSON.stringify(params?.name)}`);
};
