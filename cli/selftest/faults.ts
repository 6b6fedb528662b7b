/** What a token endpoint may answer besides tokens, that says nothing about the sign-in. */
import type { ServerResponse } from 'node:http';

export interface Fault {
  readonly id: string;
  readonly name: string;
  readonly does: string;
  /** What the answer asks to be waited, ms. */
  readonly retryAfterMs?: number;
  readonly answer: (response: ServerResponse) => void;
}

const RETRY_AFTER_S = 120;

export const faults: readonly Fault[] = [
  {
    id: 'server-error',
    name: 'the service fails (500)',
    does: 'answers renewals with status 500',
    answer: (response) =>
      response
        .writeHead(500, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: 'server_error' })),
  },
  {
    id: 'too-busy',
    name: 'the service is busy (429)',
    does: `answers renewals with status 429 and Retry-After: ${RETRY_AFTER_S}`,
    retryAfterMs: RETRY_AFTER_S * 1000,
    answer: (response) =>
      response.writeHead(429, { 'retry-after': String(RETRY_AFTER_S) }).end('slow down'),
  },
  {
    id: 'web-page',
    name: 'a web page instead of tokens',
    does: 'answers renewals with a page, as a captive portal does',
    answer: (response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Welcome to the hotel</title>'),
  },
  {
    id: 'reset',
    name: 'the connection is reset',
    does: 'resets the connection of every renewal',
    answer: (response) => void response.socket?.resetAndDestroy(),
  },
  {
    id: 'truncated',
    name: 'half an answer',
    does: 'breaks off in the middle of the answer to every renewal',
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"access_token":"half-a-', () => response.destroy());
    },
  },
];
