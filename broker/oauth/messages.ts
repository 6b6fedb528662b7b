/** How OAuth messages leave: oauth4webapi speaks, the guarded fetch carries. */
import * as oauth from 'oauth4webapi';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { ClientRegistration } from './client-registration.ts';
import type { ServerMetadata } from './metadata.ts';

/** Options that every oauth4webapi request here takes. */
export const carriedBy = (fetch: GuardedFetch) => ({
  // The guarded fetch refuses plain http itself, except on this machine, and says so in words for a person.
  // oxlint-disable-next-line typescript/no-deprecated -- marked so to stand out; there is no other switch
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: (
    url: string,
    options: {
      method: string;
      headers: Record<string, string>;
      body?: URLSearchParams | string | null | undefined;
    },
  ) =>
    fetch(url, {
      method: options.method,
      headers: options.headers,
      ...(options.body ? { body: options.body.toString() } : {}),
    }),
});

export const asServer = (metadata: ServerMetadata): oauth.AuthorizationServer =>
  metadata as oauth.AuthorizationServer;

export const asClient = (registration: ClientRegistration): oauth.Client => ({
  client_id: registration.clientId,
});
