/** What members of the legacy era ask of the AI client: under ids of our own, so that two of them never answer to one. */
import { errorResponse, type Id } from '../json-rpc.ts';
import { INTERNAL_ERROR } from '../json-rpc-codes.ts';
import { memberOf, valueOf, withMembers } from '../json-text.ts';
import type { Message } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import { naming } from './asker.ts';
import type { Member } from './members.ts';

export interface Questions {
  /** A member asks; undefined when it has to wait for other answers first, which it is told. */
  readonly ask: (member: Member, json: string, peeked: Peeked) => Said | undefined;
  /** A member withdraws what it asked; undefined when nothing was open. */
  readonly withdraw: (member: Member, json: string) => Said | undefined;
  /** The AI client's answer goes to who asked. */
  readonly answer: (message: Message) => void;
  /** Who wants to know how far the AI client is, by the token of what was asked. */
  readonly askedUnder: (progressToken: unknown) => readonly Member[];
  /** The member is gone: what it asked is withdrawn. */
  readonly forget: (member: Member) => readonly Said[];
}

export interface Said {
  readonly json: string;
  readonly peeked: Peeked;
}

interface Question {
  readonly member: Member;
  /** As the member knows it. */
  readonly id: Id;
  readonly progressToken: unknown;
}

/** A server must not make us hold whatever it likes. */
const MOST_OPEN = 100;
const CANCELLED = 'notifications/cancelled';

export const createQuestions = (nextId: () => string): Questions => {
  const open = new Map<Id, Question>();

  const say = (member: Member, text: string, id?: Id): void =>
    void member.say(
      { text, envelope: { jsonrpc: '2.0', ...(id === undefined ? {} : { id }) } },
      unheard,
    );

  const cancelled = (id: Id, params: string): Said => ({
    json: `{"jsonrpc":"2.0","method":"${CANCELLED}","params":${withMembers(params, { requestId: JSON.stringify(id) })}}`,
    peeked: { id: undefined, method: CANCELLED },
  });

  return {
    ask: (member, json, { id, method }) => {
      if (id === undefined) return undefined;
      const count = [...open.values()].filter((question) => question.member === member).length;
      if (count >= MOST_OPEN) {
        say(member, errorResponse(id, INTERNAL_ERROR, 'too many questions are open'), id);
        return undefined;
      }
      const own = nextId();
      const params = memberOf(json, 'params') ?? '{}';
      const progressToken = valueOf(memberOf(params, '_meta') ?? '{}', 'progressToken');
      open.set(own, { member, id, progressToken });
      const asked = method === 'elicitation/create' ? { params: naming(member.title, params) } : {};
      return {
        json: withMembers(json, { id: JSON.stringify(own), ...asked }),
        peeked: { id: own, method },
      };
    },
    withdraw: (member, json) => {
      const params = memberOf(json, 'params') ?? '{}';
      const requestId = valueOf(params, 'requestId');
      for (const [own, question] of open) {
        if (question.member !== member || question.id !== requestId) continue;
        open.delete(own);
        return cancelled(own, params);
      }
      return undefined;
    },
    answer: ({ text, envelope: { id } }) => {
      const question = id === undefined ? undefined : open.get(id);
      if (id === undefined || question === undefined) return;
      open.delete(id);
      say(question.member, withMembers(text, { id: JSON.stringify(question.id) }), question.id);
    },
    askedUnder: (token) => [
      ...new Set(
        [...open.values()]
          .filter(({ progressToken }) => progressToken !== undefined && progressToken === token)
          .map(({ member }) => member),
      ),
    ],
    forget: (member) => {
      const its = [...open].filter(([, question]) => question.member === member);
      for (const [own] of its) open.delete(own);
      return its.map(([own]) => cancelled(own, '{}'));
    },
  };
};

const nothing = (): void => undefined;
const unheard = { message: nothing, done: nothing };
