/** The loopback listener that a browser comes back to (RFC 8252 section 7.3). */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { ProblemError } from '../../shared/contract/problems.ts';
import { OURSELVES } from '../net/port-holder.ts';
import { pageHeaders } from '../plain-page.ts';
import { callbackPages } from './callback-pages.ts';

export interface Callback {
  readonly port: number;
  /** The parameters of the first request at `redirectUri` that `belongs`; everything else gets a page that says so and changes nothing. */
  readonly wait: (
    redirectUri: string,
    belongs: (parameters: URLSearchParams) => boolean,
  ) => Promise<URLSearchParams>;
  /** Shows the waiting browser how it ended, and closes the listener. */
  readonly finish: (outcome: 'signed-in' | 'failed') => Promise<void>;
}

export interface CallbackWish {
  /** Tried first. */
  readonly port?: number | undefined;
  /** True: only that port will do, because an operator was told it. */
  readonly only?: boolean;
}

/** Who holds a port, in words for a person; undefined when it cannot be told. */
export type HolderOf = (port: number) => Promise<string | undefined>;

/** The redirect of a listener: `http://127.0.0.1:PORT/callback`. */
export const redirectUriOf = (
  port: number,
  { host = '127.0.0.1', path = '/callback' }: RedirectShape = {},
): string => new URL(`http://${host}:${port}${path}`).href;

/** The port that is written in a redirect. Read by hand: to `URL`, one that says 80 says none. */
export const portIn = (redirect: string): number | undefined => {
  const written = /^\w+:\/\/[^/]*:(\d+)(?:\/|$)/.exec(redirect)?.[1];
  return written === undefined ? undefined : Number(written);
};

interface RedirectShape {
  readonly host?: '127.0.0.1' | 'localhost';
  readonly path?: string;
}

/**
 * Listens on both loopback addresses at one port: at the wished one when it is free, else, unless `only` that will do,
 * at one that is.
 *
 * Bound before anything is registered, so that the port in the redirect is one we hold. Survives favicons, scanners,
 * stray and unending requests: only a GET of the redirect that `belongs` ends the wait. Rejects with
 * `callback-unavailable`, which names the holder of the only port that would do, and then nothing is left open.
 */
export const listenForCallback = async (
  wish: CallbackWish,
  holderOf: HolderOf = async () => undefined,
): Promise<Callback> => {
  // Before anybody waits, nothing belongs.
  let expected: Expected | undefined;
  const browsers: ServerResponse[] = [];

  const { port, servers } = await openWished(wish, holderOf, (request, response) => {
    const parameters = expected && parametersFor(expected, request);
    if (!expected || !parameters) return sendPage(response, 404, callbackPages.nothingHere);
    if (isRepetitive(parameters) || !expected.belongs(parameters)) {
      return sendPage(response, 400, callbackPages.notThisSignIn);
    }
    browsers.push(response);
    expected.arrive(parameters);
    // The first answer is the answer, whatever comes after it.
    expected = { ...expected, belongs: () => false };
  });

  return {
    port,
    wait: async (redirectUri, belongs) => {
      const { promise, resolve } = Promise.withResolvers<URLSearchParams>();
      const { pathname: path } = new URL(redirectUri);
      expected = { hosts: hostsAt(port), path, belongs, arrive: resolve };
      return promise;
    },
    finish: async (outcome) => {
      // No new connection from here on; what is asked already is still answered.
      const closed = servers.map(closing);
      const waiting = browsers.splice(0);
      for (const browser of waiting) sendPage(browser, 200, callbackPages[outcome]);
      // A browser that has gone away reads no page.
      await Promise.all(waiting.map((browser) => finished(browser).catch(() => undefined)));
      // Not only the idle ones: the spare connections of a browser, on which nothing was asked yet, count as busy, and
      // the listener would wait for a request that never comes.
      for (const server of servers) server.closeAllConnections();
      await Promise.all(closed);
    },
  };
};

interface Expected {
  readonly hosts: ReadonlySet<string>;
  readonly path: string;
  readonly belongs: (parameters: URLSearchParams) => boolean;
  readonly arrive: (parameters: URLSearchParams) => void;
}

/** What a browser may call us. Written as browsers write it: without the port where that is 80. */
const hostsAt = (port: number): ReadonlySet<string> =>
  new Set(
    ['127.0.0.1', 'localhost', '[::1]'].map((host) => new URL(`http://${host}:${port}`).host),
  );

/** The Host check is the guard against DNS rebinding: a page of another site must not reach the listener by a name of its own. */
const parametersFor = (
  { hosts, path }: Expected,
  { method, headers, url = '' }: IncomingMessage,
): URLSearchParams | undefined => {
  if (method !== 'GET' || !hosts.has(headers.host ?? '')) return undefined;
  // Cut by hand: what may be asked for need not be a URL, and whatever is thrown here ends the broker.
  const [asked] = url.split('?', 1);
  return asked === path ? new URLSearchParams(url.slice(path.length)) : undefined;
};

/** RFC 6749 section 3.1: no parameter may come twice. Which of two values counts would be the choice of who added one. */
export const isRepetitive = (parameters: URLSearchParams): boolean =>
  new Set(parameters.keys()).size < parameters.size;

/** Pages are ours from end to end: nothing of the query is ever echoed. */
const sendPage = (response: ServerResponse, status: number, html: string): void => {
  response.writeHead(status, { ...pageHeaders(), connection: 'close' });
  response.end(html);
};

interface Opened {
  readonly port: number;
  readonly servers: readonly Server[];
}

/** Any free port, more than once: what is free on 127.0.0.1 may be taken on ::1. */
const ANY_FREE = [0, 0, 0, 0];

const openWished = async (
  { port = 0, only = false }: CallbackWish,
  holderOf: HolderOf,
  answer: RequestListener,
): Promise<Opened> => {
  let cause: unknown;
  for (const each of only ? [port] : [port, ...ANY_FREE]) {
    try {
      return await openBoth(each, answer);
    } catch (error) {
      cause = error;
    }
  }
  if (!only) {
    throw new ProblemError(
      'callback-unavailable',
      'no port could be opened for the browser to come back to',
      { hint: 'a firewall or security program may forbid listening on 127.0.0.1', cause },
    );
  }
  throw codeOf(cause) === 'EADDRINUSE' ? taken(port, await holderOf(port)) : closed(port, cause);
};

const taken = (port: number, holder = 'another program'): ProblemError =>
  holder === OURSELVES
    ? new ProblemError('callback-unavailable', `another sign-in is waiting at port ${port}`, {
        hint: 'finish or cancel that one, then sign in again',
      })
    : new ProblemError(
        'callback-unavailable',
        `port ${port}, ${WHOSE_PORT}, is taken by ${holder}`,
        { hint: 'end that program and sign in again' },
      );

const closed = (port: number, cause: unknown): ProblemError =>
  new ProblemError('callback-unavailable', `port ${port}, ${WHOSE_PORT}, cannot be opened`, {
    hint: 'this machine keeps or forbids that port; agree on another one with the operator',
    cause,
  });

const WHOSE_PORT = 'which the operator was told for the browser to come back to';

/** What a machine says that has no ::1. */
const withoutFamily: readonly unknown[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** Both, because a browser takes `localhost` for either. */
const openBoth = async (wished: number, answer: RequestListener): Promise<Opened> => {
  const four = await open('127.0.0.1', wished, answer);
  const { port } = four.address() as AddressInfo;
  try {
    return { port, servers: [four, await open('::1', port, answer)] };
  } catch (error) {
    if (withoutFamily.includes(codeOf(error))) return { port, servers: [four] };
    const gone = closing(four);
    four.closeAllConnections();
    await gone;
    throw error;
  }
};

const limits = {
  // A callback is short, but `localhost` has one cookie jar for all ports: every web server a developer ever ran there
  // adds to what the browser sends us.
  maxHeaderSize: 128 * 1024,
  // Requests that never end (Slowloris) give their connections back; a browser has sent all of its own at once.
  headersTimeout: 5000,
  requestTimeout: 5000,
  connectionsCheckingInterval: 1000,
};

/** As many as one browser opens to all the world together: no crowd of connections may use up our files. */
const MOST_CONNECTIONS = 256;

const open = async (host: string, port: number, answer: RequestListener): Promise<Server> => {
  const server = createServer(limits, answer);
  server.maxConnections = MOST_CONNECTIONS;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Kept: a connection that cannot be accepted later is an error, too, and unheard it would end the broker.
  server.on('error', reject);
  server.listen({ host, port, exclusive: true, ipv6Only: true }, resolve);
  await promise;
  return server;
};

const closing = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
