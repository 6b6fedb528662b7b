/** Does the authorization server misbehave exactly as it was told, and as long? */
import { expect, test } from 'vitest';
import { startAuthorizationServer } from './authorization-server.ts';
import { discoverByHand, signInByHand } from './oauth-by-hand.ts';

const resource = 'http://127.0.0.1:9/mcp';

test('the token endpoint answers as asked, as often as asked', async () => {
  await using as = await startAuthorizationServer();
  const { tokens, refresh, client } = await signInByHand(as.issuer, { resource });
  const post = () =>
    fetch(`${as.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: client.client_id,
        refresh_token: tokens.refresh_token ?? '',
      }),
      signal: AbortSignal.timeout(300),
    });
  const onlyRefresh = { times: 1, grantType: 'refresh_token' } as const;

  as.misbehave.token('server-error', { times: 2 });
  as.misbehave.token('too-many-requests', { ...onlyRefresh, retryAfter: 3 });
  as.misbehave.token('waf-page', onlyRefresh);
  as.misbehave.token('portal-page', onlyRefresh);
  as.misbehave.token('reset', onlyRefresh);
  as.misbehave.token('hang', onlyRefresh);
  as.misbehave.token('invalid-client', onlyRefresh);

  expect((await post()).status).toBe(500);
  expect((await post()).status).toBe(500);
  const tooMany = await post();
  expect([tooMany.status, tooMany.headers.get('retry-after')]).toEqual([429, '3']);
  const waf = await post();
  expect([waf.status, waf.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
  expect(await (await post()).text()).toContain('Hotel');
  await expect(post()).rejects.toThrow('fetch failed');
  await expect(post()).rejects.toThrow(/timeout/);
  expect(await (await post()).json()).toMatchObject({ error: 'invalid_client' });
  expect((await refresh(tokens.refresh_token ?? '')).refresh_token).toBeTypeOf('string');
  expect(as.count({ endpoint: 'token', grantType: 'refresh_token' })).toBe(9);
});

test('a lost or truncated answer has still rotated the token', async () => {
  await using as = await startAuthorizationServer();
  for (const fault of ['lost-answer', 'truncated'] as const) {
    const { tokens, refresh } = await signInByHand(as.issuer, { resource });
    as.misbehave.token(fault, { times: 1 });
    await expect(refresh(tokens.refresh_token ?? '')).rejects.toThrow();
    await expect(refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  }
});

test('without a refresh token in the answer the old one stays good', async () => {
  await using as = await startAuthorizationServer();
  const { tokens, refresh } = await signInByHand(as.issuer, { resource });
  const old = tokens.refresh_token ?? '';
  as.misbehave.token('no-refresh-token');
  expect((await refresh(old)).refresh_token).toBeUndefined();
  as.misbehave.reset();
  expect((await refresh(old)).refresh_token).not.toBe(old);
});

test('metadata can be poor, false, huge or closed', async () => {
  await using as = await startAuthorizationServer();
  as.misbehave.metadata('no-pkce', { times: 1 });
  expect(await discoverByHand(as.issuer)).not.toHaveProperty('code_challenge_methods_supported');
  as.misbehave.metadata('another-issuer', { times: 1 });
  await expect(discoverByHand(as.issuer)).rejects.toThrow(/issuer/);
  as.misbehave.metadata('no-registration', { times: 1 });
  expect(await discoverByHand(as.issuer)).not.toHaveProperty('registration_endpoint');
  as.misbehave.metadata('huge', { times: 1 });
  const huge = await fetch(`${as.issuer}/.well-known/oauth-authorization-server`);
  expect((await huge.text()).length).toBeGreaterThan(5 * 1024 * 1024);
  as.misbehave.registration('refused');
  await expect(signInByHand(as.issuer, { resource })).rejects.toMatchObject({ status: 403 });
});

test('the callback can lie about the issuer, and about an error too', async () => {
  await using as = await startAuthorizationServer();
  for (const [fault, deny] of [
    ['iss-wrong', false],
    ['iss-absent', false],
    ['iss-wrong', true],
    ['state-wrong', false],
  ] as const) {
    as.misbehave.callback(fault, { times: 1 });
    await expect(signInByHand(as.issuer, { resource, deny })).rejects.toThrow(/"(iss|state)"/);
  }
  await signInByHand(as.issuer, { resource });
});

test('can refuse the resource parameter and fall back to its default', async () => {
  await using as = await startAuthorizationServer();
  as.misbehave.resource('refused');
  await expect(signInByHand(as.issuer, { resource })).rejects.toMatchObject({
    error: 'invalid_target',
  });
  as.setDefaultResource(resource);
  const { tokens, refresh } = await signInByHand(as.issuer, {});
  const [, payload = ''] = tokens.access_token.split('.');
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ aud: resource });
  expect((await refresh(tokens.refresh_token ?? '')).access_token).toBeTypeOf('string');
});

test('a held request waits before the token is rotated, a held answer after it', async () => {
  await using as = await startAuthorizationServer();
  const { tokens, refresh } = await signInByHand(as.issuer, { resource });
  const hold = (fault: 'held' | 'answer-held') => {
    const [arrived, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const until = () => {
      arrived.resolve();
      return release.promise;
    };
    as.misbehave.token(fault, { times: 1, until });
    return { arrived: arrived.promise, release: release.resolve };
  };
  const issuedBefore = as.issued().length;

  const request = hold('held');
  const first = refresh(tokens.refresh_token ?? '');
  await request.arrived;
  expect(as.issued()).toHaveLength(issuedBefore);
  request.release();
  const { refresh_token: next = '' } = await first;

  const answer = hold('answer-held');
  const second = refresh(next);
  await answer.arrived;
  expect(as.issued()).toHaveLength(issuedBefore + 4);
  expect(as.count({ grantType: 'refresh_token', status: 200 })).toBe(1);
  answer.release();
  expect((await second).refresh_token).toBeTypeOf('string');
});
