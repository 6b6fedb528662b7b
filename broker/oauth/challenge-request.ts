/** Knocking without a token, to hear what a server asks for. */
import type { GuardedFetch } from '../net/guarded-fetch.ts';

/** Understood by servers of both eras far enough to ask for a token first. */
const knock = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'drawbridge', version: '0' },
  },
});

/**
 * The `WWW-Authenticate` of the server's answer to a request without a token; null when it has none (A5: a 401 may
 * carry no challenge at all). Rejects with what the fetch rejects with.
 */
export const askWithoutToken = async (fetch: GuardedFetch, server: URL): Promise<string | null> => {
  const answer = await fetch(server, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: knock,
  });
  return answer.headers.get('www-authenticate');
};
