/** Do the headers of a modern request say what its body says? (T30) Where the server behind is a legacy one, nobody else asks. */
import type { IncomingHttpHeaders } from 'node:http';
import { isObject } from '../../../shared/is-object.ts';
import { meta } from '../eras/versions.ts';
import { errorResponse, type Id, modernVersion } from '../json-rpc.ts';
import { HEADER_MISMATCH, INVALID_PARAMS } from '../json-rpc-codes.ts';
import type { Message } from '../leg.ts';
import { requestHeaders } from '../request-headers.ts';

/** The error for a request without what its `_meta` has to say, or whose mirrored headers are missing or say something else. */
export const mismatch = (
  headers: IncomingHttpHeaders,
  { envelope }: Message,
): string | undefined => {
  if (envelope.id === undefined) return undefined;
  const { _meta } = envelope.params ?? {};
  if (modernVersion(envelope) === undefined || !isObject(_meta?.[meta.capabilities]))
    return errorResponse(envelope.id, INVALID_PARAMS, '_meta says no version or no capabilities');
  const expected = requestHeaders(envelope);
  for (const name of ['mcp-protocol-version', 'mcp-method', 'mcp-name'] as const) {
    const value = expected[name];
    if (value === undefined) continue;
    const given = headers[name];
    if (given === undefined) return refusal(envelope.id, `the header ${name} is missing`);
    if (typeof given !== 'string' || decoded(given) !== decoded(value))
      return refusal(envelope.id, `the header ${name} does not say what the body says`);
  }
  return undefined;
};

/** What the AI client repeats of its arguments: not all of it may be known here (T31). */
export const mirroredIn = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('mcp-param-') && typeof value === 'string' ? [[name, value]] : [],
    ),
  );

/** Texts that no header can carry come in base64 (SEP-2243). */
const decoded = (value: string): string => {
  const [, base64] = /^=\?base64\?(.*)\?=$/s.exec(value) ?? [];
  return base64 === undefined ? value : Buffer.from(base64, 'base64').toString('utf8');
};

const refusal = (id: Id, message: string): string => errorResponse(id, HEADER_MISMATCH, message);
