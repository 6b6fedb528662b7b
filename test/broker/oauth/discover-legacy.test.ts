/** How is a server of 2025-03-26 signed in to, and what must never be taken for one? (L1, L2) */
import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { askWithoutToken } from '../../../broker/oauth/challenge-request.ts';
import { discover } from '../../../broker/oauth/discover.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { callbackOf, startSigningIn } from './signing-in.ts';

const net = createNet(createVirtualClock());
const fetch = net.fetchFor('loopback');
afterAll(net.close);

const PRM = '/.well-known/oauth-protected-resource';
const AS = '/.well-known/oauth-authorization-server';

const discoverOnPaper = async (
  sheets: (origin: string) => Readonly<Record<string, Sheet | 'hang'>>,
) => {
  await using paper = await startPaperServer((origin) => ({
    '/mcp': { status: 401 },
    ...sheets(origin),
  }));
  const server = new URL(`${paper.origin}/mcp`);
  const outcome = await askWithoutToken(fetch, server)
    .then((challenge) =>
      discover(fetch, server, challenge, { holdsClient: () => false, exceptions: new Set() }),
    )
    .catch((error: unknown) => error);
  return { outcome, origin: paper.origin, paths: paper.paths() };
};

describe('a server that publishes no resource metadata', () => {
  it('signs people in as its origin describes', async () => {
    const { outcome, origin, paths } = await discoverOnPaper((issuer) => ({
      [AS]: { body: { issuer, token_endpoint: `${issuer}/tokens-here` } },
    }));

    expect(outcome).toEqual({
      resource: undefined,
      issuer: origin,
      guessed: false,
      metadata: { issuer: origin, token_endpoint: `${origin}/tokens-here` },
      scopes: undefined,
      trail: { issuer: 'fallback', endpoints: 'metadata', serviceMetadata: `${origin}${AS}` },
    });
    expect(paths).toEqual(['/mcp', `${PRM}/mcp`, PRM, AS]);
  });

  it('and no metadata at all has the endpoints that its revision prescribes', async () => {
    const { outcome, origin, paths } = await discoverOnPaper(() => ({}));

    expect(outcome).toEqual({
      resource: undefined,
      issuer: origin,
      guessed: true,
      metadata: {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        code_challenge_methods_supported: ['S256'],
      },
      scopes: undefined,
      trail: { issuer: 'fallback', endpoints: 'fallback' },
    });
    expect(paths).toEqual(['/mcp', `${PRM}/mcp`, PRM, AS]);
  });

  it.each([
    ['Bearer scope="a b"', ['a', 'b']],
    ['Bearer scope=""', undefined],
    ['Bearer realm="x"', undefined],
  ])('is asked for the scopes of its challenge: %s', async (challenge, scopes) => {
    const { outcome } = await discoverOnPaper(() => ({
      '/mcp': { status: 401, headers: { 'www-authenticate': challenge } },
    }));
    expect(outcome).toMatchObject({ guessed: true, scopes });
  });

  it('is signed in to without a resource, with PKCE, from registration to token (A26)', async () => {
    await using paper = await startPaperServer(() => ({
      '/mcp': { status: 401 },
      '/register': { status: 201, body: { client_id: 'c1' } },
      '/token': { body: { access_token: 'fake-at', token_type: 'Bearer' } },
    }));
    await using attempt = startSigningIn(`${paper.origin}/mcp`);
    await expect.poll(() => attempt.opened).toHaveLength(1);
    const [link = new URL('about:blank')] = attempt.opened;
    await globalThis.fetch(`${callbackOf(link)}?code=fake&state=${link.searchParams.get('state')}`);

    const { tokens, resource } = await attempt.done;

    const sent = new URLSearchParams(paper.seen.find(({ path }) => path === '/token')?.body);
    expect([resource, link.searchParams.has('resource'), sent.has('resource')]).toEqual([
      undefined,
      false,
      false,
    ]);
    expect(link.pathname).toBe('/authorize');
    expect(link.searchParams.get('code_challenge_method')).toBe('S256');
    expect(sent.get('code_verifier')).toMatch(/^.{43}/);
    expect(tokens.accessToken.reveal()).toBe('fake-at');
  });
});

it('a server cannot describe itself as another issuer (RFC 8414 section 3.3; A12, A21)', async () => {
  const { outcome } = await discoverOnPaper((origin) => ({
    [AS]: { body: { issuer: 'https://somebody-else.invalid', token_endpoint: `${origin}/token` } },
  }));
  expect(outcome).toMatchObject({ code: 'issuer-mismatch' });
});

it.each([404, 405, 410])('what is answered with %i is not there', async (status) => {
  const { outcome } = await discoverOnPaper(() => ({
    ...{ [`${PRM}/mcp`]: { status }, [PRM]: { status }, [AS]: { status } },
  }));
  expect(outcome).toMatchObject({ guessed: true });
});

describe('is not taken for one', () => {
  it.each<[string, (origin: string) => Readonly<Record<string, Sheet>>, string, string[]]>([
    [
      'a server that asks for a password',
      () => ({ '/mcp': { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } } }),
      'no-sign-in-service',
      ['/mcp', `${PRM}/mcp`, PRM],
    ],
    [
      'one whose resource metadata fails (L2)',
      () => ({ [`${PRM}/mcp`]: { status: 500 } }),
      'server-trouble',
      ['/mcp', `${PRM}/mcp`],
    ],
    [
      'one whose resource metadata fails at the root (L2)',
      () => ({ [PRM]: { status: 503 } }),
      'server-trouble',
      ['/mcp', `${PRM}/mcp`, PRM],
    ],
    [
      'one that is asked too often (L2)',
      () => ({ [`${PRM}/mcp`]: { status: 429 } }),
      'server-trouble',
      ['/mcp', `${PRM}/mcp`],
    ],
    [
      'one behind a portal (L2)',
      () => ({ [`${PRM}/mcp`]: { body: '<h1>Welcome to the hotel</h1>' } }),
      'bad-answer',
      ['/mcp', `${PRM}/mcp`],
    ],
    ...[400, 401, 403, 451].map(
      (status): [string, () => Readonly<Record<string, Sheet>>, string, string[]] => [
        `one behind a firewall that answers ${status} (L2)`,
        () => ({ [`${PRM}/mcp`]: { status, body: '<h1>Blocked</h1>' } }),
        'server-trouble',
        ['/mcp', `${PRM}/mcp`, PRM],
      ],
    ),
    [
      'one that has all of its host behind its sign-in (L2)',
      () => ({ [`${PRM}/mcp`]: { status: 401 }, [PRM]: { status: 401 }, [AS]: { status: 401 } }),
      'server-trouble',
      ['/mcp', `${PRM}/mcp`, PRM],
    ],
    [
      'one that names metadata which it does not show',
      (origin) => ({
        '/mcp': {
          status: 401,
          headers: { 'www-authenticate': `Bearer resource_metadata="${origin}/hidden"` },
        },
        '/hidden': { status: 403 },
      }),
      'server-trouble',
      ['/mcp', '/hidden'],
    ],
    [
      'one that names metadata which is not there',
      (origin) => ({
        '/mcp': {
          status: 401,
          headers: { 'www-authenticate': `Bearer resource_metadata="${origin}/gone"` },
        },
      }),
      'no-sign-in-service',
      ['/mcp', '/gone'],
    ],
    [
      'one whose resource metadata names nobody',
      (origin) => ({ [PRM]: { body: { resource: origin } } }),
      'no-sign-in-service',
      ['/mcp', `${PRM}/mcp`, PRM],
    ],
  ])('%s', async (_name, sheets, code, paths) => {
    const asked = await discoverOnPaper(sheets);
    expect(asked.outcome).toMatchObject({ code });
    expect(asked.paths).toEqual(paths);
  });

  it.each([
    ['fails', { status: 502 }, 'server-trouble'],
    ['is behind a firewall', { status: 403, body: '<h1>Blocked</h1>' }, 'server-trouble'],
    ['cannot be read', { body: 'oops' }, 'bad-answer'],
  ] as const)('one whose own metadata %s: nothing is guessed (L2)', async (_name, sheet, code) => {
    const { outcome } = await discoverOnPaper(() => ({ [AS]: sheet }));
    expect(outcome).toMatchObject({ code });
  });
});
