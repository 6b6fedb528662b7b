/** Signing out: the tokens are wiped here whatever happens, and made worthless there if the server lets us. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { type RetireDeps, retire } from '../oauth/retire.ts';
import { revoke } from '../oauth/token-endpoint.ts';
import type { TokenBook } from './book.ts';
import type { Grant } from './grant.ts';

export interface SignOutDeps extends RetireDeps {
  readonly book: Pick<TokenBook, 'drop'>;
}

/** Wipes, then revokes, then deletes the registration of Drawbridge where that is offered. Best effort, outcome told. */
export const signOut = async (
  deps: SignOutDeps,
  key: AccountKey,
): Promise<RouteReply<'signOut'>> => {
  const grant = await deps.book.drop(key);
  if (grant === undefined) return { revoked: 'nothing-to-revoke' };
  const revoked = await revokeGrant(deps.fetch, grant);
  // Only the last one out: other accounts at the same issuer go on being the same client.
  await retire(deps, grant.client);
  return { revoked };
};

/**
 * Asks the authorization server to make a grant worthless, the refresh token first: its end is the end of the grant
 * (RFC 7009 section 2.1). Many servers cannot revoke an access token alone, so its outcome counts only where there is no
 * other. Never rejects.
 */
export const revokeGrant = async (
  fetch: GuardedFetch,
  grant: Grant,
): Promise<'yes' | 'no' | 'not-offered'> => {
  if (grant.metadata.revocation_endpoint === undefined) return 'not-offered';
  const [ends, ...rest] = [grant.refreshToken, grant.accessToken].filter(
    (token) => token !== undefined,
  );
  const ended = ends !== undefined && (await revoke(fetch, grant, ends));
  for (const token of rest) await revoke(fetch, grant, token);
  return ended ? 'yes' : 'no';
};
