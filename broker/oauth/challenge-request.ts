/** Knocking without a token, to hear what a server asks for. */
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { knock, knocks } from '../net/knock.ts';

/**
 * The `WWW-Authenticate` of the server's refusal of a request without a token; null when it has none (A5: a 401 may
 * carry no challenge at all) or when nothing is refused. Rejects with what the fetch rejects with.
 */
export const askWithoutToken = async (fetch: GuardedFetch, server: URL): Promise<string | null> => {
  for (const request of knocks) {
    const { status, headers } = await knock(fetch, server, request);
    if (status === 401) return headers.get('www-authenticate');
  }
  return null;
};
