/** How does a client that is not ours get tokens, step by step, with oauth4webapi and nothing else? */
import * as oauth from 'oauth4webapi';
import { type ConsentOptions, consentByScript } from './authorization-server/consent-by-script.ts';
import { startLoopbackServer } from './loopback-server.ts';

export interface SignInOptions extends ConsentOptions {
  /** Left out, the server's own default counts. */
  readonly resource?: string;
  readonly scope?: string;
}

/** A signed-in client, so that a test can go on from there. */
export interface SignedIn {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly tokens: oauth.TokenEndpointResponse;
  readonly refresh: (refreshToken: string) => Promise<oauth.TokenEndpointResponse>;
  readonly revoke: (token: string) => Promise<void>;
}

const insecure = { [oauth.allowInsecureRequests]: true };

export const discoverByHand = async (
  issuer: string,
  algorithm: 'oauth2' | 'oidc' = 'oauth2',
): Promise<oauth.AuthorizationServer> => {
  const address = new URL(issuer);
  const response = await oauth.discoveryRequest(address, { algorithm, ...insecure });
  return oauth.processDiscoveryResponse(address, response);
};

export const registerByHand = async (
  server: oauth.AuthorizationServer,
  redirectUri: string,
): Promise<oauth.Client> => {
  const response = await oauth.dynamicClientRegistrationRequest(
    server,
    {
      client_name: 'By hand',
      application_type: 'native',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    insecure,
  );
  return oauth.processDynamicClientRegistrationResponse(response);
};

/** Registers, signs in through `consentByScript` and exchanges the code. Rejects as oauth4webapi does. */
export const signInByHand = async (
  issuer: string,
  { resource, scope, ...consent }: SignInOptions,
): Promise<SignedIn> => {
  await using callback = await startLoopbackServer(() => (_req, res) => {
    res.end('You may close this tab.');
  });
  const redirectUri = `${callback.origin}/callback`;
  const server = await discoverByHand(issuer);
  const client = await registerByHand(server, redirectUri);
  const asked = resource === undefined ? {} : { resource };
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();

  const address = new URL(server.authorization_endpoint ?? '');
  address.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...asked,
    ...(scope === undefined ? {} : { scope }),
  }).toString();
  const arrived = await consentByScript(address.href, consent);

  const params = oauth.validateAuthResponse(server, client, new URL(arrived.callback), state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    params,
    redirectUri,
    verifier,
    { additionalParameters: asked, ...insecure },
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response);
  return {
    server,
    client,
    tokens,
    refresh: async (refreshToken) =>
      oauth.processRefreshTokenResponse(
        server,
        client,
        await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, {
          additionalParameters: asked,
          ...insecure,
        }),
      ),
    revoke: async (token) =>
      oauth.processRevocationResponse(
        await oauth.revocationRequest(server, client, oauth.None(), token, insecure),
      ),
  };
};
