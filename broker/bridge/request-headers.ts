/** The HTTP headers that a message needs on its way to a server, made from the message itself. */
import { type Envelope, modernVersion } from './json-rpc.ts';

/** Where a method keeps the name that the `Mcp-Name` header repeats (T8). */
const named: Readonly<Record<string, 'name' | 'uri' | 'taskId'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** Every POST accepts both forms of answer (T7); in the modern era method, version and name are repeated (T8). */
export const requestHeaders = (envelope: Envelope): Record<string, string> => {
  const basic = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const version = modernVersion(envelope);
  const { method, params } = envelope;
  if (version === undefined || method === undefined) return basic;
  const place = named[method];
  const name = place === undefined ? undefined : params?.[place];
  return {
    ...basic,
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': headerValue(name) } : {}),
  };
};

/** A header value for any text (SEP-2243). Visible ASCII goes as it is; anything else in the base64 form the specification gives for header values. */
export const headerValue = (text: string): string =>
  /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith('=?base64?')
    ? text
    : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
