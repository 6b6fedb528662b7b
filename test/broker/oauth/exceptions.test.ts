/** Is a server's breach of a rule refused by itself, and allowed just as far as the person allowed it? */
import { describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { refresh } from '../../../broker/oauth/token-endpoint.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import type { SignInException } from '../../../shared/contract/sign-in-settings.ts';
import { startPaperServer } from '../../doubles/paper-server.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import type { MetadataFault } from '../../servers/authorization-server/misbehaviour.ts';
import { startSigningIn } from './signing-in.ts';
import { quietFailureOf, startWorld, type World } from './worlds.ts';

const browser = async ({ href }: URL) => void consentByScript(href).catch(() => undefined);
const allowing = (...exceptions: SignInException[]) => ({ exceptions: new Set(exceptions) });
const all = allowing('pkce-unadvertised', 'issuer-slash', 'resource-omitted');
const allBut = (left: SignInException) => ({
  exceptions: new Set([...all.exceptions].filter((one) => one !== left)),
});

/** How a client's secret is spelled is proved where clients prove themselves; what no server says of itself, below. */
type Shown = Exclude<SignInException, 'basic-unencoded' | 'id-token-as-bearer' | 'pkce-off'>;

/** A server that breaks one rule, in every respect but that one as it should be. */
const breaks: Readonly<Record<Shown, (world: World) => void>> = {
  'pkce-unadvertised': ({ as }) => as.misbehave.metadata('no-pkce'),
  'issuer-slash': ({ as }) => {
    as.misbehave.metadata('slash-issuer');
    as.misbehave.callback('iss-slash');
  },
  'resource-omitted': ({ as, mcp }) => {
    as.setDefaultResource(mcp.url);
    as.misbehave.resource('refused');
  },
};

const cases = Object.entries(breaks) as [Shown, (world: World) => void][];

describe.each(cases)('a server to which "%s" applies', (exception, breakRule) => {
  it('can be signed in to when it is allowed that, and keeps every other rule', async () => {
    await using world = await startWorld();
    breakRule(world);
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: allowing(exception),
    });
    const { tokens, resource } = await attempt.done;

    expect(tokens.refreshToken?.reveal()).toBeTypeOf('string');
    expect(world.last('authorization')).toMatchObject({ code_challenge_method: 'S256' });
    expect(world.last('token')).toHaveProperty('code_verifier');
    const named = exception === 'resource-omitted' ? undefined : world.mcp.url;
    expect(resource).toBe(named);
    expect(world.last('authorization')['resource']).toBe(named);
    expect(world.last('token')['resource']).toBe(named);
  });

  it('cannot be signed in to otherwise, and the problem names what to allow', async () => {
    await using world = await startWorld();
    breakRule(world);
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: allBut(exception) });
    await expect(attempt.done).rejects.toMatchObject({ problem: { exception } });
    expect(attempt.kept).toEqual([]);
  });
});

describe('what is allowed', () => {
  it.each<[MetadataFault, string]>([
    ['plain-pkce', 'pkce-unsupported'],
    ['another-issuer', 'issuer-mismatch'],
  ])('does not reach as far as %s', async (fault, code) => {
    await using world = await startWorld();
    world.as.misbehave.metadata(fault);
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: all });

    const failure = await quietFailureOf(attempt);

    expect(failure).toMatchObject({ code });
    expect(failure).not.toMatchObject({ problem: { exception: expect.anything() } });
  });

  const other = (change: (issuer: URL) => string) =>
    startPaperServer((origin) => ({
      '/mcp': { status: 401 },
      '/.well-known/oauth-protected-resource/mcp': {
        body: { resource: `${origin}/mcp`, authorization_servers: [`${origin}/tenant`] },
      },
      '/.well-known/oauth-authorization-server/tenant': {
        body: {
          issuer: change(new URL(`${origin}/tenant`)),
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
          code_challenge_methods_supported: ['S256'],
        },
      },
      '/register': { status: 201, body: { client_id: 'c1' } },
    }));
  it.each([
    ['capital letters', ({ href }: URL) => href.replace('tenant', 'Tenant')],
    ['a path above', ({ origin }: URL) => origin],
    ['a path below', ({ href }: URL) => `${href}/more`],
    ['two slashes', ({ href }: URL) => `${href}//`],
    ['a query', ({ href }: URL) => `${href}?x=1`],
    ['another port', ({ href, port }: URL) => href.replace(port, '1')],
    ['https', ({ href }: URL) => href.replace('http:', 'https:')],
  ])('does not reach as far as an issuer that differs by %s', async (_by, change) => {
    await using paper = await other(change);
    await using attempt = startSigningIn(`${paper.origin}/mcp`, { settled: all });

    const failure = await quietFailureOf(attempt);

    expect(failure).toMatchObject({ code: 'issuer-mismatch' });
    expect(failure).not.toMatchObject({ problem: { exception: expect.anything() } });
  });

  it.each(['iss-wrong', 'iss-absent'] as const)('does not reach as far as %s', async (fault) => {
    await using world = await startWorld();
    world.as.misbehave.callback(fault);
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: all });
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-mismatch' });
  });

  it('leaves the resource out of a renewal as well', async () => {
    await using world = await startWorld();
    world.as.setDefaultResource(world.mcp.url);
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: allowing('resource-omitted'),
    });
    const signedIn = await attempt.done;
    const net = createNet(systemClock);
    const { refreshToken = new Secret('none') } = signedIn.tokens;

    await refresh(net.fetchFor('loopback'), signedIn, refreshToken, systemClock.now());
    await net.close();

    expect(world.last('token', 'refresh_token')).not.toHaveProperty('resource');
    expect(world.as.count({ resource: world.mcp.url })).toBe(0);
  });

  it('is said where the token endpoint is the first to refuse the resource', async () => {
    await using world = await startWorld();
    await using attempt = startSigningIn(world.mcp.url, {
      browser: async ({ href }) => {
        const { callback } = await consentByScript(href, { visitCallback: false });
        world.as.misbehave.resource('refused');
        await fetch(callback);
      },
    });
    await expect(attempt.done).rejects.toMatchObject({
      problem: { exception: 'resource-omitted' },
    });
  });
});

describe('a service that refuses PKCE', () => {
  it('is signed in to without it where that is on record, and only there', async () => {
    await using world = await startWorld({ refusesPkce: true });
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: allowing('pkce-off') });

    const { tokens } = await attempt.done;

    expect(tokens.refreshToken?.reveal()).toBeTypeOf('string');
    expect(Object.keys(world.last('authorization'))).not.toContain('code_challenge');
    expect(Object.keys(world.last('authorization'))).not.toContain('code_challenge_method');
    expect(Object.keys(world.last('token'))).not.toContain('code_verifier');
    expect(world.last('authorization')).toHaveProperty('state');
  });

  it('is never taken for one by itself, whatever else is on record', async () => {
    await using world = await startWorld({ refusesPkce: true });
    await using attempt = startSigningIn(world.mcp.url, { settled: all });

    await expect.poll(() => attempt.opened).toHaveLength(1);

    expect(attempt.opened[0]?.searchParams.get('code_challenge_method')).toBe('S256');
    expect((await fetch(attempt.opened[0] ?? '')).status).toBe(400);
  });
});
