/** Signing out: the tokens are wiped here whatever happens, and made worthless there if the server lets us. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { RouteReply } from '../../shared/contract/routes.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Registrations } from '../oauth/identity.ts';
import { unregister } from '../oauth/register.ts';
import { revoke } from '../oauth/token-endpoint.ts';
import type { TokenBook } from './book.ts';
import type { Grant } from './grant.ts';

export interface SignOutDeps {
  readonly book: Pick<TokenBook, 'drop' | 'keys' | 'facts'>;
  readonly registrations: Pick<Registrations, 'find' | 'drop'>;
  readonly fetch: GuardedFetch;
}

/** Wipes, then revokes, then deletes the registration of Drawbridge where that is offered. Best effort, outcome told. */
export const signOut = async (
  deps: SignOutDeps,
  key: AccountKey,
): Promise<RouteReply<'signOut'>> => {
  const grant = await deps.book.drop(key);
  if (grant === undefined) return { revoked: 'nothing-to-revoke' };
  const revoked = await revokeGrant(deps.fetch, grant);
  await endRegistration(deps, grant);
  return { revoked };
};

/** Only the last one out: other accounts at the same issuer go on being the same client. */
const endRegistration = async (
  { book, registrations, fetch }: SignOutDeps,
  { metadata: { issuer }, client }: Grant,
): Promise<void> => {
  const held = registrations.find(issuer);
  const inUse = book.keys().some((other) => book.facts(other)?.issuer === issuer);
  if (held?.clientId !== client.clientId || held.management === undefined || inUse) return;
  if (await unregister(fetch, held)) await registrations.drop(issuer);
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
