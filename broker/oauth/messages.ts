/** How OAuth messages leave: oauth4webapi speaks, the guarded fetch carries. */
import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { ServerMetadata } from './metadata.ts';

/** A client id at one issuer, and how it proves itself there. Never used at another issuer (A21). */
export const ClientRegistration = z.object({
  issuer: z.string(),
  clientId: z.string(),
  clientSecret: z.string().optional(),
  authMethod: z.enum(['none', 'client_secret_basic', 'client_secret_post']),
  redirectUri: z.string(),
});
export type ClientRegistration = z.infer<typeof ClientRegistration>;

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
      body?: URLSearchParams | string | null;
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

/** Proof of being the client, the way the registration says (A22). */
export const clientAuth = ({ authMethod, clientSecret }: ClientRegistration): oauth.ClientAuth => {
  if (authMethod === 'none' || clientSecret === undefined) return oauth.None();
  return authMethod === 'client_secret_basic'
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret);
};
