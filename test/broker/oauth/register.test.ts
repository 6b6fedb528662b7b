import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import type { ClientRegistration } from '../../../broker/oauth/client-registration.ts';
import type { ServerMetadata } from '../../../broker/oauth/metadata.ts';
import { isAlive, register, unregister, update } from '../../../broker/oauth/register.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { discoverByHand } from '../../servers/oauth-by-hand.ts';
import { unreachableOrigin } from '../../servers/odd-servers.ts';

const net = createNet(createVirtualClock());
const fetch = net.fetchFor('loopback');
afterAll(net.close);

const redirect = 'http://127.0.0.1:49152/callback';

/** An authorization server that says `answer` to a registration, and what it was asked. */
const registerOnPaper = async (
  answer: Sheet,
  {
    metadata = {},
    scopes,
    grantTypes = [],
  }: { metadata?: Partial<ServerMetadata>; scopes?: string[]; grantTypes?: string[] } = {},
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
    { redirectUri: redirect, scopes, grantTypes },
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
    const client = await register(fetch, metadata, {
      ...{ redirectUri: redirect, scopes: ['mcp:read'], grantTypes: [] },
    });
    expect(client).toEqual({
      issuer: as.issuer,
      clientId: expect.stringMatching(/.{10,}/),
      authMethod: 'none',
      redirectUri: redirect,
      scopes: ['mcp:read'],
      management: {
        uri: expect.stringMatching(new RegExp(`^${as.issuer}/reg/`)),
        token: expect.any(Secret),
      },
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
    expect(outcome).toMatchObject({ clientId: 'c1', authMethod });
    expect((outcome as ClientRegistration).clientSecret?.reveal()).toBe('fake-secret');
    expect(outcome).not.toHaveProperty('secretEndsAt', expect.any(Number));
  });

  it.each([
    ['refused', 'registration-refused', 'refused to register Drawbridge'],
    ['redirect-refused', 'redirect-unwelcome', `does not let a browser come back to ${redirect}`],
  ] as const)(
    'that is %s tells the person which redirect to have allowed (A19)',
    async (fault, code, said) => {
      await using as = await startAuthorizationServer();
      const metadata = (await discoverByHand(as.issuer)) as ServerMetadata;
      as.misbehave.registration(fault);
      const failure = await register(fetch, metadata, {
        ...{ redirectUri: redirect, scopes: undefined, grantTypes: [] },
      }).catch((e: unknown) => e);
      expect(failure).toMatchObject({
        code,
        message: `${new URL(as.issuer).host} ${said}`,
        hint: expect.stringContaining(redirect),
      });
    },
  );

  it('names the grant types that are needed as well, and remembers them', async () => {
    const { body, outcome } = await registerOnPaper(accepted(), { grantTypes: ['urn:fake:grant'] });
    expect(body).toMatchObject({
      grant_types: ['authorization_code', 'refresh_token', 'urn:fake:grant'],
    });
    expect(outcome).toMatchObject({ grantTypes: ['urn:fake:grant'] });
  });

  it('knows when its secret ends', async () => {
    const { outcome } = await registerOnPaper(
      accepted({ client_secret: 'fake-secret', client_secret_expires_at: 1_900_000_000 }),
    );
    expect(outcome).toMatchObject({ secretEndsAt: 1_900_000_000_000 });
  });

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

describe('the management of a registration (RFC 7592)', () => {
  it.each<[string, (origin: string) => Record<string, unknown>, boolean]>([
    ['where it was registered', (origin) => ({ registration_client_uri: `${origin}/m` }), true],
    [
      'at another origin, which would be handed its token',
      () => ({ registration_client_uri: 'https://elsewhere.example/m' }),
      false,
    ],
    [
      'at another port',
      (origin) => ({ registration_client_uri: `${origin.replace(/\d+$/, '1')}/m` }),
      false,
    ],
    ['at no address', () => ({ registration_client_uri: 'm' }), false],
    ['at a number', () => ({ registration_client_uri: 7 }), false],
    [
      'without a token',
      (origin) => ({
        ...{ registration_client_uri: `${origin}/m`, registration_access_token: undefined },
      }),
      false,
    ],
  ])('is believed or not: %s', async (_name, said, believed) => {
    await using paper = await startPaperServer((origin) => ({
      '/register': accepted({ registration_access_token: 'fake-manage', ...said(origin) }),
    }));
    const client = await register(
      fetch,
      {
        ...{ issuer: paper.origin, token_endpoint: `${paper.origin}/token` },
        registration_endpoint: `${paper.origin}/register`,
      },
      { redirectUri: redirect, scopes: undefined, grantTypes: [] },
    );
    expect(client.clientId).toBe('c1');
    expect(client.management?.uri).toBe(believed ? `${paper.origin}/m` : undefined);
  });

  it('at a real server tells of its life, changes it and ends it', async () => {
    await using as = await startAuthorizationServer();
    const metadata = (await discoverByHand(as.issuer)) as ServerMetadata;
    const wish = { redirectUri: redirect, scopes: ['mcp:read'], grantTypes: [] };
    const client = await register(fetch, metadata, wish);
    expect(await isAlive(fetch, client)).toBe(true);

    const moved = { ...wish, redirectUri: 'http://127.0.0.1:50000/callback' };
    const changed = await update(fetch, metadata, client, moved);
    expect(changed).toEqual({ ...client, redirectUri: moved.redirectUri });
    expect(await isAlive(fetch, client)).toBe(true);

    expect(await unregister(fetch, client)).toBe(true);
    expect(await isAlive(fetch, client)).toBe(false);
    expect(await update(fetch, metadata, client, wish)).toBeUndefined();
    // Gone is what was wanted, whoever did it.
    expect(await unregister(fetch, client)).toBe(true);
    expect(JSON.stringify(client)).not.toContain(client.management?.token.reveal());
  });

  const heldAt = (origin: string): ClientRegistration => ({
    ...{ issuer: origin, clientId: 'c1', authMethod: 'none' },
    management: { uri: `${origin}/m`, token: new Secret('fake-manage') },
  });

  it.each<[number, boolean]>([
    [204, true],
    [401, true],
    [404, true],
    [403, false],
    [405, false],
    [503, false],
  ])('answers a deletion with %i: gone is %s', async (status, gone) => {
    await using paper = await startPaperServer(() => ({ 'DELETE /m': { status } }));
    expect(await unregister(fetch, heldAt(paper.origin))).toBe(gone);
    expect(paper.seen[0]?.headers.authorization).toBe('Bearer fake-manage');
  });

  it('that cannot be reached says nothing final', async () => {
    const held = heldAt(await unreachableOrigin());
    expect([await isAlive(fetch, held), await unregister(fetch, held)]).toEqual([true, false]);
  });

  it('is asked nothing where there is none', async () => {
    const { management: _none, ...held } = heldAt('https://nobody.invalid');
    expect([await isAlive(fetch, held), await unregister(fetch, held)]).toEqual([true, false]);
  });
});
