/** Getting a client id at an authorization server (RFC 7591). */
import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import {
  asServer,
  type ClientRegistration,
  carriedBy,
  knownMethod,
  methodToRegister,
} from './messages.ts';
import type { ServerMetadata } from './metadata.ts';

/** The port is in the redirect, so it has to be the same when the client id is used. */
const askOperator = (redirectUri: string): string =>
  `ask the operator for a client id with the redirect ${redirectUri}, then add the server again with --client-id and --callback-port ${new URL(redirectUri).port}`;

/** What is read of the answer (RFC 7591 section 3.2.1). Deployed servers leave out what they must send, and say 200 for 201. */
const RegisteredClient = z.object({
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional(),
  token_endpoint_auth_method: z.string().optional(),
});

/**
 * Registers Drawbridge as a native client with this redirect (A19, A20).
 *
 * Rejects with `registration-unavailable` when the server offers no registration, `registration-refused` when it
 * says no, `server-trouble` when it cannot say, and what the fetch rejects with.
 */
export const register = async (
  fetch: GuardedFetch,
  metadata: ServerMetadata,
  redirectUri: string,
  scopes: readonly string[] | undefined,
): Promise<ClientRegistration> => {
  const host = new URL(metadata.issuer).host;
  if (metadata.registration_endpoint === undefined) {
    throw new ProblemError(
      'registration-unavailable',
      `${host} does not register new programs by itself`,
      {
        hint: askOperator(redirectUri),
      },
    );
  }
  const answer = await oauth.dynamicClientRegistrationRequest(
    asServer(metadata),
    {
      client_name: 'Drawbridge',
      application_type: 'native',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: methodToRegister(metadata),
      ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
    },
    carriedBy(fetch),
  );
  if (answer.status === 429 || answer.status >= 500) {
    throw new ProblemError(
      'server-trouble',
      `${host} answered the registration with status ${answer.status}`,
      {
        hint: 'try again later',
      },
    );
  }
  const parsed = answer.ok
    ? RegisteredClient.safeParse(await answer.json().catch(() => undefined))
    : undefined;
  if (parsed?.success !== true) {
    throw new ProblemError('registration-refused', `${host} refused to register Drawbridge`, {
      hint: askOperator(redirectUri),
      cause: parsed?.error,
    });
  }
  const client = parsed.data;
  const granted = knownMethod(client.token_endpoint_auth_method);
  return {
    issuer: metadata.issuer,
    clientId: client.client_id,
    // The server may have chosen another method than asked; a secret without one is for basic (RFC 7591 section 2).
    authMethod: granted ?? (client.client_secret === undefined ? 'none' : 'client_secret_basic'),
    ...(client.client_secret === undefined ? {} : { clientSecret: client.client_secret }),
    redirectUri,
    ...(scopes === undefined ? {} : { scopes: [...scopes] }),
  };
};
