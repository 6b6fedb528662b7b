/** The end of a client that nobody goes by any more. */
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { type ClientRegistration, isSameClient } from './client-registration.ts';
import type { Registrations } from './identity.ts';
import { unregister } from './register.ts';

export interface RetireDeps {
  readonly fetch: GuardedFetch;
  readonly registrations: Pick<Registrations, 'find' | 'drop' | 'isInUse'>;
}

/**
 * Deletes a client at its server (RFC 7592), unless it is in use; best effort. Rejects only when it is gone there and that
 * cannot be saved.
 */
export const retire = async (
  { fetch, registrations }: RetireDeps,
  client: ClientRegistration,
): Promise<void> => {
  if (registrations.isInUse(client)) return;
  // The one kept knows best: a change may have brought another token to manage it with.
  const latest = asKept(registrations, client) ?? client;
  if (await unregister(fetch, latest)) await registrations.drop(latest);
};

/** The same for those that a sign-in went by and that are not kept: another has replaced them, or they came to nothing. */
export const retireOutdated = async (
  deps: RetireDeps,
  clients: readonly ClientRegistration[],
): Promise<void> => {
  for (const client of clients)
    if (asKept(deps.registrations, client) === undefined) await retire(deps, client);
};

const asKept = (
  registrations: RetireDeps['registrations'],
  client: ClientRegistration,
): ClientRegistration | undefined => {
  const kept = registrations.find(client.issuer);
  return kept !== undefined && isSameClient(kept, client) ? kept : undefined;
};
