/** The loopback listener that a browser comes back to (RFC 8252 section 7.3). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { ProblemError } from '../../shared/contract/problems.ts';
import { callbackPages } from './callback-pages.ts';

export interface Callback {
  /** What to register and to send as `redirect_uri`. */
  readonly redirectUri: string;
  /** The parameters of the first request that `belongs`; others get a page that says so and change nothing. */
  readonly wait: (belongs: (parameters: URLSearchParams) => boolean) => Promise<URLSearchParams>;
  /** Shows the waiting browser how it ended, and closes the listener. */
  readonly finish: (outcome: 'signed-in' | 'failed') => Promise<void>;
}

const PATH = '/callback';
/** A callback carries a code, a state and an issuer. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Listens on 127.0.0.1: on `wishedPort` when it is free, else, unless it has to be `only there`, on one that is.
 *
 * Bound before anything is registered, so that the port in the redirect is one we hold. Survives favicons, scanners
 * and stray requests: only a GET of the callback path that `belongs` ends the wait. Rejects with
 * `callback-unavailable`.
 */
export const listenForCallback = async (
  wishedPort: number | undefined,
  where: 'only there' | 'anywhere' = 'anywhere',
): Promise<Callback> => {
  const arrived = Promise.withResolvers<URLSearchParams>();
  let belongs: (parameters: URLSearchParams) => boolean = () => false;
  let browser: ServerResponse | undefined;

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const parameters = callbackParameters(request, redirect.host);
    if (parameters === undefined) return sendPage(response, 404, callbackPages.nothingHere);
    if (browser !== undefined || !belongs(parameters)) {
      return sendPage(response, 400, callbackPages.notThisSignIn);
    }
    browser = response;
    arrived.resolve(parameters);
  });
  const port = await bind(server, where === 'anywhere' ? [wishedPort ?? 0, 0] : [wishedPort ?? 0]);
  const redirect = new URL(`http://127.0.0.1:${port}${PATH}`);

  return {
    redirectUri: redirect.href,
    wait: (test) => {
      belongs = test;
      return arrived.promise;
    },
    finish: async (outcome) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if (browser !== undefined) {
        sendPage(browser, 200, callbackPages[outcome]);
        // A browser that has gone away reads no page.
        await finished(browser).catch(() => undefined);
      }
      // Not only the idle ones: the spare connections of a browser, on which nothing was asked yet, count as busy, and
      // the listener would wait a minute for a request that never comes.
      server.closeAllConnections();
      await closed;
    },
  };
};

const bind = async (server: Server, ports: readonly number[]): Promise<number> => {
  for (const port of ports) {
    const bound = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(true));
    });
    server.removeAllListeners('error');
    if (bound) return (server.address() as AddressInfo).port;
  }
  const [only] = ports;
  if (ports.length === 1 && only !== 0) {
    throw new ProblemError(
      'callback-unavailable',
      `port ${only}, which the operator was told for the browser to come back to, is taken by another program`,
      { hint: 'end that program and sign in again' },
    );
  }
  throw new ProblemError(
    'callback-unavailable',
    'no port could be opened for the browser to come back to',
    { hint: 'a firewall or security program may forbid listening on 127.0.0.1' },
  );
};

/** The Host check is the guard against DNS rebinding: a page of another site must not reach the listener by name. */
const callbackParameters = (
  request: IncomingMessage,
  host: string,
): URLSearchParams | undefined => {
  if (request.method !== 'GET' || request.headers.host !== host || request.url === undefined)
    return undefined;
  // `//` may be asked for but is no URL, and whatever is thrown here ends the broker: any web page could do it.
  const url = URL.parse(request.url, `http://${host}`);
  return url?.pathname === PATH ? url.searchParams : undefined;
};

/** Pages are ours from end to end: nothing of the query is ever echoed. */
const sendPage = (response: ServerResponse, status: number, html: string): void => {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(html);
};
