/** Whether a server has another authorization server now than the one a grant is from. */
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { findSignIn, type SignInTarget } from '../oauth/find-sign-in.ts';
import type { NamedService } from '../oauth/named-service.ts';
import type { Grant } from './grant.ts';

/** True only when it says so itself: a server that cannot be asked has not moved. */
export const hasMoved = async (
  fetch: GuardedFetch,
  target: SignInTarget,
  { metadata }: Pick<Grant, 'metadata'>,
  service?: NamedService,
): Promise<boolean> => {
  try {
    const found = await findSignIn(fetch, target, {
      holdsClient: (known) => known === metadata.issuer,
      // However it is spelled there, it is the one that a slash would not make another.
      exceptions: new Set(['issuer-slash']),
      // What tokens are asked for is no word of the server's, whoever has settled it.
      service: { ...service, resource: undefined },
    });
    // Only a document of the server's own counts: what is guessed when there is none is no word of it.
    return found.resource !== undefined && found.issuer !== metadata.issuer;
  } catch {
    // No answer is no evidence; the grant stands until somebody says otherwise.
    return false;
  }
};
