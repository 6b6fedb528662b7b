/** What a server of the legacy era answers, as the modern era says it (T14, T32). */
import { z } from 'zod';
import { errorResponse, type Id } from '../json-rpc.ts';
import {
  CAPABILITY_NEEDED,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  NO_SUCH_RESOURCE,
  URL_NEEDED,
} from '../json-rpc-codes.ts';
import { parsed, valueOf, withChanged, withMembers, withMissing } from '../json-text.ts';
import type { Asking } from './modern-request.ts';

/** The methods on the way of which the modern era lets a server ask something. */
export const mayAsk = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Their results say how long they hold; nothing is known of a legacy server's, so they do not. */
const cacheable = new Set([
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  // Of the extension for skills (SEP-2640).
  'skills/list',
  'skills/get',
]);

const complete = { resultType: '"complete"' };
export const uncached = { ttlMs: '0', cacheScope: '"private"' };

/** The answer to `asking` under its own id; a result is not built, and changed only at its front. */
export const inModernWords = (json: string, asking: Asking): string =>
  pagesNeeded(json, asking) ??
  withChanged(json, outside, (members) => {
    const id = JSON.stringify(asking.id);
    const error = members.get('error');
    if (error !== undefined) return { id, error: inModernError(error) };
    const additions = { ...complete, ...(cacheable.has(asking.method) ? uncached : {}) };
    return { id, result: withMissing(members.get('result') ?? '{}', additions) };
  });

const outside = new Set(['id', 'result', 'error']);

/** The end of a round: what the server wants to know first, and what the retry must bring along. */
export const inputRequired = (
  id: Id,
  inputRequests: Readonly<Record<string, string>>,
  requestState?: string,
): string => {
  const result = withMembers('{"resultType":"input_required"}', {
    inputRequests: withMembers('{}', inputRequests),
    ...(requestState === undefined ? {} : { requestState: JSON.stringify(requestState) }),
  });
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
};

const LegacyError = z.object({ code: z.number() });
const UrlNeeded = z.object({
  code: z.literal(URL_NEEDED),
  data: z.object({
    elicitations: z.array(z.object({ url: z.string(), message: z.string() })).min(1),
  }),
});

const inModernError = (error: string): string => {
  const { data } = LegacyError.safeParse(parsed(error));
  return data === undefined ? error : withMembers(error, { code: String(codeFor(data.code)) });
};

/** Codes that mean something else in the modern era, or nothing, must not appear in it (T32). */
const codeFor = (code: number): number => {
  if (code === NO_SUCH_RESOURCE) return INVALID_PARAMS;
  return code <= -32020 && code >= -32099 ? INTERNAL_ERROR : code;
};

/** The server may want the person at some page first, and the call anew after that (F2). */
const pagesNeeded = (json: string, { id, method, capabilities }: Asking): string | undefined => {
  if (!mayAsk.has(method) || !json.includes(String(URL_NEEDED))) return undefined;
  const { data: error } = UrlNeeded.safeParse(valueOf(json, 'error'));
  if (error === undefined) return undefined;
  if (capabilities.elicitation?.url === undefined) {
    return errorResponse(id, CAPABILITY_NEEDED, 'the server needs the person to open a page', {
      requiredCapabilities: { elicitation: { url: {} } },
    });
  }
  const requests = error.data.elicitations.map(({ url, message }, at) => [
    `page-${at + 1}`,
    JSON.stringify({ method: 'elicitation/create', params: { mode: 'url', message, url } }),
  ]);
  return inputRequired(id, Object.fromEntries(requests) as Record<string, string>);
};
