/** What does a person's or an operator's settling change about a sign-in? Asked of a real authorization server. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../broker/vault/secret.ts';
import { startPaperServer } from '../../doubles/paper-server.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import { callbackOf, createMemoryRegistrations, failureOf, startSigningIn } from './signing-in.ts';

const browser = async (address: URL) => void consentByScript(address.href);

const listen = async (port = 0) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};

const freePort = async (): Promise<number> => {
  await using listener = await listen();
  return listener.port;
};

const startBoth = async (options: Parameters<typeof startAuthorizationServer>[0] = {}) => {
  const as = await startAuthorizationServer(options);
  const mcp = await startMcpServer({ authorizationServer: as });
  return {
    as,
    mcp,
    [Symbol.asyncDispose]: async () => {
      await mcp.close();
      await as.close();
    },
  };
};

describe('a sign-in with a client that an operator gave', () => {
  it.each([
    ['acme-1', 'fake-secret-1'],
    ['acme-1/of=us', 'fake/se+cret= with-space%2F:end'],
  ])('works where nobody registers, as %s (A16, A22)', async (id, secret) => {
    const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
    await using world = await startBoth({
      clients: [
        {
          client_id: id,
          client_secret: secret,
          redirect_uris: [redirectUri],
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: 'client_secret_basic',
          application_type: 'native',
        },
      ],
    });
    world.as.misbehave.metadata('no-registration');
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: {
        client: { id, secret: new Secret(secret), key: undefined },
        redirect: redirectUri,
      },
    });
    const { tokens, client } = await attempt.done;

    expect(tokens.accessToken.reveal()).toBeTypeOf('string');
    expect(client).toMatchObject({ clientId: id, authMethod: 'client_secret_basic', redirectUri });
    expect(world.as.count({ endpoint: 'registration' })).toBe(0);
    expect(attempt.steps).not.toContain('registering');
    expect(attempt.registrations.all.size).toBe(0);
  });
});

describe('a redirect that an operator was told', () => {
  it.each([
    ['127.0.0.1', '/callback'],
    ['localhost', '/oauth/back'],
  ])('at %s%s is the one the browser comes back to', async (host, path) => {
    await using world = await startBoth();
    const redirect = `http://${host}:${await freePort()}${path}`;
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: { redirect } });

    const { client } = await attempt.done;

    expect(callbackOf(attempt.opened[0] ?? '').href).toBe(redirect);
    expect(client.redirectUri).toBe(redirect);
  });

  it('without a port comes back at any that is free', async () => {
    await using world = await startBoth();
    await using attempt = startSigningIn(world.mcp.url, {
      ...{ browser, settled: { redirect: 'http://127.0.0.1/there' } },
    });

    await attempt.done;

    expect(callbackOf(attempt.opened[0] ?? '').href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/there$/);
  });

  it('wins over the one of a registration held, which is changed to it', async () => {
    await using world = await startBoth();
    const registrations = createMemoryRegistrations();
    await using first = startSigningIn(world.mcp.url, { browser, registrations });
    await first.done;
    const redirect = `http://127.0.0.1:${await freePort()}/callback`;
    await using second = startSigningIn(world.mcp.url, {
      ...{ browser, registrations, settled: { redirect } },
    });

    await second.done;

    expect(callbackOf(second.opened[0] ?? '').href).toBe(redirect);
    expect(registrations.find(world.as.issuer)?.redirectUri).toBe(redirect);
    // One client kept instead of two.
    expect(world.as.count({ endpoint: 'registration', method: 'POST' })).toBe(1);
    expect(world.as.count({ endpoint: 'registration', method: 'PUT', status: 200 })).toBe(1);
  });

  it('ends the sign-in when another program has it, before anybody is asked', async () => {
    await using world = await startBoth();
    await using taken = await listen();
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: { redirect: `http://127.0.0.1:${taken.port}/callback` },
    });

    expect(await failureOf(attempt.done)).toMatchObject({ code: 'callback-unavailable' });
    expect([attempt.opened, attempt.links]).toEqual([[], []]);
    expect(world.as.count({ endpoint: 'registration' })).toBe(0);
  });
});

describe('scopes', () => {
  const asked = async (settled: NonNullable<Parameters<typeof startSigningIn>[1]>['settled']) => {
    await using world = await startBoth({ scopes: ['mcp:read', 'mcp:tools', 'mcp:admin'] });
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: settled ?? {} });
    const { scopesAsked, tokens } = await attempt.done;
    expect(attempt.opened[0]?.searchParams.get('scope')).toBe(scopesAsked?.join(' '));
    return { scopesAsked, granted: tokens.scopes };
  };

  it('that are settled are asked for instead of those of the server', async () => {
    const { scopesAsked, granted } = await asked({ scopes: ['mcp:read'] });
    expect(scopesAsked).toEqual(['mcp:read', 'offline_access']);
    expect(granted).not.toContain('mcp:tools');
  });

  it('that a refused request has shown to be missing are asked for as well, each once (A28)', async () => {
    const { scopesAsked, granted } = await asked({
      scopes: ['mcp:read', 'mcp:tools'],
      moreScopes: ['mcp:tools', 'mcp:admin'],
    });
    expect(scopesAsked).toEqual(['mcp:read', 'mcp:tools', 'mcp:admin', 'offline_access']);
    expect(granted).toContain('mcp:admin');
  });

  it('that are missing are added to those of the server', async () => {
    const { scopesAsked } = await asked({ moreScopes: ['mcp:admin'] });
    expect(scopesAsked).toEqual(['mcp:read', 'mcp:tools', 'mcp:admin', 'offline_access']);
  });

  it('that are missing are asked for where the server says nothing about scopes', async () => {
    await using paper = await startPaperServer((origin) => ({
      '/': { status: 401 },
      '/.well-known/oauth-protected-resource': {
        body: { resource: origin, authorization_servers: [origin] },
      },
      '/.well-known/oauth-authorization-server': {
        body: {
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
          code_challenge_methods_supported: ['S256'],
        },
      },
      '/register': { status: 201, body: { client_id: 'c1' } },
    }));
    await using attempt = startSigningIn(paper.origin, { settled: { moreScopes: ['more'] } });
    await expect.poll(() => attempt.opened).toHaveLength(1);
    expect(attempt.opened[0]?.searchParams.get('scope')).toBe('more');
  });
});

describe('a client metadata document (A17, A18)', () => {
  const documentUrl = 'https://drawbridge.example/client.json';
  const document = (redirectUris: readonly string[]) => ({
    client_id: documentUrl,
    client_name: 'Drawbridge',
    application_type: 'native',
    redirect_uris: redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  });

  it('is all that a server that reads it needs', async () => {
    await using world = await startBoth({
      clientDocuments: { [documentUrl]: document(['http://127.0.0.1/callback']) },
    });
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: { documentUrl } });

    const { client, tokens } = await attempt.done;

    expect(client).toMatchObject({ clientId: documentUrl, authMethod: 'none' });
    expect(tokens.refreshToken?.reveal()).toBeTypeOf('string');
    expect(world.as.count({ endpoint: 'registration' })).toBe(0);
    expect(attempt.registrations.all.size).toBe(0);
  });

  it('that the server turns down gives way to a registration the next time', async () => {
    await using world = await startBoth({
      clientDocuments: { [documentUrl]: document(['https://elsewhere.example/callback']) },
    });
    const registrations = createMemoryRegistrations();
    await using first = startSigningIn(world.mcp.url, {
      ...{ registrations, settled: { documentUrl } },
    });
    await expect.poll(() => first.opened).toHaveLength(1);
    // The server shows an error page, and nobody comes back from it.
    await expect(consentByScript(first.opened[0]?.href ?? '')).rejects.toThrow('no consent page');
    await first.clock.advance(10 * 60_000);
    await failureOf(first.done);
    await using second = startSigningIn(world.mcp.url, {
      ...{ browser, registrations, settled: { documentUrl } },
    });

    const { client } = await second.done;

    expect(client.clientId).not.toBe(documentUrl);
    expect(world.as.count({ endpoint: 'registration', method: 'POST' })).toBe(1);
  });
});
