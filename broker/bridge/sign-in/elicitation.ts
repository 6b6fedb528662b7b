/** How an AI client is asked to send its person to a page, in the words of either era, and how it answers (F2, F4). */
import { inputRequired } from '../eras/modern-answer.ts';
import { meta } from '../eras/versions.ts';
import type { Envelope, Id } from '../json-rpc.ts';
import { memberOf, withMembers, withoutMembers } from '../json-text.ts';
import type { Message } from '../leg.ts';
import type { Era } from '../session.ts';

export interface PageQuestion {
  readonly message: string;
  readonly url: string;
}

/** How a question of the modern era is told from the server's own, and from those that we ask about something else. */
export interface Mark {
  /** Under this name it is asked. */
  readonly name: string;
  /**
   * How the state of a retry begins that answers us; what it is about follows. There is nothing to seal, for it decides
   * nothing but that.
   */
  readonly state: `drawbridge:${string}`;
}

/** How the state of any of them begins in a text. */
const OURS = '"drawbridge:';

const memberIn = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Whether the message declares that its sender shows pages: each one of the modern era, `initialize` in the legacy era. */
export const declaresPages = (era: Era, { params }: Envelope): boolean => {
  const declared = era === 'legacy' ? params?.['capabilities'] : params?._meta?.[meta.capabilities];
  const url = memberIn(memberIn(declared, 'elicitation'), 'url');
  return typeof url === 'object' && url !== null;
};

/** Whether a request is a round of a question that its server asked: nothing else must be asked in between (F1). */
export const isRound = ({ params }: Envelope): boolean =>
  params?.['requestState'] !== undefined || params?.['inputResponses'] !== undefined;

/** The answer of the modern era. */
export const modernQuestion = (
  id: Id,
  { message, url }: PageQuestion,
  { name, state }: Mark,
  about = '',
): string => {
  const request = { method: 'elicitation/create', params: { mode: 'url', message, url } };
  return inputRequired(id, { [name]: JSON.stringify(request) }, state + about);
};

/** The request of the legacy era. */
export const legacyQuestion = (
  id: string,
  elicitationId: string,
  { message, url }: PageQuestion,
): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'elicitation/create',
    params: { mode: 'url', elicitationId, message, url },
  });

/** Whether the AI client's person agreed, by the result of `elicitation/create`. */
export const isAccepted = (result: unknown): boolean => memberIn(result, 'action') === 'accept';

/** Whether a text may hold a retry that answers us: looked at before it is read. */
export const mayAnswerUs = (body: Buffer): boolean => body.includes(OURS);

export interface Retry {
  readonly accepted: boolean;
  /** What followed the mark in the question. */
  readonly about: string;
  /** As it was before the question. */
  readonly call: Message;
}

/** What a retry that answers us says, and the call that it is about; undefined for any other message. */
export const readRetry = ({ text, envelope }: Message, mark: Mark): Retry | undefined => {
  const { params } = envelope;
  const given = params?.['requestState'];
  if (params === undefined || typeof given !== 'string' || !given.startsWith(mark.state))
    return undefined;
  const { inputResponses, requestState: _state, ...others } = params;
  return {
    accepted: isAccepted(memberIn(inputResponses, mark.name)),
    about: given.slice(mark.state.length),
    call: {
      text: withMembers(text, {
        params: withoutMembers(memberOf(text, 'params') ?? '{}', ofRound),
      }),
      envelope: { ...envelope, params: others },
    },
  };
};

const ofRound = new Set(['inputResponses', 'requestState']);
