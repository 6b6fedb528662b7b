/** Does the browser come back to where an operator was told, with what an operator wants sent along? */
import { describe, expect, it } from 'vitest';
import { portIn } from '../../../broker/oauth/callback.ts';
import { SignInWish } from '../../../shared/contract/sign-in-settings.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { startSigningIn } from './signing-in.ts';
import { freePort, linkOf, startWorld } from './worlds.ts';

const browser = async ({ href }: URL) => void consentByScript(href);

/** A server that knows the given client by exactly these redirects. */
const startKnowing = (...redirects: string[]) =>
  startWorld({
    clients: [
      {
        client_id: 'given',
        redirect_uris: redirects,
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
      },
    ],
  });
const client = { id: 'given', secret: undefined, key: undefined };

describe('a redirect that an operator was told', () => {
  it.each([
    ['a port and a path of its own', 'http://127.0.0.1:PORT/oauth/back'],
    ['the name of this machine', 'http://localhost:PORT/callback'],
    ['a name and no path', 'http://localhost:PORT/'],
    ['the newer address of this machine', 'http://[::1]:PORT/callback'],
  ])('with %s is kept to the letter', async (_what, told) => {
    const redirect = told.replace('PORT', String(await freePort()));
    await using world = await startKnowing(redirect);
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: { client, redirect } });

    const { client: used } = await attempt.done;

    expect(used.redirectUri).toBe(redirect);
    expect(world.last('authorization')['redirect_uri']).toBe(redirect);
    expect(world.last('token')['redirect_uri']).toBe(redirect);
  });

  it.each(['http://127.0.0.1/oauth/back', 'http://localhost/oauth/back'])(
    'without a port, as %s, comes back at any (RFC 8252 section 7.3)',
    async (redirect) => {
      await using world = await startKnowing(redirect);
      await using attempt = startSigningIn(world.mcp.url, {
        browser,
        settled: { client, redirect },
      });

      const { redirectUri = '' } = (await attempt.done).client;

      expect(new URL(redirectUri).port).not.toBe('');
      expect(redirectUri.replace(/:\d+/, '')).toBe(redirect);
    },
  );
});

describe('the port of a redirect', () => {
  it.each([
    ['http://localhost:80/callback', 80],
    ['http://127.0.0.1:80', 80],
    ['http://[::1]:80/', 80],
    ['HTTP://LOCALHOST:080/callback', 80],
    ['http://localhost:8080/callback:9', 8080],
    ['http://localhost/callback:80', undefined],
    ['http://[::1]/', undefined],
    ['http://127.0.0.1', undefined],
  ])('is the one that is written: %s', (redirect, port) => {
    expect(portIn(redirect)).toBe(port);
  });

  it('is kept where it is 80: no other port is opened for it', async () => {
    const redirect = 'http://localhost:80/callback';
    await using world = await startKnowing(redirect);
    await using attempt = startSigningIn(world.mcp.url, { settled: { client, redirect } });
    const outcome = await linkOf(attempt).catch((error: unknown) => error);

    // Whether a program may listen there is the machine's affair.
    if (outcome instanceof URL) expect(outcome.searchParams.get('redirect_uri')).toBe(redirect);
    else
      expect(outcome).toMatchObject({
        code: 'callback-unavailable',
        message: expect.stringContaining('port 80,'),
      });
  });
});

describe('what an operator wants sent along', () => {
  it('is sent, and can replace nothing that the sign-in depends on', async () => {
    await using world = await startWorld();
    const bent = {
      ...{ state: 'bent', code_challenge: 'bent', code_challenge_method: 'plain' },
      ...{
        client_id: 'bent',
        redirect_uri: 'http://127.0.0.1:1/',
        resource: 'http://bent.invalid',
      },
      ...{ response_type: 'token', scope: 'bent' },
    };
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: { parameters: { audience: 'api', login_hint: 'grace', ...bent } },
    });

    await attempt.done;

    const link = new URL(attempt.links[0] ?? '');
    expect(link.searchParams.get('audience')).toBe('api');
    expect(link.searchParams.get('login_hint')).toBe('grace');
    expect(link.href).not.toMatch(/bent|plain/);
    expect(link.searchParams.size).toBe(new Set(link.searchParams.keys()).size);
  });

  it.each(Object.keys({ response_mode: 0, request: 0, request_uri: 0, state: 0, resource: 0 }))(
    'cannot be %s',
    (name) => {
      expect(SignInWish.safeParse({ parameters: { [name]: 'x' } }).success).toBe(false);
      expect(SignInWish.safeParse({ parameters: { audience: 'x' } }).success).toBe(true);
    },
  );
});
