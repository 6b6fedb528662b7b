/** What becomes of a registered client that several sign-ins, grants and servers go by? Asked of a real authorization server. */
import { describe, expect, it } from 'vitest';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import { createMemoryRegistrations, failureOf, startSigningIn } from './signing-in.ts';
import { callWith, linkOf, startWorld, type World } from './worlds.ts';

const PERSON_MS = 10 * 60_000;
const browser = async ({ href }: URL) => void consentByScript(href);

const deletions = ({ as }: World): number =>
  as.count({ endpoint: 'registration', method: 'DELETE' });
const registered = ({ as }: World): number =>
  as.count({ endpoint: 'registration', method: 'POST' });

it('two sign-ins that wait at one issuer both come back, by one client', async () => {
  await using world = await startWorld();
  await using other = await startMcpServer({ authorizationServer: world.as });
  const registrations = createMemoryRegistrations();
  await using first = startSigningIn(world.mcp.url, { registrations });
  const firstLink = await linkOf(first);
  await using second = startSigningIn(other.url, { registrations });
  const secondLink = await linkOf(second);

  await consentByScript(firstLink.href);
  await consentByScript(secondLink.href);

  const [one, two] = await Promise.all([first.done, second.done]);
  expect(await callWith(world, one.tokens.accessToken.reveal())).toBe(200);
  expect(await callWith({ mcp: other }, two.tokens.accessToken.reveal())).toBe(200);
  expect(two.client.clientId).toBe(one.client.clientId);
  expect(registered(world)).toBe(1);
});

describe('a client that came to nothing', () => {
  const lookAway = async (world: World, granted: boolean) => {
    const registrations = createMemoryRegistrations();
    await using before = startSigningIn(world.mcp.url, { browser, registrations });
    const { client } = await before.done;
    const later = granted ? createMemoryRegistrations([client]) : registrations;
    if (granted) await later.keep(client);
    await using attempt = startSigningIn(world.mcp.url, { registrations: later });
    await linkOf(attempt);
    await attempt.clock.advance(PERSON_MS);
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-timed-out' });
    return { kept: later.all.size, doubted: later.doubts(world.as.issuer) };
  };

  it('is deleted at the server', async () => {
    await using world = await startWorld();
    expect(await lookAway(world, false)).toEqual({ kept: 0, doubted: true });
    expect(deletions(world)).toBe(1);
  });

  it('is not deleted while somebody is signed in with it', async () => {
    await using world = await startWorld();
    expect(await lookAway(world, true)).toEqual({ kept: 0, doubted: true });
    expect(deletions(world)).toBe(0);
  });

  it.each(['timed out', 'disowned'])(
    'and that an operator gave leaves the registered one of another server alone (%s)',
    async (how) => {
      await using world = await startWorld();
      const registrations = createMemoryRegistrations();
      await using other = startSigningIn(world.mcp.url, { browser, registrations });
      const { client } = await other.done;
      const redirect = client.redirectUri ?? '';
      const given = { id: client.clientId, secret: undefined, key: undefined };
      if (how === 'disowned') world.as.misbehave.token('invalid-client', { times: 1 });
      await using attempt = startSigningIn(world.mcp.url, {
        registrations,
        settled: { client: given, redirect },
        ...(how === 'disowned' ? { browser } : {}),
      });
      if (how === 'timed out') {
        await linkOf(attempt);
        await attempt.clock.advance(PERSON_MS);
      }
      await failureOf(attempt.done);

      expect(registrations.find(world.as.issuer)).toEqual(client);
      expect(registrations.doubts(world.as.issuer)).toBe(false);
      expect(deletions(world)).toBe(0);
    },
  );
});
