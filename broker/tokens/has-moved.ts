/** Whether a server has another authorization server now than the one a grant is from. */
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { askWithoutToken } from '../oauth/challenge-request.ts';
import { discover } from '../oauth/discover.ts';
import type { Grant } from './grant.ts';

/** True only when it says so itself: a server that cannot be asked has not moved. */
export const hasMoved = async (
  fetch: GuardedFetch,
  server: URL,
  { metadata }: Pick<Grant, 'metadata'>,
): Promise<boolean> => {
  try {
    const challenge = await askWithoutToken(fetch, server);
    const found = await discover(fetch, server, challenge, (known) => known === metadata.issuer);
    // Only a document of the server's own counts: what is guessed when there is none is no word of it.
    return found.resource !== undefined && found.issuer !== metadata.issuer;
  } catch {
    // No answer is no evidence; the grant stands until somebody says otherwise.
    return false;
  }
};
