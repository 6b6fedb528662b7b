/** Who a sign-in was by, where the ID token does not say: asked well, and never in the way. */
import { describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import type { Zone } from '../../../broker/net/zone.ts';
import type { TokenParty, Tokens } from '../../../broker/oauth/token-endpoint.ts';
import { whoAmI } from '../../../broker/oauth/who-am-i.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';

const TOKEN = 'canary-access-who';
const SECRET = 'canary-client-secret';

const openDesk = async (
  sheets: Readonly<Record<string, Sheet | 'hang'>>,
  {
    endpoints = ['userinfo', 'introspection'],
    zone = 'loopback',
    ...tokens
  }: Partial<Tokens> & { endpoints?: string[]; zone?: Zone } = {},
) => {
  const paper = await startPaperServer(() => sheets);
  const clock = createVirtualClock();
  const net = createNet(clock);
  const cancelled = new AbortController();
  const party: TokenParty = {
    metadata: {
      issuer: paper.origin,
      token_endpoint: `${paper.origin}/token`,
      ...Object.fromEntries(
        endpoints.map((name) => [`${name}_endpoint`, `${paper.origin}/${name}`]),
      ),
    },
    client: {
      issuer: paper.origin,
      clientId: 'c1',
      authMethod: 'client_secret_basic',
      clientSecret: new Secret(SECRET),
    },
  };
  return {
    ...{ paper, clock },
    cancel: () => cancelled.abort(),
    ask: async () => {
      const { subject, label } = await whoAmI(
        { fetch: net.fetchFor(zone), clock, signal: cancelled.signal },
        party,
        { accessToken: new Secret(TOKEN), ...tokens },
      );
      return { subject, label };
    },
    [Symbol.asyncDispose]: async () => {
      await net.close();
      await paper.close();
    },
  };
};

const ada = { sub: 'u-1', email: 'ada@example.com', name: 'Ada' };

describe('who has signed in', () => {
  it('is told by the UserInfo endpoint, which sees the token and nothing else', async () => {
    await using desk = await openDesk({ '/userinfo': { body: ada } });
    expect(await desk.ask()).toEqual({ subject: 'u-1', label: 'ada@example.com' });
    expect(desk.paper.seen).toMatchObject([
      { method: 'GET', path: '/userinfo', headers: { authorization: `Bearer ${TOKEN}` }, body: '' },
    ]);
    expect(desk.clock.waits()).toEqual([]);
  });

  it('is told by introspection, which sees who asks; the subject there may be another one', async () => {
    await using desk = await openDesk(
      { '/introspection': { body: { active: true, username: 'ada', sub: 'internal-7' } } },
      { endpoints: ['introspection'] },
    );
    expect(await desk.ask()).toEqual({ subject: undefined, label: 'ada' });
    const [seen] = desk.paper.seen;
    expect(seen?.headers.authorization).toBe(`Basic ${btoa(`c1:${SECRET}`)}`);
    expect(new URLSearchParams(seen?.body).get('token')).toBe(TOKEN);
  });

  it('is not asked for where the ID token said it, nor where nobody can be asked', async () => {
    await using told = await openDesk({}, { label: 'grace', subject: 'u-2' });
    expect([await told.ask(), told.paper.seen]).toEqual([{ subject: 'u-2', label: 'grace' }, []]);
    await using nowhere = await openDesk({}, { endpoints: [] });
    expect([await nowhere.ask(), nowhere.paper.seen]).toEqual([
      { subject: undefined, label: undefined },
      [],
    ]);
  });

  it('is asked elsewhere when the first does not know', async () => {
    await using desk = await openDesk({
      '/userinfo': { status: 403, body: { error: 'insufficient_scope' } },
      '/introspection': { body: { active: true, username: 'ada' } },
    });
    expect(await desk.ask()).toMatchObject({ label: 'ada' });
  });

  const unusable: readonly (readonly [string, Sheet | 'hang'])[] = [
    ['says no', { status: 401, body: {} }],
    ['is broken', { status: 500, body: {} }],
    ['speaks HTML', { body: '<h1>Ada</h1>' }],
    [
      'speaks JWT, which nobody verifies',
      { headers: { 'content-type': 'application/jwt' }, body: ada },
    ],
    ['speaks of nobody', { body: { email: 'ada@example.com' } }],
    ['speaks of somebody else (token substitution)', { body: { ...ada, sub: 'u-9' } }],
    ['sends the token elsewhere', { status: 302, headers: { location: '/elsewhere' }, body: {} }],
    ['talks without an end', { body: { ...ada, name: 'x'.repeat(2 * 1024 * 1024) } }],
    ['has a subject without an end', { body: { ...ada, sub: 'u'.repeat(300) } }],
    ['has a name of nothing but controls', { body: { sub: 'u-1', email: '\u202e\u0000' } }],
    ['has a name that is no text', { body: { sub: 'u-1', email: { toString: 'x' } } }],
  ];
  it.each(unusable)(
    'stays unknown where UserInfo %s, and the sign-in stays good',
    async (_how, sheet) => {
      await using desk = await openDesk(
        { '/userinfo': sheet },
        { endpoints: ['userinfo'], subject: 'u-1' },
      );
      expect(await desk.ask()).toEqual({ subject: 'u-1', label: undefined });
      expect(desk.paper.paths()).toEqual(['/userinfo']);
    },
  );

  it.each<[string, Sheet]>([
    ['the token is dead', { body: { active: false, username: 'ada' } }],
    ['it says no', { status: 401, body: { error: 'invalid_client' } }],
    [
      'it speaks JWT',
      {
        headers: { 'content-type': 'application/token-introspection+jwt' },
        body: { active: true, username: 'ada' },
      },
    ],
    ['it names nobody', { body: { active: true, sub: 'u-1' } }],
  ])('stays unknown where introspection is of no use: %s', async (_how, sheet) => {
    await using desk = await openDesk(
      { '/introspection': sheet },
      { endpoints: ['introspection'] },
    );
    expect(await desk.ask()).toEqual({ subject: undefined, label: undefined });
  });

  it('is not asked at home on behalf of a server on the internet (SSRF)', async () => {
    await using desk = await openDesk({ '/userinfo': { body: ada } }, { zone: 'public' });
    expect(await desk.ask()).toEqual({ subject: undefined, label: undefined });
    expect(desk.paper.seen).toEqual([]);
  });

  it('is waited for no longer than five seconds, for both endpoints together', async () => {
    await using desk = await openDesk({ '/userinfo': 'hang', '/introspection': 'hang' });
    const asked = desk.ask();
    await expect.poll(() => desk.paper.seen.length, eventually).toBe(1);
    await desk.clock.advance(5_000);
    expect(await asked).toEqual({ subject: undefined, label: undefined });
    expect(desk.clock.waits()).toEqual([]);
  });

  it('is not waited for by somebody who cancels', async () => {
    await using desk = await openDesk({ '/userinfo': 'hang' });
    const asked = desk.ask();
    await expect.poll(() => desk.paper.seen.length, eventually).toBe(1);
    desk.cancel();
    expect(await asked).toEqual({ subject: undefined, label: undefined });
  });

  it('is fit for one line', async () => {
    await using desk = await openDesk({
      '/userinfo': { body: { sub: 'u-1', email: `a\u001b[2J\n${'b'.repeat(500)}` } },
    });
    const { label } = await desk.ask();
    expect(label).toHaveLength(100);
    expect(label).not.toMatch(/\p{Cc}/u);
  });
});
