/** The little that the bridge reads of a JSON-RPC message, and the answers it gives itself. */
import { z } from 'zod';
import type { Problem } from '../../shared/contract/problems.ts';
import { codeOf, INVALID_REQUEST, PARSE_ERROR } from './json-rpc-codes.ts';

const Id = z.union([z.string(), z.number()]);
export type Id = z.infer<typeof Id>;

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

/** What routing needs of a message from an AI client. Results and parameters are none of our business. */
export const Envelope = z.object({
  jsonrpc: z.literal('2.0'),
  id: Id.optional(),
  method: z.string().optional(),
  params: z
    .looseObject({
      name: z.unknown(),
      uri: z.unknown(),
      taskId: z.unknown(),
      requestId: z.unknown(),
      _meta: z
        .looseObject({ [VERSION_KEY]: z.string().optional() })
        .optional()
        .catch(undefined),
    })
    .partial()
    .optional()
    .catch(undefined),
});
export type Envelope = z.infer<typeof Envelope>;

/** The envelope of a message, or undefined when it is not one. */
export const readEnvelope = (text: string): Envelope | undefined => {
  try {
    const parsed = Envelope.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: the caller says so.
    return undefined;
  }
};

/** The protocol version a message carries itself: only messages of the modern era do (T13). */
export const modernVersion = (envelope: Envelope): string | undefined =>
  envelope.params?._meta?.[VERSION_KEY];

/** An error response; `data` is whatever else there is to say. */
export const errorResponse = (
  id: Id | null,
  code: number,
  message: string,
  data?: unknown,
): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code, message, ...(data === undefined ? {} : { data }) },
  });

/** The answer to a request that went well. */
export const resultResponse = (id: Id, result: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result });

/** The answer to a text that is no message: not JSON at all, or JSON of another shape. */
export const notAMessage = (text: string): string => {
  try {
    JSON.parse(text);
    return errorResponse(null, INVALID_REQUEST, 'not a JSON-RPC message');
  } catch {
    return errorResponse(null, PARSE_ERROR, 'not JSON');
  }
};

/**
 * The answer to a request that cannot reach its server.
 *
 * A tool call gets a result that the model can read and tell the person about; anything else an error. Undefined for
 * notifications and responses, which have no answer.
 */
export const problemResponse = (
  envelope: Envelope,
  problem: Problem,
  serverTitle: string,
): string | undefined => {
  const { id, method } = envelope;
  if (id === undefined || method === undefined) return undefined;
  const whose = problem.message.includes(serverTitle) ? '' : `${serverTitle}: `;
  const text = `${whose}${problem.message}${problem.hint === undefined ? '' : ` (${problem.hint})`}`;
  if (method !== 'tools/call') {
    return errorResponse(id, codeOf(problem.code), text, problem);
  }
  const result = {
    content: [{ type: 'text', text }],
    isError: true,
    ...(modernVersion(envelope) === undefined ? {} : { resultType: 'complete' }),
  };
  return resultResponse(id, result);
};
