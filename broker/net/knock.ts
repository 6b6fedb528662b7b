/** The first request to an MCP server of unknown era, without a token: it shows what the server is and what it asks for. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { FetchLimits, GuardedFetch } from './guarded-fetch.ts';

const LATEST_LEGACY = '2025-11-25';
const MODERN = '2026-07-28';
const client = { name: 'drawbridge', version: '0' };

/** Ways to sign in beyond the usual that we know: a server may want to hear of them first (X5). */
const capabilities = {
  extensions: {
    'io.modelcontextprotocol/oauth-client-credentials': {},
    'io.modelcontextprotocol/enterprise-managed-authorization': {},
  },
};

interface Knock {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/**
 * In the words of both eras, the modern one first (T2).
 *
 * Some servers let anybody say `initialize` and ask for a token only afterwards: `server/discover` is a request like
 * any other to them, and is challenged.
 */
export const knocks: readonly Knock[] = [
  {
    headers: { 'mcp-protocol-version': MODERN, 'mcp-method': 'server/discover' },
    body: {
      jsonrpc: '2.0',
      id: 0,
      method: 'server/discover',
      params: {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': MODERN,
          'io.modelcontextprotocol/clientInfo': client,
          'io.modelcontextprotocol/clientCapabilities': capabilities,
        },
      },
    },
  },
  {
    headers: {},
    body: {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: LATEST_LEGACY, capabilities, clientInfo: client },
    },
  },
];

/** The first event of a server of 2024-11-05, which says where messages go (T21). */
const ENDPOINT = /^event: ?endpoint\r?\ndata: ?\S+\r?\n/m;
const OLD_MS = 5_000;

/**
 * Asks as an AI client of 2024-11-05 does, for a server that understands neither of the `knocks`. Resolves with its
 * refusal for want of a sign-in, with true when it is such a server, else with false.
 */
export const knockAsOld = async (fetch: GuardedFetch, server: URL): Promise<Response | boolean> => {
  const answer = await fetch(server, {
    ...{ headers: { accept: 'text/event-stream' }, until: ENDPOINT, whom: 'servers' },
    ...{ timeoutMs: OLD_MS, maxBytes: 64 * 1024 },
  }).catch((error: unknown) => {
    // It has answered before: a page that is too large, or a stream on which nothing comes, is only no such server.
    if (error instanceof ProblemError) return undefined;
    throw error;
  });
  if (answer === undefined || answer.status === 401) return answer ?? false;
  const isStream = (answer.headers.get('content-type') ?? '').includes('text/event-stream');
  return answer.ok && isStream && ENDPOINT.test(await answer.text());
};

/** Sends one of the `knocks`, and ends the session that it may have opened (T15). Rejects with what the fetch rejects with. */
export const knock = async (
  fetch: GuardedFetch,
  server: URL,
  { headers, body }: Knock,
  limits: FetchLimits = {},
): Promise<Response> => {
  const answer = await fetch(server, {
    ...limits,
    ...{ whom: 'servers', method: 'POST' },
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(body),
  });
  const session = answer.headers.get('mcp-session-id');
  if (session !== null) {
    // A courtesy: nobody waits for it, and a server that does not let sessions be ended says so to nobody.
    void fetch(server, {
      ...limits,
      ...{ whom: 'servers', method: 'DELETE' },
      headers: { 'mcp-session-id': session, 'mcp-protocol-version': LATEST_LEGACY },
    }).catch(() => undefined);
  }
  return answer;
};
