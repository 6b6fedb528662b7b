/** Does Drawbridge get tokens in its own name, with nobody to ask? (RFC 6749 section 4.4; X1) */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { signInAsClient } from '../../../broker/oauth/client-credentials.ts';
import type { SettledSignIn } from '../../../broker/oauth/settled.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import type { SignInStep } from '../../../shared/contract/snapshot.ts';
import { keyOf, startRestartableBroker } from '../../doubles/restartable-broker.ts';
import type { TokenFault } from '../../servers/authorization-server/misbehaviour.ts';
import type { AuthorizationServerOptions } from '../../servers/authorization-server.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import type { WireFault } from '../../servers/wire-faults.ts';
import { failureOf, nothingSettled } from './signing-in.ts';
import { callWith, publicJwk, shown, startWorld, type World } from './worlds.ts';

const GRANT = 'client_credentials';
const SECRET = 'fake-secret-of-the-machine';

type Client = NonNullable<AuthorizationServerOptions['clients']>[number];
const machine = (more: Partial<Client> = {}): Client => ({
  client_id: 'machine',
  client_secret: SECRET,
  redirect_uris: [],
  response_types: [],
  grant_types: [GRANT],
  token_endpoint_auth_method: 'client_secret_basic',
  ...more,
});

const start = (options: AuthorizationServerOptions = {}) =>
  startWorld({ clients: [machine()], ...options });

const given = (secret: string) => ({ id: 'machine', secret: new Secret(secret), key: undefined });

const signIn = async (world: World, settled: Partial<SettledSignIn> = {}) => {
  const net = createNet(systemClock);
  const steps: SignInStep[] = [];
  try {
    const signedIn = await signInAsClient(
      { url: new URL(world.mcp.url), isIdentityProvider: false },
      {
        fetch: net.fetchFor('loopback'),
        settled: { ...nothingSettled, client: given(SECRET), ...settled },
        now: systemClock.now,
        onStep: (step) => steps.push(step),
      },
    );
    return { ...signedIn, steps };
  } finally {
    await net.close();
  }
};

describe('in its own name', () => {
  it.each(['client_secret_basic', 'client_secret_post'] as const)(
    'Drawbridge gets a token for the server with %s',
    async (method) => {
      await using world = await start({
        clients: [machine({ token_endpoint_auth_method: method })],
      });
      const { tokens, resource, steps } = await signIn(world);

      expect(await callWith(world, tokens.accessToken.reveal())).toBe(200);
      expect(resource).toBe(world.mcp.url);
      expect(steps).toEqual(['discovering', 'exchanging']);
      expect(world.last('token')).toMatchObject({ grant_type: GRANT, resource: world.mcp.url });
    },
  );

  it('proves itself with a key rather than with a secret where both were given', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await using world = await start({
      clients: [
        machine({
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [publicJwk(publicKey)] },
        }),
      ],
    });
    const key = new Secret(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    const { tokens } = await signIn(world, { client: { ...given(SECRET), key } });

    expect(await callWith(world, tokens.accessToken.reveal())).toBe(200);
    expect(JSON.stringify(world.as.seen)).not.toContain(SECRET);
  });

  it.each<[string, Partial<SettledSignIn>, string]>([
    ['of the server where nothing is settled', {}, 'mcp:read mcp:tools'],
    ['that are settled', { scopes: ['mcp:read'] }, 'mcp:read'],
    [
      'that turned out to be missing as well',
      { scopes: ['mcp:read'], moreScopes: ['mcp:tools'] },
      'mcp:read mcp:tools',
    ],
    [
      'of the server, never those of a person',
      { scopes: ['mcp:read', 'offline_access'] },
      'mcp:read',
    ],
  ])('asks for the scopes %s', async (_which, settled, asked) => {
    await using world = await start();
    const { scopesAsked, tokens } = await signIn(world, settled);

    expect(world.last('token')['scope']).toBe(asked);
    expect(scopesAsked?.join(' ')).toBe(asked);
    expect(tokens.refreshToken).toBeUndefined();
  });

  it('needs a client to be', async () => {
    await using world = await start();
    const failure = await failureOf(signIn(world, { client: undefined }));
    expect(failure).toMatchObject({ code: 'registration-unavailable' });
    expect(world.as.count({ endpoint: 'registration' })).toBe(0);
  });

  it.each<[WireFault | TokenFault, string]>([
    ['invalid-client', 'registration-refused'],
    ['server-error', 'server-trouble'],
    ['too-many-requests', 'server-trouble'],
    ['waf-page', 'server-trouble'],
    ['portal-page', 'server-trouble'],
    ['reset', 'offline'],
  ])('is told of %s as %s', async (fault, code) => {
    await using world = await start();
    world.as.misbehave.token(fault);
    expect(await failureOf(signIn(world))).toMatchObject({ code });
  });

  it('has a secret that the server does not take, and is told what to look at', async () => {
    await using world = await start();
    const failure = await failureOf(signIn(world, { client: given('another') }));
    expect(failure).toMatchObject({ code: 'registration-refused' });
    expect(shown(failure)).toMatch(/client id and its secret.*settings/);
  });
});

describe('a broker with a server that needs nobody', () => {
  const add = async (
    broker: Awaited<ReturnType<typeof startRestartableBroker>>,
    world: World,
    secret = SECRET,
  ) =>
    broker.control.addServer({
      id: 'machine',
      url: world.mcp.url,
      signIn: { kind: 'client-credentials', clientId: 'machine', clientSecret: secret },
    });
  const tokenRequests = ({ as }: World): number => as.count({ endpoint: 'token' });

  it('signs in as soon as it is added, opens no browser, and keeps the secret to itself', async () => {
    await using world = await start();
    await using broker = await startRestartableBroker();

    const { server } = await add(broker, world);
    const account = await broker.reaches('machine', 'signed-in');

    expect(await broker.calls('machine')).toBe(200);
    expect(account).toMatchObject({ renewable: true, issuer: world.as.issuer });
    expect(server.signIn).toMatchObject({ kind: 'client-credentials', hasClientSecret: true });
    expect(broker.opened).toEqual([]);
    expect(broker.log.join('\n')).not.toContain('callback');
    const written = await broker.everythingWritten();
    for (const needle of [SECRET, ...world.as.needles()]) expect(written).not.toContain(needle);
  });

  it('asks for new tokens ahead of their end, without a refresh token', async () => {
    await using world = await start({ accessTokenSeconds: 2 });
    await using broker = await startRestartableBroker();
    await add(broker, world);
    await broker.reaches('machine', 'signed-in');

    await expect.poll(() => tokenRequests(world), { timeout: 5_000 }).toBeGreaterThanOrEqual(2);

    await broker.reaches('machine', 'signed-in');
    expect(await broker.calls('machine')).toBe(200);
    expect(broker.opened).toEqual([]);
  });

  it('asks for new tokens when the server refuses the old ones', async () => {
    await using world = await start();
    await using broker = await startRestartableBroker();
    await add(broker, world);
    await broker.reaches('machine', 'signed-in');
    broker.clock.shift(60_000);
    world.as.revokeAccessTokens();

    expect(await broker.calls('machine')).toBe(200);
    expect(tokenRequests(world)).toBe(2);
  });

  it('goes on with what it has after a restart', async () => {
    await using world = await start();
    await using broker = await startRestartableBroker();
    await add(broker, world);
    await broker.reaches('machine', 'signed-in');

    await broker.restart();

    await broker.reaches('machine', 'signed-in');
    expect(await broker.calls('machine')).toBe(200);
    expect(tokenRequests(world)).toBe(1);
  });

  it('begins anew with a restart where it has nothing', async () => {
    await using world = await start();
    world.as.misbehave.token('server-error', { times: 1 });
    await using broker = await startRestartableBroker();
    await add(broker, world);
    await broker.reaches('machine', 'needs-sign-in');

    await broker.restart();

    await broker.reaches('machine', 'signed-in');
    expect(broker.opened).toEqual([]);
  });

  it('stays signed out over a restart when the person signed out, until they sign in', async () => {
    await using world = await start();
    await using broker = await startRestartableBroker();
    await add(broker, world);
    await broker.reaches('machine', 'signed-in');
    const key = { server: 'machine', account: 'default' };
    await broker.control.signOut(key);

    await broker.restart();

    await broker.reaches('machine', 'needs-sign-in');
    expect(tokenRequests(world)).toBe(1);
    await broker.control.signIn(key, {});
    await broker.reaches('machine', 'signed-in');
    expect(tokenRequests(world)).toBe(2);
  });

  it('needs a person when its secret is wrong, asks no more, and is healed by the right one', async () => {
    await using world = await start();
    await using broker = await startRestartableBroker();
    await add(broker, world, 'fake-wrong-secret');

    const { problem } = await broker.reaches('machine', 'needs-setup');

    expect(problem).toMatchObject({
      code: 'registration-refused',
      hint: expect.stringContaining('settings'),
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(tokenRequests(world)).toBe(1);
    expect(broker.opened).toEqual([]);

    await broker.control.configureSignIn({ server: 'machine' }, { set: { clientSecret: SECRET } });
    await broker.reaches('machine', 'signed-in');
    expect(await broker.calls('machine')).toBe(200);
  });

  it('whose secret is not in the vault signs in and renews as soon as it is kept there', async () => {
    await using world = await start();
    await using broker = await startRestartableBroker();
    const kept = { name: 'MACHINE', value: SECRET };
    await broker.control.addServer({
      ...{ id: 'machine', url: world.mcp.url },
      signIn: {
        ...{ kind: 'client-credentials', clientId: 'machine' },
        clientSecretFrom: '${vault:MACHINE}',
      },
    });
    const { problem } = await broker.reaches('machine', 'needs-setup');
    expect(problem?.code).toBe('reference-unresolved');

    await broker.control.keepSecret(kept);
    await broker.reaches('machine', 'signed-in');
    expect(await broker.calls('machine')).toBe(200);

    await broker.control.removeSecret({ name: 'MACHINE' });
    await expect(broker.control.renew(keyOf('machine'))).rejects.toThrow('MACHINE');
    await broker.control.keepSecret(kept);
    await expect.poll(() => tokenRequests(world)).toBe(2);
    await broker.reaches('machine', 'signed-in');
    expect(broker.opened).toEqual([]);
  });

  it('renews with the secret that was given last', async () => {
    await using world = await start();
    await using broker = await startRestartableBroker();
    await add(broker, world);
    await broker.reaches('machine', 'signed-in');
    // Settings change while the server cannot be asked: the sign-in that begins comes to nothing.
    world.as.misbehave.token('server-error', { times: 1 });
    await broker.control.configureSignIn(
      { server: 'machine' },
      { set: { clientSecret: 'fake-wrong-secret' } },
    );
    await expect.poll(() => tokenRequests(world)).toBe(2);
    await broker.reaches('machine', 'signed-in');

    await expect(broker.control.renew(keyOf('machine'))).rejects.toMatchObject({
      code: 'retrying',
    });
    await broker.control.configureSignIn({ server: 'machine' }, { set: { clientSecret: SECRET } });
    await broker.reaches('machine', 'signed-in');
    expect(await broker.calls('machine')).toBe(200);
  });

  it('does not send its secret to a token endpoint that only calls itself after the issuer', async () => {
    await using world = await start();
    await using broker = await startRestartableBroker();
    const seen: string[] = [];
    await using evil = await startLoopbackServer(() => async (request, response) => {
      seen.push(JSON.stringify(request.headers) + (await readBody(request)).toString());
      response.writeHead(404).end();
    });
    await add(broker, world);
    await broker.reaches('machine', 'signed-in');

    const { server } = await broker.control.configureSignIn(
      { server: 'machine' },
      { set: { issuer: world.as.issuer, tokenUrl: `${evil.origin}/t` } },
    );
    await expect.poll(() => seen).not.toEqual([]);
    const basic = Buffer.from(`machine:${SECRET}`).toString('base64');
    expect(seen.join()).not.toContain(SECRET);
    expect(seen.join()).not.toContain(basic);
    expect(server.signIn?.hasClientSecret).toBe(false);
  });
});
