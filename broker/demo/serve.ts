/** The demo on the wire: a listener on 127.0.0.1, who may speak to it, and which of its parts answers what. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProblemError } from '../../shared/contract/problems.ts';
import { ownOrigins, refusal } from '../bridge/doors/guard.ts';
import { serveOwnPages } from '../bridge/own-pages.ts';
import type { Logger } from '../log/logger.ts';
import { pageHeaders } from '../plain-page.ts';
import { createGrants, type Grants, SCOPE } from './grants.ts';
import type { DemoKept } from './kept.ts';
import { createMcp } from './mcp.ts';
import {
  type Answer,
  createSignInService,
  goneSignInPage,
  SIGN_IN_PATH,
  type SignInService,
} from './sign-in.ts';

export interface ServedDemo {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export interface ServeDemoDeps {
  readonly kept: DemoKept;
  /** Unix ms. */
  readonly now: () => number;
  readonly version: string;
  readonly log: Pick<Logger, 'info'>;
}

/** The address of the demo's MCP server at a port. */
export const demoUrl = (port: number): string => `${originAt(port)}/mcp`;
const originAt = (port: number): string => `http://127.0.0.1:${port}`;

/** Serves the demo at `port`, 0 for any that is free. Rejects with the system's error when that cannot be had. */
export const serveDemo = async (port: number, deps: ServeDemoDeps): Promise<ServedDemo> => {
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = await listen(port, (request, response) => answer(request, response));
  const opened = (server.address() as AddressInfo).port;
  answer = demoAt(opened, deps);
  return {
    port: opened,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

interface Parts {
  readonly grants: Grants;
  readonly signIn: SignInService;
  readonly mcp: ReturnType<typeof createMcp>;
  readonly origin: string;
  readonly now: () => number;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What follows the question mark. */
  readonly query: URLSearchParams;
  readonly body: string;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly answer: (parts: Parts, asked: Asked) => Promise<Answer | undefined> | Answer;
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource/mcp';

const formIn = ({ body }: Asked): URLSearchParams => new URLSearchParams(body);

const routes: readonly Route[] = [
  {
    ...{ method: 'GET', path: RESOURCE_METADATA },
    answer: ({ origin }) => ({
      status: 200,
      json: {
        resource: `${origin}/mcp`,
        resource_name: 'Drawbridge demo',
        authorization_servers: [origin],
        scopes_supported: [SCOPE],
        bearer_methods_supported: ['header'],
      },
    }),
  },
  {
    ...{ method: 'GET', path: '/.well-known/oauth-authorization-server' },
    answer: ({ signIn }) => signIn.metadata(),
  },
  {
    ...{ method: 'POST', path: '/register' },
    answer: ({ signIn }, { body }) => signIn.register(body),
  },
  {
    ...{ method: 'GET', path: '/authorize' },
    answer: async ({ signIn }, { query, response }) => {
      const onward = await signIn.authorize(query);
      if ('page' in onward) response.writeHead(400, pageHeaders()).end(onward.page);
      else response.writeHead(303, { ...pageHeaders(), location: onward.location }).end();
      return undefined;
    },
  },
  {
    ...{ method: 'POST', path: '/token' },
    answer: ({ signIn }, asked) => signIn.token(formIn(asked)),
  },
  {
    ...{ method: 'POST', path: '/revoke' },
    answer: ({ signIn }, asked) => signIn.revoke(formIn(asked)),
  },
  {
    ...{ method: 'GET', path: '/userinfo' },
    answer: ({ signIn }, { request }) => signIn.userInfo(tokenIn(request)),
  },
  { ...{ method: 'POST', path: '/mcp' }, answer: (parts, asked) => answerMcp(parts, asked) },
];

/** Only the pages are for browsers; what other sites send here is refused. */
const PAGES = /^\/(authorize|sign-in\/)/;
/** Browsers hold a redirect to what the form may lead to as well: back to Drawbridge, at whatever port it waits. */
const FORM_ACTION = "'self' http://127.0.0.1:* http://localhost:*";
const MOST_BYTES = 256 * 1024;

const demoAt = (port: number, { kept, now, version, log }: ServeDemoDeps): RequestListener => {
  const origin = originAt(port);
  const own = { issuer: origin, resource: demoUrl(port), now };
  const grants = createGrants({ ...own, kept });
  const signIn = createSignInService({ ...own, grants });
  const parts: Parts = { grants, signIn, origin, now, mcp: createMcp(version) };
  const page = serveOwnPages({
    ...{ gone: goneSignInPage, formAction: FORM_ACTION },
    at: signIn.pageAt,
  });

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url = '' } = request;
    const [path = '', query = ''] = url.split('?', 2);
    const origins = PAGES.test(path) ? ownOrigins(port) : [];
    const forbidden = refusal(request, port, origins);
    if (forbidden !== undefined) return send(response, { status: 403, json: said(forbidden) });
    const [, nonce] = SIGN_IN_PATH.exec(path) ?? [];
    if (nonce !== undefined) return page(request, response, nonce);
    const there = routes.filter((route) => route.path === path);
    const route = there.find((one) => one.method === method);
    if (route === undefined) {
      const allow = there.map((one) => one.method).join(', ');
      const missing = there.length === 0 ? { status: 404 } : { status: 405, headers: { allow } };
      return send(response, { ...missing, json: said('nothing here') });
    }
    const body = await readBody(request);
    if (body === undefined)
      return send(response, {
        ...{ status: 413, json: said('more than the demo takes') },
        headers: { connection: 'close' },
      });
    const asked = { request, response, query: new URLSearchParams(query), body };
    const answer = await route.answer(parts, asked);
    if (answer !== undefined) send(response, answer);
  };

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The vault is closed or cannot be written: it may be otherwise in a moment.
      if (error instanceof ProblemError && !response.headersSent) {
        const headers = { 'retry-after': '5' };
        return send(response, { status: 503, json: said('temporarily_unavailable'), headers });
      }
      // What is left to go wrong is the connection: whoever leaves in the middle must not end the broker.
      log.info('demo-client-lost', { error });
      response.destroy();
    });
  };
};

const answerMcp = async (
  { grants, mcp, origin, now }: Parts,
  { request, body }: Asked,
): Promise<Answer> => {
  const token = tokenIn(request);
  const caller = token === '' ? undefined : await grants.callerOf(token);
  if (caller === undefined) {
    const error = token === '' ? '' : ', error="invalid_token"';
    const challenge = `Bearer resource_metadata="${origin}${RESOURCE_METADATA}", scope="${SCOPE}"${error}`;
    return { status: 401, json: said('unauthorized'), headers: { 'www-authenticate': challenge } };
  }
  const { status, json } = mcp(request.headers, body, { caller, now: now() });
  return { status, ...(json === undefined ? {} : { text: json }) };
};

const tokenIn = ({ headers }: IncomingMessage): string =>
  /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';

const said = (error: string) => ({ error });

const send = (response: ServerResponse, { status, json, text, headers }: Answer): void => {
  const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...{ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    ...headers,
  });
  response.end(body);
};

/** Undefined for more than is taken. Destroying the request would close the connection before the refusal is out. */
const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Requests that never end give their connections back, and no crowd of connections uses up our files. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  // A browser sends along the cookies of every web server that a developer ever ran on this machine.
  maxHeaderSize: 128 * 1024,
};
const MOST_CONNECTIONS = 256;

/** On 127.0.0.1 and nowhere else. */
const listen = async (port: number, answer: RequestListener): Promise<Server> => {
  const server = createServer(limits, answer);
  server.maxConnections = MOST_CONNECTIONS;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Kept: a connection that cannot be accepted later is an error, too, and unheard it would end the broker.
  server.on('error', reject);
  server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  await promise;
  return server;
};
