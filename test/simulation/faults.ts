/** What goes wrong between Drawbridge and a token endpoint: one row a fault. */

import { diagnose } from '../../broker/net/diagnose.ts';
import type { Clock } from '../../broker/ports.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { AccountState } from '../../shared/contract/snapshot.ts';

/** A request on its way. */
export interface Exchange {
  readonly host: string;
  readonly clock: Clock;
  /** Lets the server do what it was asked, and gives its answer. */
  readonly serve: () => Response;
}

export interface Fault {
  readonly name: string;
  /** What a person is told once the access token has run out. */
  readonly shows: Extract<AccountState, 'retrying' | 'offline'>;
  /** How long the server asks to be left alone, ms. */
  readonly asks?: number;
  /** The server did what it was asked, and nobody learns of it. */
  readonly losesAnswer?: true;
  /** Only a time limit ends it. */
  readonly hangs?: true;
  /** Final only when it comes twice in a row. */
  readonly unsure?: true;
  readonly meet: (exchange: Exchange) => Promise<Response>;
}

/** The time limit that broker/net sets to every exchange, ms. */
const TIMEOUT_MS = 20_000;
const MINUTE = 60_000;

/** `answer` if it comes in time, else what the guarded fetch rejects with. */
export const inTime = (
  { host, clock }: Pick<Exchange, 'host' | 'clock'>,
  answer: Promise<Response>,
): Promise<Response> => {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const stop = clock.after(TIMEOUT_MS, () =>
    reject(new ProblemError('server-too-slow', `${host} did not answer within 20 s`)),
  );
  answer.then(resolve, reject).finally(stop);
  return promise;
};

export const wait = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));

const page = '<html><title>Attention Required!</title><p>Checking your browser</p></html>';
const html = { 'content-type': 'text/html' };
const json = { 'content-type': 'application/json' };

const broken = (host: string, code: string): ProblemError =>
  diagnose(Object.assign(new Error('fetch failed'), { code }), host);

const truncated = (): Response =>
  new Response('{"access_token":"canary-access-cut', { headers: json });

const hang = async ({ host, clock }: Exchange): Promise<Response> => {
  await wait(clock, 30_000);
  return new Response(`${host} is late`, { status: 504 });
};

export const faults: readonly Fault[] = [
  {
    name: '500',
    shows: 'retrying',
    meet: async () => new Response('{"error":"server_error"}', { status: 500, headers: json }),
  },
  {
    name: '503 that says nothing',
    shows: 'retrying',
    meet: async () => new Response(null, { status: 503 }),
  },
  {
    name: '429 with Retry-After in seconds',
    shows: 'retrying',
    asks: 7 * MINUTE,
    meet: async () =>
      new Response('slow down', { status: 429, headers: { 'retry-after': String(7 * 60) } }),
  },
  {
    name: '429 with Retry-After as a date',
    shows: 'retrying',
    asks: 20 * MINUTE,
    meet: async ({ clock }) =>
      new Response(null, {
        status: 429,
        // Rounded up: a date has no parts of a second.
        headers: { 'retry-after': new Date(clock.now() + 20 * MINUTE + 999).toUTCString() },
      }),
  },
  {
    name: 'WAF page',
    shows: 'retrying',
    meet: async () => new Response(page, { status: 403, headers: html }),
  },
  {
    name: 'captive portal',
    shows: 'retrying',
    meet: async () => new Response(page, { headers: html }),
  },
  {
    name: 'redirect',
    shows: 'retrying',
    meet: async ({ host }) => {
      throw new ProblemError('redirect-refused', `${host} redirects where it must answer`);
    },
  },
  {
    name: 'connection reset',
    shows: 'offline',
    meet: async ({ host }) => {
      throw broken(host, 'ECONNRESET');
    },
  },
  {
    name: 'connection refused',
    shows: 'offline',
    meet: async ({ host }) => {
      throw broken(host, 'ECONNREFUSED');
    },
  },
  { name: '30 s hang', shows: 'retrying', hangs: true, meet: hang },
  { name: 'truncated JSON', shows: 'retrying', meet: async () => truncated() },
  {
    name: 'DNS down',
    shows: 'offline',
    meet: async ({ host }) => {
      throw broken(host, 'ENOTFOUND');
    },
  },
  {
    name: 'certificate expired',
    shows: 'retrying',
    meet: async ({ host }) => {
      throw broken(host, 'CERT_HAS_EXPIRED');
    },
  },
  {
    name: 'connection reset before the answer',
    shows: 'offline',
    losesAnswer: true,
    meet: async ({ host, serve }) => {
      serve();
      throw broken(host, 'ECONNRESET');
    },
  },
  {
    name: 'answer cut short',
    shows: 'retrying',
    losesAnswer: true,
    meet: async ({ serve }) => {
      serve();
      return truncated();
    },
  },
  {
    name: 'answer after 30 s',
    shows: 'retrying',
    hangs: true,
    losesAnswer: true,
    meet: async (exchange) => {
      exchange.serve();
      return hang(exchange);
    },
  },
];

/** No network at all: nothing of this machine's arrives anywhere. */
export const noNetwork: Fault = {
  name: 'no network',
  shows: 'offline',
  meet: async ({ host }) => {
    throw broken(host, 'EAI_AGAIN');
  },
};

/** A server that forgets its clients for a moment. */
export const clientUnknown: Fault = {
  name: 'client unknown',
  shows: 'retrying',
  unsure: true,
  meet: async () => new Response('{"error":"invalid_client"}', { status: 401, headers: json }),
};
