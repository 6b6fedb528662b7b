/** Is the authorization server one that an independent client would believe? */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { expect, test } from 'vitest';
import { consentByScript } from './authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from './authorization-server.ts';
import { discoverByHand, registerByHand, signInByHand } from './oauth-by-hand.ts';

const resource = 'http://127.0.0.1:9/mcp';

test('gives tokens for the resource asked to a client that registered itself', async () => {
  await using as = await startAuthorizationServer({ accessTokenSeconds: 20 });
  const { tokens, client } = await signInByHand(as.issuer, {
    resource,
    scope: 'mcp:read',
    account: 'grace',
  });

  const keys = createRemoteJWKSet(new URL(as.jwksUri));
  const { payload } = await jwtVerify(tokens.access_token, keys, {
    issuer: as.issuer,
    audience: resource,
  });
  expect(payload).toMatchObject({ sub: 'grace', scope: 'mcp:read', client_id: client.client_id });
  expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'mcp:read', expires_in: 20 });
  expect(tokens.refresh_token).toBeTypeOf('string');
  expect(as.count({ endpoint: 'token', grantType: 'authorization_code', status: 200 })).toBe(1);
  expect(as.count({ endpoint: 'registration', status: 201 })).toBe(1);
});

test('grants its default scopes when none were asked', async () => {
  await using as = await startAuthorizationServer();
  const { tokens } = await signInByHand(as.issuer, { resource });
  expect(tokens.scope).toBe('mcp:read mcp:tools');
});

test('tells an issuer with a path apart in all three places', async () => {
  await using as = await startAuthorizationServer({ issuerPath: '/tenant' });
  expect(as.issuer).toMatch(/\/tenant$/);
  expect((await discoverByHand(as.issuer, 'oauth2')).issuer).toBe(as.issuer);
  expect((await discoverByHand(as.issuer, 'oidc')).issuer).toBe(as.issuer);
  const origin = new URL(as.issuer).origin;
  const inserted = await fetch(`${origin}/.well-known/openid-configuration/tenant`);
  expect(await inserted.json()).toMatchObject({ issuer: as.issuer });
  expect((await fetch(`${origin}/.well-known/oauth-authorization-server`)).status).toBe(404);
  const { tokens } = await signInByHand(as.issuer, { resource });
  expect(tokens.refresh_token).toBeTypeOf('string');
});

test('announces what MCP asks for', async () => {
  await using as = await startAuthorizationServer();
  expect(await discoverByHand(as.issuer)).toMatchObject({
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: ['openid', 'offline_access', 'mcp:read', 'mcp:tools'],
    grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token']),
  });
});

test('rotates refresh tokens, and the reuse of an old one ends the whole family', async () => {
  await using as = await startAuthorizationServer();
  const { tokens, refresh } = await signInByHand(as.issuer, { resource });
  const first = tokens.refresh_token ?? '';
  const second = (await refresh(first)).refresh_token ?? '';
  expect(second).not.toBe(first);
  const third = (await refresh(second)).refresh_token ?? '';

  await expect(refresh(first)).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(refresh(third)).rejects.toMatchObject({ error: 'invalid_grant' });
  expect(as.isLive(jtiOf(tokens.access_token))).toBe(false);
});

test('two refreshes at the same moment are a reuse as well', async () => {
  await using as = await startAuthorizationServer();
  const { tokens, refresh } = await signInByHand(as.issuer, { resource });
  const token = tokens.refresh_token ?? '';
  const both = await Promise.allSettled([refresh(token), refresh(token)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const [winner] = both.filter((one) => one.status === 'fulfilled');
  expect(as.isLive(jtiOf(winner?.value.access_token ?? ''))).toBe(false);
});

test('keeps two sign-ins of one person apart', async () => {
  await using as = await startAuthorizationServer();
  const one = await signInByHand(as.issuer, { resource });
  const other = await signInByHand(as.issuer, { resource });
  await one.revoke(one.tokens.refresh_token ?? '');
  expect(as.isLive(jtiOf(one.tokens.access_token))).toBe(false);
  expect(as.isLive(jtiOf(other.tokens.access_token))).toBe(true);
  await expect(one.refresh(one.tokens.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
});

test('an administrator ends everything at once', async () => {
  await using as = await startAuthorizationServer();
  const { tokens, refresh } = await signInByHand(as.issuer, { resource });
  as.revokeAccessTokens();
  expect(as.isLive(jtiOf(tokens.access_token))).toBe(false);
  const next = await refresh(tokens.refresh_token ?? '');
  expect(as.isLive(jtiOf(next.access_token))).toBe(true);
  as.revokeAll();
  expect(as.isLive(jtiOf(next.access_token))).toBe(false);
  await expect(refresh(next.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('lifetimes change while it runs, and a refresh token expires too', async () => {
  await using as = await startAuthorizationServer({ refreshTokenSeconds: 1 });
  as.lifetimes.accessTokenSeconds = 7;
  const { tokens, refresh } = await signInByHand(as.issuer, { resource });
  expect(tokens.expires_in).toBe(7);
  await sleep(2100);
  await expect(refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
});

test('a refused consent reaches the callback as an error of this issuer', async () => {
  await using as = await startAuthorizationServer();
  await expect(signInByHand(as.issuer, { resource, deny: true })).rejects.toMatchObject({
    error: 'access_denied',
  });
});

test('refuses an authorization request without PKCE', async () => {
  await using as = await startAuthorizationServer();
  const server = await discoverByHand(as.issuer);
  const client = await registerByHand(server, 'http://127.0.0.1:9/callback');
  const address = new URL(server.authorization_endpoint ?? '');
  address.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: 'http://127.0.0.1:9/callback',
    response_type: 'code',
    resource,
  }).toString();
  const { callback } = await consentByScript(address.href, { visitCallback: false });
  expect(new URL(callback).searchParams.get('error')).toBe('invalid_request');
});

test('a client can read and delete its registration', async () => {
  await using as = await startAuthorizationServer();
  const client = await registerByHand(
    await discoverByHand(as.issuer),
    'http://127.0.0.1:9/callback',
  );
  const address = String(client.registration_client_uri);
  const headers = { authorization: `Bearer ${String(client.registration_access_token)}` };
  expect(await (await fetch(address, { headers })).json()).toMatchObject({
    client_id: client.client_id,
  });
  expect((await fetch(address, { headers, method: 'DELETE' })).status).toBe(204);
  expect((await fetch(address, { headers })).status).toBe(401);
});

test('a client registered beforehand gets a token by its own secret', async () => {
  const client = {
    client_id: 'robot',
    client_secret: 'fake-secret-for-tests-only',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  };
  await using as = await startAuthorizationServer({ clients: [client] });
  const server = await discoverByHand(as.issuer);
  const response = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    oauth.ClientSecretBasic(client.client_secret),
    { resource, scope: 'mcp:read' },
    { [oauth.allowInsecureRequests]: true },
  );
  const tokens = await oauth.processClientCredentialsResponse(server, client, response);
  expect(as.isLive(jtiOf(tokens.access_token))).toBe(true);
  expect(as.seen.at(-1)).toMatchObject({ grantType: 'client_credentials', clientId: 'robot' });
});

test('knows a client by its metadata document', async () => {
  const clientId = 'https://drawbridge.invalid/client.json';
  const redirectUri = 'http://127.0.0.1:9/callback';
  await using as = await startAuthorizationServer({
    clientDocuments: {
      [clientId]: {
        client_id: clientId,
        client_name: 'By document',
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
    },
  });
  const server = await discoverByHand(as.issuer);
  expect(server.client_id_metadata_document_supported).toBe(true);
  const address = new URL(server.authorization_endpoint ?? '');
  address.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    code_challenge: await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()),
    code_challenge_method: 'S256',
    resource,
  }).toString();
  const { callback } = await consentByScript(address.href, { visitCallback: false });
  expect(new URL(callback).searchParams.get('code')).toBeTypeOf('string');
});

test('remembers every secret it gave out', async () => {
  await using as = await startAuthorizationServer();
  const { tokens, client, refresh } = await signInByHand(as.issuer, {
    resource,
    scope: 'openid mcp:read',
  });
  const next = await refresh(tokens.refresh_token ?? '');
  expect(as.issued()).toEqual(
    expect.arrayContaining([
      tokens.access_token,
      tokens.refresh_token,
      tokens.id_token,
      next.access_token,
      next.refresh_token,
      client.registration_access_token,
    ]),
  );
  expect(as.needles()).toContain(tokens.access_token.split('.')[1]);
});

const jtiOf = (token: string): string => {
  const payload: unknown = JSON.parse(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  );
  return (payload as { jti: string }).jti;
};
