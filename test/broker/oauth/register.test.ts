import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import type { ServerMetadata } from '../../../broker/oauth/metadata.ts';
import { register } from '../../../broker/oauth/register.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { discoverByHand } from '../../servers/oauth-by-hand.ts';

const net = createNet(createVirtualClock());
const fetch = net.fetchFor('loopback');
afterAll(net.close);

const redirect = 'http://127.0.0.1:49152/callback';

/** An authorization server that says `answer` to a registration, and what it was asked. */
const registerOnPaper = async (
  answer: Sheet,
  { metadata = {}, scopes }: { metadata?: Partial<ServerMetadata>; scopes?: string[] } = {},
) => {
  await using paper = await startPaperServer(() => ({ '/register': answer }));
  const issuer = paper.origin;
  const registered = register(
    fetch,
    {
      issuer,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      ...metadata,
    },
    redirect,
    scopes,
  );
  const outcome = await registered.catch((error: unknown) => error);
  const body: unknown = JSON.parse(paper.seen[0]?.body ?? 'null');
  return { outcome, body, asked: paper.seen.length, host: new URL(issuer).host };
};

const accepted = (rest: Record<string, unknown> = {}): Sheet => ({
  status: 201,
  body: { client_id: 'c1', ...rest },
});

describe('registration', () => {
  it('makes a public client that a real server knows (A16, A21)', async () => {
    await using as = await startAuthorizationServer();
    const metadata = (await discoverByHand(as.issuer)) as ServerMetadata;
    const client = await register(fetch, metadata, redirect, ['mcp:read']);
    expect(client).toEqual({
      issuer: as.issuer,
      clientId: expect.stringMatching(/.{10,}/),
      authMethod: 'none',
      redirectUri: redirect,
      scopes: ['mcp:read'],
    });
    expect(as.count({ endpoint: 'registration', method: 'POST', status: 201 })).toBe(1);
  });

  it('says that it is a native program which renews (A19, A20, A30)', async () => {
    const { body } = await registerOnPaper(accepted(), { scopes: ['mcp:read', 'mcp:write'] });
    expect(body).toEqual({
      client_name: 'Drawbridge',
      application_type: 'native',
      redirect_uris: [redirect],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: 'mcp:read mcp:write',
    });
  });

  it('leaves the scope out when there is none to name', async () => {
    expect((await registerOnPaper(accepted())).body).not.toHaveProperty('scope');
  });

  it.each([
    ['nothing said', undefined, 'none'],
    ['public clients too', ['client_secret_basic', 'none'], 'none'],
    ['basic before post', ['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
    ['post alone', ['private_key_jwt', 'client_secret_post'], 'client_secret_post'],
    ['nothing we know', ['private_key_jwt'], 'none'],
  ])('asks for a method that is on offer: %s (A22)', async (_name, offered, expected) => {
    const { body } = await registerOnPaper(accepted(), {
      metadata: { token_endpoint_auth_methods_supported: offered },
    });
    expect(body).toMatchObject({ token_endpoint_auth_method: expected });
  });

  it.each([
    [
      'the one it was given',
      { token_endpoint_auth_method: 'client_secret_post' },
      'client_secret_post',
    ],
    ['basic when it was not told', {}, 'client_secret_basic'],
    ['none, whatever it was given', { token_endpoint_auth_method: 'none' }, 'none'],
  ])('proves itself with a secret by the method: %s (A22)', async (_name, rest, authMethod) => {
    const { outcome } = await registerOnPaper(
      accepted({ client_secret: 'fake-secret', client_secret_expires_at: 0, ...rest }),
    );
    expect(outcome).toMatchObject({ clientId: 'c1', clientSecret: 'fake-secret', authMethod });
  });

  it.each(['refused', 'redirect-refused'] as const)(
    'that is %s tells the person which redirect to have allowed (A19)',
    async (fault) => {
      await using as = await startAuthorizationServer();
      const metadata = (await discoverByHand(as.issuer)) as ServerMetadata;
      as.misbehave.registration(fault);
      const failure = await register(fetch, metadata, redirect, undefined).catch((e: unknown) => e);
      expect(failure).toMatchObject({
        code: 'registration-refused',
        message: `${new URL(as.issuer).host} refused to register Drawbridge`,
        hint: expect.stringContaining(redirect),
      });
    },
  );

  it.each<[string, Sheet, string]>([
    ['500', { status: 500, body: { error: 'server_error' } }, 'server-trouble'],
    ['503 from a proxy', { status: 503, body: 'upstream connect error' }, 'server-trouble'],
    ['429', { status: 429, body: { error: 'slow_down' } }, 'server-trouble'],
    [
      'a login page',
      { status: 200, body: '<h1>Log in, dear attacker text</h1>' },
      'registration-refused',
    ],
    ['no client id', { status: 201, body: { name: 'x' } }, 'registration-refused'],
    ['a redirect', { status: 307, headers: { location: '/elsewhere' } }, 'redirect-refused'],
  ])('answered with %s', async (_name, answer, code) => {
    const { outcome, asked } = await registerOnPaper(answer);
    expect(outcome).toMatchObject({ code });
    expect(String(outcome)).not.toMatch(/attacker|upstream|slow_down/);
    expect(asked).toBe(1);
  });

  it('that is not on offer says so, and asks nobody', async () => {
    const { outcome, asked } = await registerOnPaper(accepted(), {
      metadata: { registration_endpoint: undefined },
    });
    expect(outcome).toMatchObject({
      code: 'registration-unavailable',
      hint: expect.stringContaining(redirect),
    });
    expect(asked).toBe(0);
  });

  it.each([
    ['without https (A43)', 'http://as.invalid/register', 'insecure-url'],
    ['in a private network (A42)', 'https://10.0.0.1/register', 'address-refused'],
    ['on the link', 'https://169.254.169.254/register', 'address-refused'],
  ])('at an endpoint %s is never sent', async (_name, registration_endpoint, code) => {
    const { outcome } = await registerOnPaper(accepted(), { metadata: { registration_endpoint } });
    expect(outcome).toMatchObject({ code });
  });
});
