/** Where the browser is sent to sign in, and with what (RFC 6749 section 4.1.1, RFC 7636, RFC 8707, RFC 9126). */
import * as oauth from 'oauth4webapi';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { AssertVisitable } from '../net/visit.ts';
import { assertTaken } from './authorization-answer.ts';
import { clientAuth } from './client-auth.ts';
import { asClient, asServer, carriedBy } from './messages.ts';
import type { TokenParty } from './token-endpoint.ts';
import { accountParameters, type Whom } from './whom.ts';

export interface AuthorizationWish {
  readonly scopes: readonly string[] | undefined;
  readonly whom: Whom;
  /** What else the person settled to be sent along. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The service refuses PKCE: an exception on record. */
  readonly withoutPkce?: boolean | undefined;
}

export interface AuthorizationDeps {
  readonly fetch: GuardedFetch;
  readonly assertVisitable: AssertVisitable;
}

export interface AuthorizationRequest {
  readonly address: URL;
  readonly state: string;
  readonly codeVerifier: string | undefined;
}

/**
 * A request with a state and a verifier of its own; pushed to the server first where that is offered, so that nothing
 * of it can be read or changed on its way through the browser.
 *
 * Rejects with `address-refused`, `no-sign-in-service`, what `assertTaken` rejects with, `bad-answer`, and what the fetch
 * rejects with. `now` is in Unix ms.
 */
export const authorizationRequest = async (
  { fetch, assertVisitable }: AuthorizationDeps,
  party: TokenParty,
  wish: AuthorizationWish,
  now: number,
): Promise<AuthorizationRequest> => {
  const codeVerifier = wish.withoutPkce === true ? undefined : oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const parameters = {
    ...accountParameters(wish.whom, party.metadata, needsConsent(wish.scopes)),
    // Before what the flow depends on, so that nothing of that can be replaced by it.
    ...wish.parameters,
    ...(await flowParameters(party, wish.scopes, state, codeVerifier)),
  };
  const address = new URL(party.metadata.authorization_endpoint ?? '');
  await assertVisitable(address);
  const pushed = isPushed(party) ? await push(fetch, party, parameters, now) : parameters;
  for (const [name, value] of Object.entries(pushed)) address.searchParams.set(name, value);
  return { address, state, codeVerifier };
};

const flowParameters = async (
  { client, resource }: TokenParty,
  scopes: readonly string[] | undefined,
  state: string,
  codeVerifier: string | undefined,
): Promise<Record<string, string>> => ({
  response_type: 'code',
  client_id: client.clientId,
  redirect_uri: client.redirectUri ?? '',
  state,
  ...(codeVerifier === undefined
    ? {}
    : {
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      }),
  ...(resource === undefined ? {} : { resource }),
  ...(scopes === undefined || scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
});

/** OpenID Connect Core section 11: without consent, `offline_access` is ignored. A prompt that was settled beats ours. */
const needsConsent = (scopes: readonly string[] | undefined): boolean =>
  scopes?.includes('offline_access') === true;

const isPushed = ({ metadata }: TokenParty): boolean => {
  const offered = metadata.pushed_authorization_request_endpoint !== undefined;
  if (offered || metadata.require_pushed_authorization_requests !== true) return offered;
  throw new ProblemError(
    'no-sign-in-service',
    `${new URL(metadata.issuer).host} wants the sign-in announced but does not say where`,
    { hint: 'the operator of the server has to mend this' },
  );
};

const push = async (
  fetch: GuardedFetch,
  { metadata, client }: TokenParty,
  parameters: Record<string, string>,
  now: number,
): Promise<Record<string, string>> => {
  const { host } = new URL(metadata.issuer);
  const answer = await oauth.pushedAuthorizationRequest(
    asServer(metadata),
    asClient(client),
    clientAuth(client, metadata),
    parameters,
    carriedBy(fetch),
  );
  await assertTaken(answer, host, now);
  try {
    const { request_uri } = await oauth.processPushedAuthorizationResponse(
      asServer(metadata),
      asClient(client),
      answer,
    );
    return { client_id: client.clientId, request_uri };
  } catch {
    throw new ProblemError('bad-answer', `${host} gave no answer that can be read`);
  }
};
