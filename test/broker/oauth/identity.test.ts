import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import type { ClientRegistration } from '../../../broker/oauth/client-registration.ts';
import { type IdentityDeps, type IdentityWish, identify } from '../../../broker/oauth/identity.ts';
import type { ServerMetadata } from '../../../broker/oauth/metadata.ts';
import { retireOutdated } from '../../../broker/oauth/retire.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { createMemoryRegistrations } from './signing-in.ts';

const net = createNet(createVirtualClock());
afterAll(net.close);

const NOW = 1_800_000_000_000;
const redirect = 'http://127.0.0.1:49152/callback';
const ownRedirect = /^http:\/\/127\.0\.0\.1:49152\/callback\/[\w-]{16}$/;
const documentUrl = 'https://drawbridge.example/client.json';
const given = { id: 'from-the-operator', secret: undefined, key: undefined };

interface World {
  readonly deps?: Partial<Pick<IdentityDeps, 'given' | 'documentUrl'>>;
  readonly metadata?: Partial<ServerMetadata>;
  readonly held?: Partial<ClientRegistration>;
  /** Whether the one held can be managed at the server. */
  readonly managed?: boolean;
  readonly doubted?: boolean;
  /** Whether an account is signed in with the one held. */
  readonly granted?: boolean;
  /** Where the browser of another sign-in comes back to that goes by the one held. */
  readonly waiting?: string;
  readonly wish?: Partial<IdentityWish>;
  /** What the server says besides, or instead. */
  readonly sheets?: Readonly<Record<string, Sheet>>;
}

/** Who Drawbridge is at a server on paper, which registers it as `registered`; and what was asked and kept for it. */
const identifyOnPaper = async (world: World) => {
  const {
    deps = {},
    metadata = {},
    held,
    managed = false,
    doubted = false,
    granted = false,
  } = world;
  await using paper = await startPaperServer(() => ({
    '/register': { status: 201, body: { client_id: 'registered' } },
    'GET /manage/held': { body: { client_id: 'held' } },
    'DELETE /manage/held': { status: 204 },
    ...world.sheets,
  }));
  const issuer = paper.origin;
  const registrations = createMemoryRegistrations(granted ? [{ issuer, clientId: 'held' }] : []);
  if (doubted) await registrations.forget({ issuer, clientId: 'doubted', authMethod: 'none' });
  if (held !== undefined) {
    await registrations.keep({
      ...{ issuer, clientId: 'held', authMethod: 'none', redirectUri: redirect },
      ...(managed
        ? { management: { uri: `${issuer}/manage/held`, token: new Secret('fake-manage') } }
        : {}),
      ...held,
    });
  }
  const kept = registrations.find(issuer);
  if (kept !== undefined && world.waiting !== undefined)
    registrations.hold().on({ ...kept, redirectUri: world.waiting });
  let announced = 0;
  const fetch = net.fetchFor('loopback');
  const hold = registrations.hold();
  const outcome = await identify(
    {
      ...{ fetch, registrations, hold },
      given: undefined,
      documentUrl: undefined,
      now: NOW,
      onRegistering: () => announced++,
      ...deps,
    },
    {
      issuer,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      ...metadata,
    },
    {
      back: { port: 49152, redirectUri: undefined },
      scopes: undefined,
      grantTypes: [],
      ...world.wish,
    },
  ).catch((error: unknown) => error);
  // As at the end of a sign-in.
  await retireOutdated({ fetch, registrations }, hold.release());
  return {
    outcome,
    announced,
    issuer,
    asked: paper.seen.length,
    /** What was asked, in order. */
    requests: paper.seen.map(({ method, path }) => `${method} ${path}`),
    bodies: paper.seen.map(({ body }) => (body === '' ? {} : (JSON.parse(body) as object))),
    proofs: new Set(
      paper.seen
        .filter(({ path }) => path.startsWith('/manage'))
        .map(({ headers }) => headers.authorization),
    ),
    kept: registrations.find(issuer),
  };
};

const reads = { client_id_metadata_document_supported: true };

describe('who Drawbridge is at an authorization server (A16)', () => {
  it.each<[string, World, string]>([
    [
      'the given client before all else',
      { deps: { given, documentUrl }, metadata: reads, held: {} },
      given.id,
    ],
    [
      'its document before a registration held',
      { deps: { documentUrl }, metadata: reads, held: {} },
      documentUrl,
    ],
    ['one held, where no documents are read', { deps: { documentUrl }, held: {} }, 'held'],
    ['one held, where there is no document', { metadata: reads, held: {} }, 'held'],
    [
      'one held, where the document came to nothing',
      { deps: { documentUrl }, metadata: reads, held: {}, doubted: true },
      'held',
    ],
    [
      'its document though doubted, where nobody registers',
      {
        deps: { documentUrl },
        metadata: { ...reads, registration_endpoint: undefined },
        doubted: true,
      },
      documentUrl,
    ],
  ])('is %s', async (_name, world, clientId) => {
    const { outcome, asked, announced } = await identifyOnPaper(world);

    expect(outcome).toMatchObject({ clientId, redirectUri: redirect, authMethod: 'none' });
    expect([asked, announced]).toEqual([0, 0]);
  });

  const own = expect.stringMatching(ownRedirect);
  it.each<[string, World, unknown]>([
    ['where there is nothing else', {}, own],
    ['where the document is not read', { deps: { documentUrl } }, own],
    [
      'where its document knows nothing of a grant type that is needed',
      { deps: { documentUrl }, metadata: reads, wish: { grantTypes: ['urn:fake:grant'] } },
      own,
    ],
    [
      'where the document came to nothing before, with the plainest redirect',
      { deps: { documentUrl }, metadata: reads, doubted: true },
      'http://localhost:49152/callback',
    ],
    [
      'where the one held has another port (A18)',
      { held: { redirectUri: 'http://127.0.0.1:1/callback' } },
      own,
    ],
    [
      'where the one held has another redirect than is settled',
      {
        held: {},
        wish: { back: { port: 49152, redirectUri: 'http://localhost:49152/settled' } },
      },
      'http://localhost:49152/settled',
    ],
    [
      'where the one held is for less access',
      { held: { scopes: ['read'] }, wish: { scopes: ['write'] } },
      own,
    ],
    [
      'where the one held is for fewer grant types',
      { held: {}, wish: { grantTypes: ['urn:fake:grant'] } },
      own,
    ],
    ['where the secret of the one held has ended', { held: { secretEndsAt: NOW } }, own],
  ])('is a new registration, kept, %s', async (_name, world, redirectUri) => {
    const { outcome, asked, announced, kept } = await identifyOnPaper(world);

    expect(outcome).toMatchObject({ clientId: 'registered', redirectUri });
    expect(kept).toEqual(outcome);
    expect([asked, announced]).toEqual([1, 1]);
  });

  it('is one held whose secret has a moment left', async () => {
    const { outcome } = await identifyOnPaper({ held: { secretEndsAt: NOW + 1 } });
    expect(outcome).toMatchObject({ clientId: 'held' });
  });

  it('comes back to another path at each issuer', async () => {
    const paths = new Set<string>();
    for (let round = 0; round < 2; round += 1) {
      const { kept } = await identifyOnPaper({});
      paths.add(new URL(kept?.redirectUri ?? '').pathname);
    }
    expect(paths.size).toBe(2);
  });

  it('is asked of the person, with the redirect to tell the operator, where nothing is left', async () => {
    const { outcome } = await identifyOnPaper({ metadata: { registration_endpoint: undefined } });

    expect(outcome).toMatchObject({
      code: 'registration-unavailable',
      // One that stays the same, or the operator would allow what never comes back.
      hint: expect.stringContaining(`the redirect ${redirect},`),
    });
  });
});

describe('a redirect that is unwelcome', () => {
  const unwelcome = { '/register': { status: 400, body: { error: 'invalid_redirect_uri' } } };
  const redirectsIn = (bodies: readonly object[]) =>
    bodies.map((body) => 'redirect_uris' in body && body.redirect_uris);

  it('gives way once to the plainest, and to nothing after it; the person is told which', async () => {
    const { outcome, bodies, kept } = await identifyOnPaper({ sheets: unwelcome });

    expect(redirectsIn(bodies)).toEqual([
      [expect.stringMatching(ownRedirect)],
      ['http://localhost:49152/callback'],
    ]);
    expect(outcome).toMatchObject({
      code: 'redirect-unwelcome',
      message: expect.stringMatching(
        /^127\.0\.0\.1:\d+ does not let a browser come back to http:\/\/localhost:49152\/callback$/,
      ),
      hint: expect.stringContaining('http://localhost:49152/callback'),
    });
    expect(kept).toBeUndefined();
  });

  it('does not come a second time where the plainest was asked for first', async () => {
    const { outcome, bodies } = await identifyOnPaper({ sheets: unwelcome, doubted: true });
    expect(redirectsIn(bodies)).toEqual([['http://localhost:49152/callback']]);
    expect(outcome).toMatchObject({ code: 'redirect-unwelcome' });
  });

  it('that is settled gives way to no other', async () => {
    const redirectUri = 'http://127.0.0.1:49152/settled';
    const { outcome, bodies } = await identifyOnPaper({
      sheets: unwelcome,
      wish: { back: { port: 49152, redirectUri } },
    });
    expect(redirectsIn(bodies)).toEqual([[redirectUri]]);
    expect(outcome).toMatchObject({
      code: 'redirect-unwelcome',
      hint: expect.stringContaining(redirectUri),
    });
  });

  it.each([
    ['refused for another reason', 400, 'invalid_client_metadata', 'registration-refused'],
    ['met by trouble', 503, 'invalid_redirect_uri', 'server-trouble'],
  ])('is not what a registration was that is %s', async (_name, status, error, code) => {
    const { outcome, asked } = await identifyOnPaper({
      sheets: { '/register': { status, body: { error } } },
    });
    expect(outcome).toMatchObject({ code });
    expect(asked).toBe(1);
  });
});

describe('a registration that can be managed (RFC 7592)', () => {
  const managed = { held: {}, managed: true } satisfies World;

  it.each<[string, Sheet]>([
    ['the server still knows', { body: { client_id: 'held' } }],
    ['cannot be looked up for now', { status: 503, body: 'try again' }],
    ['is at a server of little patience', { status: 429, body: {} }],
  ])('is used again when it %s', async (_name, sheet) => {
    const { outcome, requests, proofs, announced, kept } = await identifyOnPaper({
      ...managed,
      sheets: { 'GET /manage/held': sheet },
    });

    expect(outcome).toMatchObject({ clientId: 'held' });
    expect(kept).toEqual(outcome);
    expect(requests).toEqual(['GET /manage/held']);
    expect([...proofs]).toEqual(['Bearer fake-manage']);
    expect(announced).toBe(0);
  });

  it.each([401, 403, 404])('is made anew when looking it up meets %i', async (status) => {
    const { outcome, requests, kept } = await identifyOnPaper({
      ...managed,
      sheets: { 'GET /manage/held': { status, body: { error: 'invalid_token' } } },
    });

    expect(outcome).toMatchObject({ clientId: 'registered' });
    expect(kept).toEqual(outcome);
    expect(requests.slice(0, 2)).toEqual(['GET /manage/held', 'POST /register']);
  });

  it.each<[string, Partial<IdentityWish>, object]>([
    [
      'the port',
      { back: { port: 50_000, redirectUri: undefined } },
      { redirect_uris: ['http://127.0.0.1:50000/callback'], scope: 'read' },
    ],
    ['the access', { scopes: ['write'] }, { redirect_uris: [redirect], scope: 'read write' }],
    [
      'the grant types',
      { grantTypes: ['urn:fake:grant'] },
      { grant_types: ['authorization_code', 'refresh_token', 'urn:fake:grant'] },
    ],
  ])('is changed, and kept, when %s no longer fits', async (_name, wish, sent) => {
    const { outcome, requests, bodies, announced, kept, issuer } = await identifyOnPaper({
      ...managed,
      held: {
        ...{ scopes: ['read'], authMethod: 'client_secret_post' },
        clientSecret: new Secret('fake-secret'),
      },
      wish: { scopes: ['read'], ...wish },
      sheets: { 'PUT /manage/held': { body: { client_id: 'held' } } },
    });

    expect(requests).toEqual(['PUT /manage/held']);
    expect(bodies[0]).toMatchObject({
      client_id: 'held',
      client_secret: 'fake-secret',
      token_endpoint_auth_method: 'client_secret_post',
      ...sent,
    });
    // What the answer left out stays as it was.
    expect(kept).toMatchObject({
      clientId: 'held',
      authMethod: 'client_secret_post',
      management: { uri: `${issuer}/manage/held` },
    });
    expect(kept?.clientSecret?.reveal()).toBe('fake-secret');
    expect(outcome).toEqual(kept);
    expect(announced).toBe(0);
  });

  it('takes over the secret that a change brings, but no place of somebody else to be managed at', async () => {
    const { kept, issuer } = await identifyOnPaper({
      ...managed,
      held: {
        ...{ authMethod: 'client_secret_basic', secretEndsAt: NOW + 1 },
        clientSecret: new Secret('fake-old'),
        redirectUri: 'http://127.0.0.1:1/callback',
      },
      sheets: {
        'PUT /manage/held': {
          body: {
            ...{ client_id: 'held', client_secret: 'fake-new', client_secret_expires_at: 0 },
            registration_client_uri: 'https://elsewhere.example/manage/again',
            registration_access_token: 'fake-again',
          },
        },
      },
    });

    expect(kept?.clientSecret?.reveal()).toBe('fake-new');
    // The end of the old secret is not that of the new one.
    expect(kept?.secretEndsAt).toBeUndefined();
    expect(kept?.management?.uri).toBe(`${issuer}/manage/held`);
  });

  it.each<[string, Sheet]>([
    ['is refused', { status: 400, body: { error: 'invalid_redirect_uri' } }],
    ['meets trouble', { status: 500, body: {} }],
    ['is answered with another client', { body: { client_id: 'somebody-else' } }],
    ['is answered with a page', { body: '<h1>Log in</h1>' }],
  ])('is made anew, and deleted, when its change %s', async (_name, sheet) => {
    const { outcome, requests, proofs, kept } = await identifyOnPaper({
      ...managed,
      wish: { back: { port: 50_000, redirectUri: undefined } },
      sheets: { 'PUT /manage/held': sheet },
    });

    expect(outcome).toMatchObject({ clientId: 'registered' });
    expect(kept).toEqual(outcome);
    expect(requests).toEqual(['PUT /manage/held', 'POST /register', 'DELETE /manage/held']);
    expect([...proofs]).toEqual(['Bearer fake-manage']);
  });

  const moved = {
    ...managed,
    wish: { back: { port: 50_000, redirectUri: undefined } },
  } satisfies World;
  const waiting = 'http://127.0.0.1:49152/callback/another';

  it('keeps where the browser of another sign-in comes back to when it is changed', async () => {
    const { bodies, outcome } = await identifyOnPaper({
      ...{ ...moved, waiting },
      sheets: { 'PUT /manage/held': { body: { client_id: 'held' } } },
    });
    expect(bodies[0]).toMatchObject({
      redirect_uris: ['http://127.0.0.1:50000/callback', waiting],
    });
    expect(outcome).toMatchObject({ redirectUri: 'http://127.0.0.1:50000/callback' });
  });

  it.each<[string, World]>([
    ['an account is signed in with it', { granted: true }],
    ['another sign-in goes by it', { waiting }],
  ])('is not deleted, though made anew, while %s', async (_name, world) => {
    const { outcome, requests } = await identifyOnPaper({
      ...{ ...moved, ...world },
      sheets: { 'PUT /manage/held': { status: 400, body: { error: 'invalid_redirect_uri' } } },
    });
    expect(outcome).toMatchObject({ clientId: 'registered' });
    expect(requests).toEqual(['PUT /manage/held', 'POST /register']);
  });

  it('whose secret has ended is replaced and deleted without being looked up', async () => {
    const { requests, kept } = await identifyOnPaper({
      ...managed,
      held: { secretEndsAt: NOW - 1 },
    });
    expect(requests).toEqual(['POST /register', 'DELETE /manage/held']);
    expect(kept).toMatchObject({ clientId: 'registered' });
  });

  it('is not deleted before its successor is there', async () => {
    const { outcome, requests, kept } = await identifyOnPaper({
      ...managed,
      held: { secretEndsAt: NOW },
      sheets: { '/register': { status: 503, body: {} } },
    });
    expect(outcome).toMatchObject({ code: 'server-trouble' });
    expect(requests).toEqual(['POST /register']);
    expect(kept).toMatchObject({ clientId: 'held' });
  });
});

describe('a client that an operator gave', () => {
  const withSecret = {
    given: { id: 'given', secret: new Secret('fake-secret'), key: undefined },
  };

  it.each([
    ['by header where nothing is said (RFC 8414)', undefined, 'client_secret_basic'],
    [
      'by header where both are on offer',
      ['client_secret_post', 'client_secret_basic'],
      'client_secret_basic',
    ],
    [
      'in the body where only that is on offer',
      ['none', 'client_secret_post'],
      'client_secret_post',
    ],
  ])('proves itself %s (A22)', async (_name, token_endpoint_auth_methods_supported, authMethod) => {
    const { outcome, kept } = await identifyOnPaper({
      deps: withSecret,
      metadata: { token_endpoint_auth_methods_supported },
    });

    expect(outcome).toMatchObject({ clientId: 'given', authMethod });
    expect((outcome as ClientRegistration).clientSecret?.reveal()).toBe('fake-secret');
    // It is the operator's: to keep it among ours would outlive a change of the settings.
    expect(kept).toBeUndefined();
  });

  it('with a secret nobody takes is refused before anybody is asked', async () => {
    const { outcome } = await identifyOnPaper({
      deps: withSecret,
      metadata: { token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'] },
    });

    expect(outcome).toMatchObject({ code: 'registration-unavailable' });
    expect(String(outcome)).not.toContain('fake-secret');
  });

  it('without a secret is public, whatever is on offer', async () => {
    const { outcome } = await identifyOnPaper({
      deps: { given },
      metadata: { token_endpoint_auth_methods_supported: ['client_secret_basic'] },
    });

    expect(outcome).toMatchObject({ clientId: given.id, authMethod: 'none' });
    expect(outcome).not.toHaveProperty('clientSecret');
  });

  it('comes back to the redirect that is settled', async () => {
    const redirectUri = 'http://localhost:49152/settled';
    const { outcome } = await identifyOnPaper({
      deps: { given },
      wish: { back: { port: 49152, redirectUri } },
    });
    expect(outcome).toMatchObject({ clientId: given.id, redirectUri });
  });
});
