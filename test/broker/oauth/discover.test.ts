import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { askWithoutToken } from '../../../broker/oauth/challenge-request.ts';
import { discover } from '../../../broker/oauth/discover.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';

const clock = createVirtualClock();
const net = createNet(clock);
const fetch = net.fetchFor('loopback');
afterAll(net.close);

const noClient = () => false;
/** As a sign-in does it: knock, read the challenge, follow it. */
const discoverFrom = async (url: string, holdsClient: (issuer: string) => boolean = noClient) => {
  const server = new URL(url);
  return discover(fetch, server, await askWithoutToken(fetch, server), {
    holdsClient,
    exceptions: new Set(),
  });
};

const PRM = '/.well-known/oauth-protected-resource';
const AS = '/.well-known/oauth-authorization-server';
const OIDC = '/.well-known/openid-configuration';

/** What an authorization server on paper publishes. */
const metadataOf = (issuer: string, rest: Record<string, unknown> = {}): Sheet => ({
  body: { issuer, token_endpoint: `${new URL(issuer).origin}/token`, ...rest },
});

/** An MCP server and its authorization server on one sheet of paper. */
const startPaper = (
  resource: (origin: string) => Record<string, unknown>,
  rest: (origin: string) => Readonly<Record<string, Sheet | 'hang'>> = () => ({}),
) =>
  startPaperServer((origin) => ({
    '/mcp': { status: 401 },
    [`${PRM}/mcp`]: {
      body: { resource: `${origin}/mcp`, authorization_servers: [origin], ...resource(origin) },
    },
    [AS]: metadataOf(origin),
    ...rest(origin),
  }));

describe('discovery finds the protected-resource metadata (A4, A5)', () => {
  it.each([
    { metadataAt: 'path', challenge: 'full', asked: [`${PRM}/mcp`] },
    { metadataAt: 'root', challenge: 'full', asked: [PRM] },
    { metadataAt: 'elsewhere', challenge: 'full', asked: ['/about/this-resource.json'] },
    { metadataAt: 'path', challenge: 'without-metadata', asked: [`${PRM}/mcp`] },
    { metadataAt: 'root', challenge: 'without-metadata', asked: [`${PRM}/mcp`, PRM] },
    { metadataAt: 'path', challenge: 'none', asked: [`${PRM}/mcp`] },
    { metadataAt: 'root', challenge: 'none', asked: [`${PRM}/mcp`, PRM] },
  ] as const)('$metadataAt, challenge $challenge', async ({ metadataAt, challenge, asked }) => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as, metadataAt, challenge });

    const found = await discoverFrom(mcp.url);

    expect(found).toMatchObject({ resource: mcp.url, issuer: as.issuer });
    expect(found.metadata.token_endpoint).toBe(`${as.issuer}/token`);
    expect(mcp.seen.map(({ path }) => path)).toEqual(['/mcp', ...asked]);
    expect(found.trail).toEqual({
      resourceMetadata: {
        url: new URL(asked.at(-1) ?? '', mcp.url).href,
        from: challenge === 'full' ? 'challenge' : 'well-known',
      },
      serviceMetadata: `${as.issuer}${AS}`,
      ...{ issuer: 'resource-metadata', endpoints: 'metadata', resource: 'resource-metadata' },
      scopes: challenge === 'none' ? 'resource-metadata' : 'challenge',
    });
  });

  it('asks only once where the server is at the root (A5)', async () => {
    await using paper = await startPaperServer(() => ({ '/': { status: 401 } }));
    // Without any such document it is taken for a server of 2025-03-26 (L1).
    expect(await discoverFrom(paper.origin)).toMatchObject({ guessed: true });
    expect(paper.paths()).toEqual(['/', PRM, AS]);
  });

  it('behind another challenge in the same header (A9)', async () => {
    await using paper = await startPaper(
      () => ({}),
      (origin) => ({
        '/mcp': {
          status: 401,
          headers: {
            'www-authenticate': `Basic realm="x, y", Bearer resource_metadata="${origin}/here"`,
          },
        },
        '/here': { body: { resource: `${origin}/mcp`, authorization_servers: [origin] } },
      }),
    );
    expect(await discoverFrom(`${paper.origin}/mcp`)).toMatchObject({ issuer: paper.origin });
    expect(paper.paths()).toEqual(['/mcp', '/here', AS]);
  });

  it('through a redirect, which metadata may have', async () => {
    await using paper = await startPaper(
      () => ({}),
      (origin) => ({
        [`${PRM}/mcp`]: { status: 302, headers: { location: '/moved' } },
        '/moved': { body: { resource: origin, authorization_servers: [origin] } },
      }),
    );
    expect((await discoverFrom(`${paper.origin}/mcp`)).resource).toBe(paper.origin);
  });

  it('and keeps the resource byte for byte (A25)', async () => {
    await using paper = await startPaper((origin) => ({
      resource: origin.replace('http:', 'HTTP:'),
    }));
    const { resource } = await discoverFrom(`${paper.origin}/mcp`);
    // `URL.href` would write it in small letters and with a slash at the end.
    expect(resource).toBe(`HTTP://127.0.0.1:${paper.port}`);
  });
});

describe('discovery stops', () => {
  it('before any authorization server is asked when the resource is another one (A6)', async () => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as });
    mcp.misbehave.metadata('another-resource');
    const failure = await discoverFrom(mcp.url).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'resource-mismatch' });
    expect(String(failure)).not.toContain('somebody-else');
    expect(as.seen).toEqual([]);
  });

  it.each([
    ['server-error', 'server-trouble'],
    ['unavailable', 'server-trouble'],
    ['too-many-requests', 'server-trouble'],
    ['portal-page', 'bad-answer'],
    ['truncated', 'bad-answer'],
    ['reset', 'server-unreachable'],
    ['huge', 'answer-too-large'],
  ] as const)(
    'when the resource metadata is %s, with no second guess (L2)',
    async (fault, code) => {
      await using as = await startAuthorizationServer();
      await using mcp = await startMcpServer({ authorizationServer: as, challenge: 'none' });
      mcp.misbehave.metadata(fault, { times: 1 });
      await expect(discoverFrom(mcp.url)).rejects.toMatchObject({ code });
      expect(mcp.seen.map(({ path }) => path)).toEqual(['/mcp', `${PRM}/mcp`]);
      expect(as.seen).toEqual([]);
    },
  );

  it.each([
    ['server-error', 'server-trouble'],
    ['too-many-requests', 'server-trouble'],
    ['portal-page', 'bad-answer'],
    ['huge', 'answer-too-large'],
    ['another-issuer', 'issuer-mismatch'],
    ['slash-issuer', 'issuer-mismatch'],
  ] as const)('when the authorization server metadata is %s (A12, L2)', async (fault, code) => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as });
    as.misbehave.metadata(fault, { times: 1 });
    const failure = await discoverFrom(mcp.url).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).not.toContain('somebody-else');
    expect(as.count({ endpoint: 'metadata' })).toBe(1);
  });

  it('when the metadata never comes', async () => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as });
    as.misbehave.metadata('hang', { times: 1 });
    const found = discoverFrom(mcp.url).catch((error: unknown) => error);
    await expect.poll(() => as.count({ endpoint: 'metadata' })).toBe(1);
    await clock.advance(20_000);
    expect(await found).toMatchObject({ code: 'server-too-slow' });
  });

  it('when all of it is missing', async () => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as });
    as.misbehave.metadata('missing');
    await expect(discoverFrom(mcp.url)).rejects.toMatchObject({ code: 'no-sign-in-service' });
    mcp.misbehave.metadata('missing');
    await expect(discoverFrom(mcp.url)).rejects.toMatchObject({ code: 'no-sign-in-service' });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no authorization server', { authorization_servers: [] }, 'no-sign-in-service'],
    ['none named at all', { authorization_servers: undefined }, 'no-sign-in-service'],
    ['one that is no address', { authorization_servers: ['tenant-1'] }, 'bad-answer'],
    ['a list that is no list', { authorization_servers: 'https://as.example' }, 'bad-answer'],
    ['no resource', { resource: undefined }, 'bad-answer'],
    [
      'one in a private network (A42)',
      { authorization_servers: ['https://10.0.0.1'] },
      'address-refused',
    ],
    [
      'the cloud metadata address (A41)',
      { authorization_servers: ['https://169.254.169.254'] },
      'address-refused',
    ],
    ['one without https (A43)', { authorization_servers: ['http://as.invalid'] }, 'insecure-url'],
    ['a file', { authorization_servers: ['file:///etc'] }, 'insecure-url'],
  ])('at a document with %s', async (_name, members, code) => {
    await using paper = await startPaper(() => members);
    await expect(discoverFrom(`${paper.origin}/mcp`)).rejects.toMatchObject({ code });
    expect(paper.paths()).toEqual(['/mcp', `${PRM}/mcp`]);
  });

  it.each([
    ['no address', 'somewhere', 'bad-answer'],
    ['an address in a private network (A42)', 'https://192.168.0.1/prm', 'address-refused'],
    ['an address without https (A43)', 'http://prm.invalid/', 'insecure-url'],
  ])('at a challenge that names %s', async (_name, named, code) => {
    await using paper = await startPaper(
      () => ({}),
      () => ({
        '/mcp': {
          status: 401,
          headers: { 'www-authenticate': `Bearer resource_metadata="${named}"` },
        },
      }),
    );
    await expect(discoverFrom(`${paper.origin}/mcp`)).rejects.toMatchObject({ code });
    expect(paper.paths()).toEqual(['/mcp']);
  });

  it.each(['token_endpoint', 'authorization_endpoint', 'registration_endpoint'])(
    'at a %s that is no address',
    async (name) => {
      await using paper = await startPaper(
        () => ({}),
        (origin) => ({ [AS]: metadataOf(origin, { [name]: 'somewhere' }) }),
      );
      await expect(discoverFrom(`${paper.origin}/mcp`)).rejects.toMatchObject({
        code: 'bad-answer',
      });
    },
  );

  it('at a redirect into a private network (A41)', async () => {
    await using paper = await startPaper(
      () => ({}),
      () => ({ [`${PRM}/mcp`]: { status: 307, headers: { location: 'https://10.1.2.3/' } } }),
    );
    await expect(discoverFrom(`${paper.origin}/mcp`)).rejects.toMatchObject({
      code: 'address-refused',
    });
  });
});

describe('discovery finds the authorization server metadata (A10, A11)', () => {
  it('of a real issuer with a path', async () => {
    await using as = await startAuthorizationServer({ issuerPath: '/tenant' });
    await using mcp = await startMcpServer({ authorizationServer: as });
    expect(await discoverFrom(mcp.url)).toMatchObject({
      issuer: as.issuer,
      metadata: { issuer: as.issuer, token_endpoint: `${as.issuer}/token` },
    });
  });

  it.each([
    { issuer: '', at: AS, asked: [AS] },
    { issuer: '', at: OIDC, asked: [AS, OIDC] },
    { issuer: '/', at: AS, asked: [AS] },
    { issuer: '/t1', at: `${AS}/t1`, asked: [`${AS}/t1`] },
    { issuer: '/t1', at: `${OIDC}/t1`, asked: [`${AS}/t1`, `${OIDC}/t1`] },
    { issuer: '/t1', at: `/t1${OIDC}`, asked: [`${AS}/t1`, `${OIDC}/t1`, `/t1${OIDC}`] },
  ])('of issuer "$issuer" at $at', async ({ issuer, at, asked }) => {
    await using paper = await startPaper(
      (origin) => ({ authorization_servers: [origin + issuer] }),
      (origin) => ({
        // The root documents are a trap: they are another issuer's.
        [AS]: { status: 404 },
        [at]: metadataOf(origin + issuer),
      }),
    );
    expect((await discoverFrom(`${paper.origin}/mcp`)).issuer).toBe(paper.origin + issuer);
    expect(paper.paths()).toEqual(['/mcp', `${PRM}/mcp`, ...asked]);
  });

  it.each([400, 401, 403])(
    'where unknown paths are answered with %i, as cloud services do',
    async (status) => {
      await using paper = await startPaper(
        () => ({}),
        (origin) => ({
          [`${PRM}/mcp`]: { status },
          [PRM]: { body: { resource: origin, authorization_servers: [origin] } },
          [AS]: { status },
          [OIDC]: metadataOf(origin),
        }),
      );
      expect((await discoverFrom(`${paper.origin}/mcp`)).issuer).toBe(paper.origin);
      expect(paper.paths()).toEqual(['/mcp', `${PRM}/mcp`, PRM, AS, OIDC]);
    },
  );

  it('nowhere when it is shown to nobody, and says so', async () => {
    await using paper = await startPaper(
      () => ({}),
      () => ({ [AS]: { status: 403, body: '<h1>Blocked</h1>' } }),
    );
    await expect(discoverFrom(`${paper.origin}/mcp`)).rejects.toMatchObject({
      code: 'server-trouble',
      message: `127.0.0.1:${paper.port} refused to say how to sign in there (status 403)`,
    });
  });

  it('of the first of several, unless a client is held at another (A8)', async () => {
    await using paper = await startPaper(
      (origin) => ({ authorization_servers: [`${origin}/a`, `${origin}/b`, `${origin}/c`] }),
      (origin) => ({
        [`${AS}/a`]: metadataOf(`${origin}/a`),
        [`${AS}/b`]: metadataOf(`${origin}/b`),
      }),
    );
    const url = `${paper.origin}/mcp`;
    expect((await discoverFrom(url)).issuer).toBe(`${paper.origin}/a`);
    const held = await discoverFrom(url, (issuer) => issuer.endsWith('/b'));
    expect(held).toMatchObject({
      issuer: `${paper.origin}/b`,
      metadata: { issuer: `${paper.origin}/b` },
    });
  });
});

describe('the scopes to ask for (A27)', () => {
  const published = ['mcp:read', 'mcp:write'];
  it.each([
    ['those of the challenge', 'Bearer scope="extra  mcp:read"', published, ['extra', 'mcp:read']],
    ['those published when the challenge has none', 'Bearer', published, published],
    ['those published when there is no challenge', undefined, published, published],
    ['none when nothing is said', 'Bearer', undefined, undefined],
    ['those published when the challenge is empty', 'Bearer scope=""', published, published],
    ['none when both are empty', 'Bearer scope=" "', [], undefined],
  ])('are %s', async (_name, challenge, scopes_supported, expected) => {
    await using paper = await startPaper(
      () => ({ scopes_supported }),
      () => ({
        '/mcp': {
          status: 401,
          ...(challenge === undefined ? {} : { headers: { 'www-authenticate': challenge } }),
        },
      }),
    );
    expect((await discoverFrom(`${paper.origin}/mcp`)).scopes).toEqual(expected);
  });
});
