import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { TokenFailure, tokenFailure, type Verdict } from '../../../broker/oauth/failures.ts';
import type { ServerMetadata } from '../../../broker/oauth/metadata.ts';
import { refresh, revoke, type TokenParty } from '../../../broker/oauth/token-endpoint.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type PaperServer, type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { signInByHand } from '../../servers/oauth-by-hand.ts';

const clock = createVirtualClock();
const net = createNet(clock);
const fetch = net.fetchFor('loopback');
afterAll(net.close);

const resource = 'http://127.0.0.1:9/mcp';
const NOW = Date.UTC(2027, 0, 1);

/** Signed in at a real authorization server, with a refresh token in hand. */
const signedInAt = async (as: AuthorizationServer) => {
  const { server, client, tokens } = await signInByHand(as.issuer, { resource });
  const party: TokenParty = {
    metadata: server as ServerMetadata,
    client: {
      issuer: as.issuer,
      clientId: client.client_id,
      authMethod: 'none',
      redirectUri: 'http://127.0.0.1:1/callback',
    },
    resource,
  };
  return { party, refreshToken: new Secret(tokens.refresh_token ?? ''), tokens };
};

const partyOf = (
  paper: PaperServer,
  client: Partial<TokenParty['client']> = {},
  metadata: Partial<ServerMetadata> = {},
): TokenParty => ({
  metadata: { issuer: paper.origin, token_endpoint: `${paper.origin}/token`, ...metadata },
  client: {
    issuer: paper.origin,
    clientId: 'c1',
    authMethod: 'none',
    redirectUri: 'http://127.0.0.1:1/callback',
    ...client,
  },
  resource,
});

/** A token endpoint that says `answer` to a refresh, and what it was asked. */
const refreshOnPaper = async (
  answer: Sheet | 'hang',
  client: Partial<TokenParty['client']> = {},
) => {
  await using paper = await startPaperServer(() => ({ '/token': answer }));
  const outcome = await refresh(fetch, partyOf(paper, client), new Secret('fake-rt'), NOW).catch(
    (error: unknown) => error,
  );
  const { host } = new URL(paper.origin);
  return { outcome, host, seen: paper.seen };
};

/** Every word of a failure is ours: the same as the table writes it for this host. */
const expectVerdict = (outcome: unknown, verdict: Verdict, host: string): void => {
  expect(outcome).toBeInstanceOf(TokenFailure);
  expect(outcome).toMatchObject({ verdict, problem: tokenFailure(verdict, host).problem });
};

describe('a renewal', () => {
  it('sends the resource and gets new tokens (A23, A31)', async () => {
    await using as = await startAuthorizationServer({ accessTokenSeconds: 77 });
    const { party, refreshToken, tokens: old } = await signedInAt(as);

    const tokens = await refresh(fetch, party, refreshToken, clock.now());

    expect(tokens).toMatchObject({ expiresIn: 77, scopes: ['mcp:read', 'mcp:tools'] });
    expect(tokens.accessToken.reveal()).not.toBe(old.access_token);
    expect(tokens.refreshToken?.reveal()).not.toBe(old.refresh_token);
    expect(as.count({ endpoint: 'token', grantType: 'refresh_token', resource, status: 200 })).toBe(
      1,
    );
  });

  it('without a new refresh token says nothing of one', async () => {
    await using as = await startAuthorizationServer();
    const { party, refreshToken } = await signedInAt(as);
    as.misbehave.token('no-refresh-token', { times: 1 });
    expect(await refresh(fetch, party, refreshToken, clock.now())).not.toHaveProperty(
      'refreshToken',
    );
    // The old one is still good, which is why the difference matters.
    await refresh(fetch, party, refreshToken, clock.now());
  });

  it('without a life says nothing of one', async () => {
    await using as = await startAuthorizationServer();
    const { party, refreshToken } = await signedInAt(as);
    as.misbehave.token('no-expires-in', { times: 1 });
    expect(await refresh(fetch, party, refreshToken, clock.now())).not.toHaveProperty('expiresIn');
  });

  it.each([
    ['none', { clientId: 'c1' }, { client_id: 'c1' }, undefined],
    // A secret that came unasked stays at home.
    [
      'none',
      { clientId: 'c1', clientSecret: new Secret('fake-s') },
      { client_id: 'c1' },
      undefined,
    ],
    [
      'client_secret_basic',
      { clientId: 'c 1', clientSecret: new Secret('fake:s') },
      {},
      `Basic ${Buffer.from('c+1:fake%3As').toString('base64')}`,
    ],
    [
      'client_secret_post',
      { clientId: 'c1', clientSecret: new Secret('fake-s') },
      { client_id: 'c1', client_secret: 'fake-s' },
      undefined,
    ],
  ] as const)('proves the client by %s (A22)', async (authMethod, client, inBody, inHeader) => {
    const { seen } = await refreshOnPaper(
      { body: { access_token: 'fake-at', token_type: 'bearer' } },
      { authMethod, ...client },
    );
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'fake-rt',
      resource,
      ...inBody,
    });
    expect(seen[0]?.headers.authorization).toBe(inHeader);
  });
});

describe('a renewal that fails at a real server', () => {
  it.each([
    ['server-error', 'later'],
    ['unavailable', 'later'],
    ['too-many-requests', 'later'],
    ['waf-page', 'later'],
    ['portal-page', 'later'],
    ['truncated', 'later'],
    ['reset', 'offline'],
    ['invalid-grant', 'sign-in-again'],
    ['invalid-client', 'unsure'],
  ] as const)('by %s means %s (A33)', async (fault, verdict) => {
    await using as = await startAuthorizationServer();
    const { party, refreshToken } = await signedInAt(as);
    as.misbehave.token(fault, { times: 1 });

    const outcome = await refresh(fetch, party, refreshToken, clock.now()).catch((e: unknown) => e);

    expectVerdict(outcome, verdict, new URL(as.issuer).host);
    // One request, whatever happened: a refresh token sent twice can kill its whole family (A31).
    expect(as.count({ endpoint: 'token', grantType: 'refresh_token' })).toBe(1);
  });

  it('by silence means later, after 20 s', async () => {
    await using as = await startAuthorizationServer();
    const { party, refreshToken } = await signedInAt(as);
    as.misbehave.token('hang', { times: 1 });
    let outcome: unknown;
    void refresh(fetch, party, refreshToken, clock.now()).catch((error: unknown) => {
      outcome = error;
    });
    await expect.poll(() => as.count({ grantType: 'refresh_token' })).toBe(1);
    await clock.advance(19_999);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    await expect.poll(() => outcome).toBeDefined();
    expectVerdict(outcome, 'later', new URL(as.issuer).host);
  });

  it('because nobody is there means offline', async () => {
    const as = await startAuthorizationServer();
    const { party, refreshToken } = await signedInAt(as);
    await as.close();
    const outcome = await refresh(fetch, party, refreshToken, clock.now()).catch((e: unknown) => e);
    expectVerdict(outcome, 'offline', new URL(as.issuer).host);
  });

  it('because every grant was ended means sign in again', async () => {
    await using as = await startAuthorizationServer();
    const { party, refreshToken } = await signedInAt(as);
    as.revokeAll();
    const outcome = await refresh(fetch, party, refreshToken, clock.now()).catch((e: unknown) => e);
    expectVerdict(outcome, 'sign-in-again', new URL(as.issuer).host);
  });
});

describe('an answer of a token endpoint', () => {
  const error = (code: unknown, status = 400): Sheet => ({
    status,
    body: {
      error: code,
      error_description: 'text of the server',
      error_uri: 'https://evil.invalid',
    },
  });
  const html = (status: number): Sheet => ({ status, body: '<h1>text of the server</h1>' });

  it.each<[string, Sheet, Verdict]>([
    ['invalid_grant', error('invalid_grant'), 'sign-in-again'],
    ['invalid_grant with 401', error('invalid_grant', 401), 'sign-in-again'],
    ['invalid_client with 401', error('invalid_client', 401), 'unsure'],
    ['unauthorized_client', error('unauthorized_client'), 'unsure'],
    ['invalid_scope', error('invalid_scope'), 'set-up'],
    ['invalid_target', error('invalid_target'), 'set-up'],
    ['invalid_request', error('invalid_request'), 'set-up'],
    ['unsupported_grant_type', error('unsupported_grant_type'), 'set-up'],
    ['temporarily_unavailable', error('temporarily_unavailable'), 'later'],
    ['server_error', error('server_error'), 'later'],
    ['a code nobody knows', error('text_of_the_server'), 'set-up'],
    ['a code that every object has', error('constructor'), 'set-up'],
    ['a code that is no text', error({ code: 'invalid_grant' }), 'later'],
    ['invalid_grant in a 500', error('invalid_grant', 500), 'later'],
    ['invalid_grant in a 429', error('invalid_grant', 429), 'later'],
    ['invalid_grant in a 408', error('invalid_grant', 408), 'later'],
    ['invalid_grant, but in HTML', { status: 400, body: '{"error":"invalid_grant"}' }, 'later'],
    [
      'JSON that is none',
      { ...html(400), headers: { 'content-type': 'application/json' } },
      'later',
    ],
    ['a page with 400', html(400), 'later'],
    ['a page with 403', html(403), 'later'],
    ['a page with 200', html(200), 'later'],
    ['502 from a proxy', html(502), 'later'],
    ['no token type', { body: { access_token: 'fake-at' } }, 'later'],
    ['no access token', { body: { token_type: 'bearer' } }, 'later'],
    [
      'a token type nobody knows',
      { body: { access_token: 'fake-at', token_type: 'mac' } },
      'later',
    ],
    ['a huge one', { body: 'x'.repeat(600 * 1024) }, 'later'],
    [
      'a redirect, which must not carry the token on',
      { status: 307, headers: { location: '/token2' } },
      'later',
    ],
  ])('%s', async (_name, answer, verdict) => {
    const { outcome, host, seen } = await refreshOnPaper(answer);
    expectVerdict(outcome, verdict, host);
    expect(seen).toHaveLength(1);
  });

  it.each<[string, string | undefined, number | undefined]>([
    ['seconds', '120', 120_000],
    ['none', '0', 0],
    // Thirty years, by a mistake or not: the sign-in would be lost to it.
    ['longer than anybody waits', '999999999', 3_600_000],
    ['a date beyond all patience', 'Fri, 31 Dec 2100 23:59:59 GMT', 3_600_000],
    ['a date', new Date(NOW + 90_000).toUTCString(), 90_000],
    ['a date gone by', new Date(NOW - 90_000).toUTCString(), 0],
    ['nonsense', 'soon', undefined],
    ['nothing', undefined, undefined],
  ])('asks to wait: %s', async (_name, header, retryAfterMs) => {
    for (const status of [429, 503, 403]) {
      const { outcome } = await refreshOnPaper({
        status,
        body: 'slow down',
        ...(header === undefined ? {} : { headers: { 'retry-after': header } }),
      });
      expect(outcome).toMatchObject({ verdict: 'later', retryAfterMs });
    }
  });

  it.each([
    ['without https (A43)', 'http://as.invalid/token', 'insecure-url'],
    ['in a private network (A42)', 'https://10.0.0.1/token', 'address-refused'],
  ])('is never asked for at an endpoint %s', async (_name, token_endpoint, code) => {
    await using paper = await startPaperServer(() => ({}));
    const asking = refresh(fetch, partyOf(paper, {}, { token_endpoint }), new Secret('fake-rt'), 0);
    await expect(asking).rejects.toMatchObject({ verdict: 'set-up', problem: { code } });
  });
});

describe('revocation (RFC 7009)', () => {
  it('makes the refresh token worthless', async () => {
    await using as = await startAuthorizationServer();
    const { party, refreshToken } = await signedInAt(as);
    expect(await revoke(fetch, party, refreshToken)).toBe(true);
    await expect(refresh(fetch, party, refreshToken, clock.now())).rejects.toMatchObject({
      verdict: 'sign-in-again',
    });
  });

  it.each(['server-error', 'reset', 'waf-page'] as const)(
    'says when it failed: %s',
    async (fault) => {
      await using as = await startAuthorizationServer();
      const { party, refreshToken } = await signedInAt(as);
      as.misbehave.revocation(fault);
      expect(await revoke(fetch, party, refreshToken)).toBe(false);
    },
  );

  it.each([
    ['not on offer', undefined],
    ['at no address', 'somewhere'],
    ['in a private network (A42)', 'https://10.0.0.1/revoke'],
  ])('says when it is %s', async (_name, revocation_endpoint) => {
    await using paper = await startPaperServer(() => ({}));
    const party = partyOf(paper, {}, { revocation_endpoint });
    expect(await revoke(fetch, party, new Secret('fake-rt'))).toBe(false);
    expect(paper.seen).toEqual([]);
  });
});

describe('a client with a secret (RFC 6749 section 2.3.1, A22)', () => {
  const answered: Sheet = { body: { access_token: 'fake-at', token_type: 'Bearer' } };

  it.each([
    // What needs no escape stays as it is: not every server decodes.
    ['client-1', 'a-secret_with.dots', 'client-1:a-secret_with.dots'],
    ['team/app=1', 'x+y/z==', 'team%2Fapp%3D1:x%2By%2Fz%3D%3D'],
    ['two words', 'per%cent:colon', 'two+words:per%25cent%3Acolon'],
    ['ümlaut', '\u{1f511}', '%C3%BCmlaut:%F0%9F%94%91'],
  ])(
    'says %s and %s in a header as the form encoding has it',
    async (clientId, clientSecret, pair) => {
      const { seen } = await refreshOnPaper(answered, {
        ...{ clientId, clientSecret: new Secret(clientSecret), authMethod: 'client_secret_basic' },
      });

      const sent = /^Basic (.+)$/.exec(seen[0]?.headers.authorization ?? '')?.[1] ?? '';
      expect(Buffer.from(sent, 'base64').toString()).toBe(pair);
      expect(seen[0]?.body).not.toMatch(/client_secret|client_id/);
    },
  );

  it('says it as it is where that is an exception on record', async () => {
    const { seen } = await refreshOnPaper(answered, {
      ...{ clientId: 'team/app=1', clientSecret: new Secret('x+y/z==') },
      ...{ authMethod: 'client_secret_basic', basicUnencoded: true },
    });

    expect(seen[0]?.headers.authorization).toBe(`Basic ${btoa('team/app=1:x+y/z==')}`);
  });

  it('says it in the body where the server wants that', async () => {
    const { seen } = await refreshOnPaper(answered, {
      ...{ clientId: 'a/b', clientSecret: new Secret('x=y z'), authMethod: 'client_secret_post' },
    });

    const body = new URLSearchParams(seen[0]?.body);
    expect([body.get('client_id'), body.get('client_secret')]).toEqual(['a/b', 'x=y z']);
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });
});
