/** An authorization server and an MCP server behind it, small and strict, on loopback: what Drawbridge is tried at. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault } from './faults.ts';
import { createGrants, type Grants, type TokenAnswer } from './grants.ts';

export interface Service extends AsyncDisposable {
  /** The MCP server. */
  readonly url: string;
  readonly grants: Grants;
  /** From now on every renewal is answered like this; undefined mends it. */
  readonly misbehave: (fault: Fault | undefined) => void;
  /** Tells what happens while it happens. */
  readonly watch: (watcher: Watcher) => void;
  readonly seen: Seen;
}

/** How often each was asked for. */
export interface Seen {
  codes: number;
  renewals: number;
  /** Calls with a good token. Drawbridge's own question who the server is counts for none. */
  calls: number;
  revocations: number;
  /** What Drawbridge asked for that the standards forbid. */
  readonly complaints: string[];
}

interface Watcher {
  /** Keeps a request for tokens waiting. */
  readonly beforeTokens?: () => Promise<void>;
  /** New tokens are about to be sent in place of old ones. */
  readonly onRenewed?: (tokens: TokenAnswer) => void;
  /** A call came with this token. */
  readonly onCall?: (accessToken: string) => void;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly answer: (asked: IncomingMessage, response: ServerResponse) => void | Promise<void>;
}

/** `now` is what the life of tokens is measured by, Unix ms. */
export const startService = async (now: () => number): Promise<Service> => {
  const grants = createGrants(now);
  const clients = new Map<string, readonly unknown[]>();
  const seen: Seen = { codes: 0, renewals: 0, calls: 0, revocations: 0, complaints: [] };
  let fault: Fault | undefined;
  let watcher: Watcher = {};

  const complain = (response: ServerResponse, what: string): void => {
    seen.complaints.push(what);
    sendJson(response, { error: 'invalid_request' }, 400);
  };

  const authorize = (parameters: URLSearchParams): string | undefined => {
    const client = clients.get(parameters.get('client_id') ?? '');
    if (client === undefined) return 'a client that was not registered';
    if (!client.includes(parameters.get('redirect_uri'))) return 'a redirect not registered';
    if (parameters.get('response_type') !== 'code') return 'another response type than code';
    if (parameters.get('code_challenge_method') !== 'S256') return 'no PKCE with S256';
    if (!/^[\w-]{43}$/.test(parameters.get('code_challenge') ?? '')) return 'no PKCE challenge';
    if ((parameters.get('state') ?? '').length < 16) return 'no state worth the name';
    if (parameters.get('resource') !== url) return 'no word of which server the token is for';
    return undefined;
  };

  const giveTokens = (form: URLSearchParams, response: ServerResponse): void => {
    const isRenewal = form.get('grant_type') === 'refresh_token';
    if (isRenewal) seen.renewals += 1;
    else seen.codes += 1;
    if (isRenewal && fault !== undefined) return fault.answer(response);
    if (form.get('resource') !== url)
      return complain(response, 'no word of which server the token is for');
    const tokens = isRenewal ? grants.renew(form) : grants.redeem(form);
    if (tokens === undefined) return sendJson(response, { error: 'invalid_grant' }, 400);
    if (isRenewal) watcher.onRenewed?.(tokens);
    sendJson(response, tokens);
  };

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/.well-known/oauth-protected-resource/mcp',
      answer: (_asked, response) =>
        sendJson(response, { resource: url, authorization_servers: [origin] }),
    },
    {
      method: 'GET',
      path: '/.well-known/oauth-authorization-server',
      answer: (_asked, response) =>
        sendJson(response, {
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
          revocation_endpoint: `${origin}/revoke`,
          response_types_supported: ['code'],
          grant_types_supported: ['authorization_code', 'refresh_token'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none'],
          authorization_response_iss_parameter_supported: true,
        }),
    },
    {
      method: 'POST',
      path: '/register',
      answer: async (asked, response) => {
        const { redirect_uris: redirects } = JSON.parse(await textOf(asked)) as {
          redirect_uris?: unknown[];
        };
        const clientId = `selftest-client-${randomUUID()}`;
        clients.set(clientId, redirects ?? []);
        const registered = { client_id: clientId, token_endpoint_auth_method: 'none' };
        sendJson(response, { ...registered, redirect_uris: redirects }, 201);
      },
    },
    {
      method: 'GET',
      path: '/authorize',
      answer: ({ url: address = '' }, response) => {
        const { searchParams: parameters } = new URL(address, origin);
        const complaint = authorize(parameters);
        if (complaint !== undefined) return complain(response, complaint);
        const redirectUri = parameters.get('redirect_uri') ?? '';
        const back = new URL(redirectUri);
        back.searchParams.set(
          'code',
          grants.giveCode({
            clientId: parameters.get('client_id') ?? '',
            redirectUri,
            challenge: parameters.get('code_challenge') ?? '',
          }),
        );
        back.searchParams.set('state', parameters.get('state') ?? '');
        back.searchParams.set('iss', origin);
        response.writeHead(302, { location: back.href }).end();
      },
    },
    {
      method: 'POST',
      path: '/token',
      answer: async (asked, response) => {
        const form = new URLSearchParams(await textOf(asked));
        await watcher.beforeTokens?.();
        giveTokens(form, response);
      },
    },
    {
      method: 'POST',
      path: '/revoke',
      answer: async (asked, response) => {
        seen.revocations += 1;
        grants.revoke(new URLSearchParams(await textOf(asked)).get('token') ?? '');
        response.writeHead(200).end();
      },
    },
    {
      method: 'POST',
      path: '/mcp',
      answer: async (asked, response) => {
        const token = /^Bearer (.+)$/.exec(asked.headers.authorization ?? '')?.[1] ?? '';
        const call = await textOf(asked);
        if (!grants.isGood(token)) {
          const documents = `${origin}/.well-known/oauth-protected-resource/mcp`;
          const challenge = { 'www-authenticate': `Bearer resource_metadata="${documents}"` };
          return void response.writeHead(401, challenge).end();
        }
        const { id, method } = JSON.parse(call) as { id?: unknown; method?: unknown };
        if (method !== 'initialize' && method !== 'server/discover') {
          watcher.onCall?.(token);
          seen.calls += 1;
        }
        sendJson(response, { jsonrpc: '2.0', id, result: { tools: [] } });
      },
    },
  ];

  const server = createServer((asked, response) => {
    const [path] = (asked.url ?? '').split('?', 1);
    const route = routes.find((each) => each.method === asked.method && each.path === path);
    if (route === undefined) return void response.writeHead(404).end();
    // What is left to go wrong is the connection, or what was sent over it.
    void (async () => route.answer(asked, response))().catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}/mcp`;

  return {
    ...{ url, grants, seen },
    misbehave: (next) => {
      fault = next;
    },
    watch: (next) => {
      watcher = next;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const sendJson = (response: ServerResponse, value: unknown, status = 200): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(value));

const textOf = async (asked: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of asked as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};
