/** Can a person whose browser is on another machine bring the answer by hand? */
import { describe, expect, it } from 'vitest';
import { startPaperServer } from '../../doubles/paper-server.ts';
import {
  type ConsentOptions,
  consentByScript,
} from '../../servers/authorization-server/consent-by-script.ts';
import type { CallbackFault } from '../../servers/authorization-server/misbehaviour.ts';
import { callbackOf, failureOf, isClosed, startSigningIn } from './signing-in.ts';
import { callWith, linkOf, startWorld, type World } from './worlds.ts';

const start = (world: World) => startSigningIn(world.mcp.url);
type Attempt = ReturnType<typeof start>;

/** The address that a browser elsewhere ended at, where nobody listens. */
const elsewhere = async (link: URL, options: ConsentOptions = {}): Promise<string> =>
  (await consentByScript(link.href, { ...options, visitCallback: false })).callback;

const paste = async (attempt: Attempt, address: string): Promise<boolean | undefined> => {
  await expect.poll(() => attempt.offers).toHaveLength(1);
  return attempt.offers[0]?.(new URL(address).searchParams);
};

describe('an address that is pasted', () => {
  it('signs in, whatever else it is pasted for afterwards', async () => {
    await using world = await startWorld();
    await using attempt = start(world);
    const link = await linkOf(attempt);
    const address = await elsewhere(link);

    expect(await paste(attempt, address)).toBe(true);
    expect(await paste(attempt, address.replace('code=', 'code=x'))).toBe(true);
    const { tokens } = await attempt.done;
    expect(await paste(attempt, address)).toBe(true);

    expect(await callWith(world, tokens.accessToken.reveal())).toBe(200);
    expect(world.as.count({ endpoint: 'token' })).toBe(1);
    expect(await isClosed(callbackOf(link))).toBe(true);
  });

  it('comes too late once the browser was back', async () => {
    await using world = await startWorld();
    await using attempt = start(world);
    const address = await elsewhere(await linkOf(attempt));
    const visit = fetch(address);
    await attempt.done;
    await visit;

    await paste(attempt, address);

    expect(attempt.kept).toHaveLength(1);
    expect(world.as.count({ endpoint: 'token' })).toBe(1);
  });

  it.each<[string, (address: URL, link: URL) => URL]>([
    ['another state', ({ href }) => withParameter(href, 'state', 'another')],
    ['no state', ({ href }) => new URL(href.replace('state=', 'estate='))],
    ['nothing at all', () => new URL('http://127.0.0.1/')],
    ['another page', () => new URL('https://example.invalid/?q=how+to+sign+in')],
    ['the link itself', (_address, link) => link],
    ['two codes', ({ href }) => new URL(`${href}&code=another`)],
    ['no code', ({ href }) => new URL(href.replace('code=', 'mode='))],
  ])('with %s changes nothing, and the right one is taken after it', async (_what, change) => {
    await using world = await startWorld();
    await using attempt = start(world);
    const link = await linkOf(attempt);
    const address = await elsewhere(link);

    expect(await paste(attempt, change(new URL(address), link).href)).toBe(false);
    expect(world.as.count({ endpoint: 'token' })).toBe(0);

    expect(await paste(attempt, address)).toBe(true);
    await attempt.done;
  });

  it("of another sign-in is not this one's", async () => {
    await using world = await startWorld();
    await using attempt = start(world);
    await using other = start(world);
    await linkOf(attempt);

    expect(await paste(attempt, await elsewhere(await linkOf(other)))).toBe(false);

    expect([attempt.kept, other.kept]).toEqual([[], []]);
  });

  it('with the no of the person ends the sign-in as that', async () => {
    await using world = await startWorld();
    await using attempt = start(world);

    await paste(attempt, await elsewhere(await linkOf(attempt), { deny: true }));

    expect(await failureOf(attempt.done)).toMatchObject({ code: 'access-denied' });
  });

  it.each<CallbackFault>(['iss-wrong', 'iss-absent'])(
    'with %s is a mismatch, and no code goes anywhere (RFC 9207)',
    async (fault) => {
      await using world = await startWorld();
      world.as.misbehave.callback(fault);
      await using attempt = start(world);

      await paste(attempt, await elsewhere(await linkOf(attempt)));

      expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-mismatch' });
      expect(world.as.count({ endpoint: 'token' })).toBe(0);
    },
  );

  it('with an error of the server says what it is, and nothing that the server wrote', async () => {
    await using paper = await startPaperServer((origin) => ({
      '/mcp': { status: 401 },
      '/.well-known/oauth-protected-resource/mcp': {
        body: { resource: `${origin}/mcp`, authorization_servers: [origin] },
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
    await using attempt = startSigningIn(`${paper.origin}/mcp`);
    const state = (await linkOf(attempt)).searchParams.get('state') ?? '';

    await paste(attempt, `http://127.0.0.1/?state=${state}&error=owned&error_description=owned`);

    const failure = await failureOf(attempt.done);
    expect(failure).toMatchObject({ code: 'sign-in-refused' });
    expect(String(failure)).not.toContain('owned');
  });
});

const withParameter = (href: string, name: string, value: string): URL => {
  const address = new URL(href);
  address.searchParams.set(name, value);
  return address;
};
