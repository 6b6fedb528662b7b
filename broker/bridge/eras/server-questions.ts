/** What a server of the legacy era may ask of an AI client on the way to an answer, and whether it may ask this one. */

import { INVALID_PARAMS, METHOD_NOT_FOUND } from '../json-rpc-codes.ts';
import { memberOf, valueOf, withMembers, withoutMembers } from '../json-text.ts';
import type { Peeked } from '../peek.ts';
import type { Capabilities } from './modern-request.ts';

export interface Question {
  /** Under which the server waits for the answer. */
  readonly id: string | number;
  readonly method: string;
  /** As text; undefined where the server gave none. */
  readonly params: string | undefined;
}

export interface Objection {
  readonly code: number;
  readonly message: string;
}

/** What keeps a question from an AI client that declared this much, in a word or two. */
const kinds: Readonly<
  Record<string, (declared: Capabilities, params: string) => 'unknown' | 'undeclared' | undefined>
> = {
  'roots/list': ({ roots }) => (roots === undefined ? 'unknown' : undefined),
  'sampling/createMessage': ({ sampling }, params) => {
    if (sampling === undefined) return 'unknown';
    const wantsTools = memberOf(params, 'tools') ?? memberOf(params, 'toolChoice');
    return wantsTools !== undefined && sampling.tools === undefined ? 'undeclared' : undefined;
  },
  'elicitation/create': ({ elicitation }, params) => {
    if (elicitation === undefined) return 'unknown';
    // No mode at all means forms, in what is declared and in what is asked.
    const forms = elicitation.form !== undefined || elicitation.url === undefined;
    const declared = isPage(params) ? elicitation.url !== undefined : forms;
    return declared ? undefined : 'undeclared';
  },
};

/** The question in a server's request, or undefined when it asks something else. */
export const readQuestion = (json: string, { id, method }: Peeked): Question | undefined =>
  id === undefined || method === undefined || !Object.hasOwn(kinds, method)
    ? undefined
    : { id, method, params: memberOf(json, 'params') };

/** Why a question cannot be put to an AI client that declared this much (F5); undefined when it can. */
export const objectionTo = (
  { method, params = '{}' }: Question,
  declared: Capabilities,
): Objection | undefined => {
  const why = kinds[method]?.(declared, params);
  if (why === undefined) return undefined;
  return why === 'unknown'
    ? { code: METHOD_NOT_FOUND, message: `the AI client does not know ${method}` }
    : { code: INVALID_PARAMS, message: `the AI client cannot do this kind of ${method}` };
};

/** The question as a member of `inputRequests`. Pages have no id of their own in the modern era (F2). */
export const inputRequest = ({ method, params }: Question): string => {
  const isForPage = method === 'elicitation/create' && params !== undefined && isPage(params);
  return withMembers(`{"method":${JSON.stringify(method)}}`, {
    ...(params === undefined
      ? {}
      : { params: isForPage ? withoutMembers(params, pageId) : params }),
  });
};

const pageId = new Set(['elicitationId']);

/** Whether an elicitation is for a page, by its parameters. */
export const isPage = (params: string): boolean => valueOf(params, 'mode') === 'url';
