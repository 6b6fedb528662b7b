/** Signing out: the tokens are wiped here whatever happens, and made worthless there if the server lets us. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { revoke } from '../oauth/token-endpoint.ts';
import type { TokenBook } from './book.ts';

/** Wipes, then revokes the refresh token and the access token, in that order (RFC 7009). Best effort, outcome told. */
export const signOut = async (
  book: Pick<TokenBook, 'drop'>,
  fetch: GuardedFetch,
  key: AccountKey,
): Promise<RouteReply<'signOut'>> => {
  const grant = await book.drop(key);
  if (grant === undefined) return { revoked: 'nothing-to-revoke' };
  if (grant.metadata.revocation_endpoint === undefined) return { revoked: 'not-offered' };
  // The refresh token first: its end is the end of the grant (RFC 7009 section 2.1). Many servers cannot revoke an
  // access token alone, so its outcome counts only where there is no other.
  const [ends, ...rest] = [grant.refreshToken, grant.accessToken].filter(
    (token) => token !== undefined,
  );
  const ended = ends !== undefined && (await revoke(fetch, grant, ends));
  for (const token of rest) await revoke(fetch, grant, token);
  return { revoked: ended ? 'yes' : 'no' };
};
