/** Is who signs people in, where the person has named that, asked instead of what the server says, and held to every other rule? */
import { describe, expect, it } from 'vitest';
import { SignInWish } from '../../../shared/contract/sign-in-settings.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { startSigningIn } from './signing-in.ts';
import { quietFailureOf, startWorld, type World } from './worlds.ts';

const browser = async ({ href }: URL) => void consentByScript(href).catch(() => undefined);

const given = { id: 'given', secret: undefined, key: undefined };
const clients = [
  {
    client_id: 'given',
    redirect_uris: ['http://127.0.0.1/callback'],
    application_type: 'native' as const,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none' as const,
  },
];
const endpoints = ({ as: { issuer } }: World) => ({
  authorizeUrl: `${issuer}/auth`,
  tokenUrl: `${issuer}/token`,
});
const authorizePath = async ({ as: { issuer } }: World): Promise<ReturnType<typeof endpoints>> => {
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  const { authorization_endpoint, token_endpoint } = (await answer.json()) as Record<
    string,
    string
  >;
  return { authorizeUrl: authorization_endpoint ?? '', tokenUrl: token_endpoint ?? '' };
};

describe('an issuer that was named', () => {
  it('is signed in to, and what the server says of its sign-in is not asked', async () => {
    await using elsewhere = await startWorld();
    await using world = await startWorld();
    const metadataAsked = () => world.mcp.seen.filter(({ path }) => path.includes('well-known'));
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: { service: { issuer: elsewhere.as.issuer } },
    });

    const { metadata, resource } = await attempt.done;

    expect(metadata.issuer).toBe(elsewhere.as.issuer);
    expect(resource).toBe(world.mcp.url);
    expect(elsewhere.last('token')['resource']).toBe(world.mcp.url);
    expect(metadataAsked()).toEqual([]);
    expect(world.as.seen).toEqual([]);
  });

  it('helps where the server says nothing that could be used', async () => {
    await using world = await startWorld();
    world.mcp.misbehave.metadata('another-resource');
    await using without = startSigningIn(world.mcp.url, { browser });
    expect(await quietFailureOf(without)).toMatchObject({ code: 'resource-mismatch' });
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: { service: { issuer: world.as.issuer } },
    });
    expect((await attempt.done).resource).toBe(world.mcp.url);
  });

  it('has to call itself by that very name', async () => {
    await using world = await startWorld();
    world.as.misbehave.metadata('another-issuer');
    await using attempt = startSigningIn(world.mcp.url, {
      settled: { service: { issuer: world.as.issuer } },
    });
    expect(await quietFailureOf(attempt)).toMatchObject({ code: 'issuer-mismatch' });
  });
});

describe('endpoints that were given by hand', () => {
  it('are used as they stand, and nothing is looked up', async () => {
    await using world = await startWorld({ clients });
    const service = { ...(await authorizePath(world)), issuer: world.as.issuer };
    const asked = world.as.seen.length;
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: { client: given, service, exceptions: new Set(['pkce-unadvertised']) },
    });

    const { client, tokens } = await attempt.done;

    expect(client).toMatchObject({ clientId: 'given', issuer: world.as.issuer });
    expect(tokens.accessToken.reveal()).toBeTypeOf('string');
    expect(world.last('authorization')).toMatchObject({
      ...{ code_challenge_method: 'S256', resource: world.mcp.url },
    });
    const since = world.as.seen.slice(asked).map(({ endpoint }) => endpoint);
    expect(since).not.toContain('metadata');
    expect(since).not.toContain('registration');
  });

  it('promise no PKCE, which is an exception on record like anywhere', async () => {
    await using world = await startWorld({ clients });
    await using attempt = startSigningIn(world.mcp.url, {
      settled: { client: given, service: endpoints(world) },
    });
    expect(await quietFailureOf(attempt)).toMatchObject({
      code: 'pkce-unsupported',
      problem: { exception: 'pkce-unadvertised' },
    });
  });

  it('let nobody in who answers in the name of another issuer', async () => {
    await using world = await startWorld({ clients });
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: {
        client: given,
        service: { ...(await authorizePath(world)), issuer: 'https://another.example' },
        exceptions: new Set(['pkce-unadvertised']),
      },
    });
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-mismatch' });
  });

  it('cannot lead the browser or us into another network than the server is in', async () => {
    await using world = await startWorld({ clients });
    await using attempt = startSigningIn(world.mcp.url, {
      settled: {
        client: given,
        service: { authorizeUrl: 'https://192.168.1.1/auth', tokenUrl: `${world.as.issuer}/token` },
        exceptions: new Set(['pkce-unadvertised']),
      },
    });
    expect(await quietFailureOf(attempt)).toMatchObject({ code: 'address-refused' });
  });
});

it('a resource that was settled is what tokens are asked for, and the rest is as the server says', async () => {
  await using world = await startWorld();
  const resource = 'https://tools.example/all';
  await using attempt = startSigningIn(world.mcp.url, {
    browser,
    settled: { service: { resource } },
  });

  const signedIn = await attempt.done;

  expect(signedIn.resource).toBe(resource);
  expect(signedIn.metadata.issuer).toBe(world.as.issuer);
  expect(world.last('authorization')['resource']).toBe(resource);
  expect(world.last('token')['resource']).toBe(resource);
});

it('a sign-in waits as long as was settled, and no longer', async () => {
  await using world = await startWorld();
  await using attempt = startSigningIn(world.mcp.url, { settled: { patienceMs: 90_000 } });
  await expect.poll(() => attempt.opened).toHaveLength(1);

  await attempt.clock.advance(89_999);
  expect(attempt.steps.at(-1)).toBe('waiting-for-browser');
  await attempt.clock.advance(1);

  await expect(attempt.done).rejects.toMatchObject({
    code: 'sign-in-timed-out',
    message: 'nobody signed in within 90 seconds',
  });
});

it.each<[string, unknown]>([
  ['plain http elsewhere', { issuer: 'http://login.example' }],
  ['a user name', { tokenUrl: 'https://ada@login.example/token' }],
  ['a fragment', { authorizeUrl: 'https://login.example/#here' }],
  ['no address', { issuer: 'login.example' }],
  ['a resource with a fragment', { resource: 'https://tools.example/#all' }],
  ['a secret instead of where it stands', { clientSecretFrom: 'canary' }],
  ['no time at all', { timeoutS: 0 }],
])('%s cannot be settled', (_what, wish) => {
  expect(SignInWish.safeParse(wish).success).toBe(false);
  expect(
    SignInWish.safeParse({
      ...{ issuer: 'https://login.example/tenant', tokenUrl: 'http://127.0.0.1:1/token' },
      ...{ resource: 'api://tools', clientSecretFrom: '${file:/x}', timeoutS: 60 },
    }).success,
  ).toBe(true);
});
