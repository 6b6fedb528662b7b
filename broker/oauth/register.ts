/** Getting a client id at an authorization server (RFC 7591). */
import * as oauth from 'oauth4webapi';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { asServer, type ClientRegistration, carriedBy } from './messages.ts';
import type { ServerMetadata } from './metadata.ts';

/** The ways to prove being a client that we know, the one for public clients first. */
const known = ['none', 'client_secret_basic', 'client_secret_post'] as const;

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
        hint: `ask the operator for a client id with the redirect ${redirectUri}`,
      },
    );
  }
  const offered = metadata.token_endpoint_auth_methods_supported;
  const authMethod =
    offered === undefined ? 'none' : (known.find((method) => offered.includes(method)) ?? 'none');
  const answer = await oauth.dynamicClientRegistrationRequest(
    asServer(metadata),
    {
      client_name: 'Drawbridge',
      application_type: 'native',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: authMethod,
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
  let client: oauth.OmitSymbolProperties<oauth.Client>;
  try {
    client = await oauth.processDynamicClientRegistrationResponse(answer);
  } catch (cause) {
    throw new ProblemError('registration-refused', `${host} refused to register Drawbridge`, {
      hint: `ask the operator for a client id with the redirect ${redirectUri}`,
      cause,
    });
  }
  const granted = known.find((method) => method === client.token_endpoint_auth_method);
  return {
    issuer: metadata.issuer,
    clientId: client.client_id,
    // The server may have chosen another method than asked; a secret without one is for basic (RFC 7591 section 2).
    authMethod:
      granted ?? (typeof client.client_secret === 'string' ? 'client_secret_basic' : 'none'),
    ...(typeof client.client_secret === 'string' ? { clientSecret: client.client_secret } : {}),
    redirectUri,
  };
};
