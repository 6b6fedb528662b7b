/** Does a code typed in on another device let us in, and what can happen while we wait? (RFC 8628) */
import { describe, expect, it } from 'vitest';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { allowDeviceByScript } from '../../servers/authorization-server/device-by-script.ts';
import type {
  BeginningFault,
  TokenFault,
} from '../../servers/authorization-server/misbehaviour.ts';
import type { WireFault } from '../../servers/wire-faults.ts';
import {
  createMemoryRegistrations,
  failureOf,
  type SigningInOptions,
  startSigningIn,
} from './signing-in.ts';
import { callWith, once, quietFailureOf, shown, startWorld, type World } from './worlds.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const INTERVAL = 5_000;

const start = (world: Pick<World, 'mcp'>, options: SigningInOptions = {}) =>
  startSigningIn(world.mcp.url, { onDevice: true, ...options });
type Attempt = ReturnType<typeof start>;

/** The code once it is shown; a sign-in that ends before says why. */
const codeOf = async (attempt: Attempt) => {
  await Promise.race([once(() => attempt.deviceCodes), attempt.done]);
  return attempt.deviceCodes[0] ?? { userCode: '', address: '' };
};

const polls = (world: World): number => world.as.count({ endpoint: 'token' });

/** How long the wait is that is now under way: the fetch's and the person's limits aside. */
const waitOf = async ({ clock }: Attempt): Promise<number> => {
  await expect.poll(() => clock.waits()).toHaveLength(2);
  return clock.waits()[0] ?? 0;
};

/** Lets the wait pass and the question after it be answered. */
const nextPoll = async (attempt: Attempt, world: World): Promise<void> => {
  const before = polls(world);
  await attempt.clock.advance(await waitOf(attempt));
  await expect.poll(() => polls(world)).toBe(before + 1);
};

describe('a code on another device', () => {
  it('signs in once the person has let us in, for the server that was asked for', async () => {
    await using world = await startWorld({ device: true });
    await using attempt = start(world);
    const code = await codeOf(attempt);
    await nextPoll(attempt, world);
    expect(await allowDeviceByScript(code, { account: 'grace' })).toContain('close this page');

    await nextPoll(attempt, world);
    const { tokens, client, resource } = await attempt.done;

    expect(await callWith(world, tokens.accessToken.reveal())).toBe(200);
    expect(tokens.refreshToken?.reveal()).toBeTypeOf('string');
    expect(code.address).toBe(`${world.as.issuer}/device`);
    expect(attempt.links).toEqual([`${code.address}?user_code=${code.userCode}`]);
    expect(attempt.opened).toEqual([]);
    expect(attempt.steps).toEqual([
      ...['discovering', 'registering', 'waiting-for-browser', 'saving'],
    ]);
    expect(resource).toBe(world.mcp.url);
    expect(world.last('device')).toEqual({
      client_id: client.clientId,
      resource: world.mcp.url,
      scope: 'mcp:read mcp:tools offline_access',
    });
    expect(world.last('token')).toMatchObject({ resource: world.mcp.url });
    expect(client).toMatchObject({ grantTypes: [DEVICE_GRANT] });
    expect(client.redirectUri).toBeUndefined();
  });

  it('that the person turns down says so, and the registration stays', async () => {
    await using world = await startWorld({ device: true });
    await using attempt = start(world);
    await allowDeviceByScript(await codeOf(attempt), { deny: true });

    await nextPoll(attempt, world);

    expect(await failureOf(attempt.done)).toMatchObject({ code: 'access-denied' });
    expect(attempt.registrations.all.size).toBe(1);
  });

  it('cannot be had from a server that offers none', async () => {
    await using world = await startWorld();
    await using attempt = start(world);

    expect(await quietFailureOf(attempt)).toMatchObject({
      code: 'device-unsupported',
      hint: expect.stringContaining('browser'),
    });
    expect(world.as.count({ endpoint: 'registration' })).toBe(0);
  });
});

describe('the registration', () => {
  const signInWithBrowser = async (world: World, registrations = createMemoryRegistrations()) => {
    await using attempt = startSigningIn(world.mcp.url, {
      browser: async ({ href }) => void consentByScript(href),
      registrations,
    });
    await attempt.done;
    return registrations;
  };

  it('made for a browser is extended where it can be', async () => {
    await using world = await startWorld({ device: true });
    const registrations = await signInWithBrowser(world);
    const before = registrations.find(world.as.issuer);
    await using attempt = start(world, { registrations });
    await codeOf(attempt);

    expect(registrations.find(world.as.issuer)).toMatchObject({
      clientId: before?.clientId,
      redirectUri: before?.redirectUri,
      grantTypes: [DEVICE_GRANT],
    });
    expect(world.as.count({ endpoint: 'registration', method: 'PUT', status: 200 })).toBe(1);
    expect(world.as.count({ endpoint: 'registration', method: 'POST' })).toBe(1);
  });

  it('made for a browser is replaced where it cannot be', async () => {
    await using world = await startWorld({ device: true });
    const registrations = await signInWithBrowser(world);
    const { management: _, ...before } = registrations.find(world.as.issuer) ?? {
      ...{ issuer: '', clientId: '', authMethod: 'none' as const },
    };
    await registrations.keep(before);
    await using attempt = start(world, { registrations });
    await codeOf(attempt);

    expect(registrations.find(world.as.issuer)?.clientId).not.toBe(before.clientId);
    expect(world.as.count({ endpoint: 'registration', method: 'POST', status: 201 })).toBe(2);
  });

  it('made for a device is good for a browser the next time', async () => {
    await using world = await startWorld({ device: true });
    const registrations = createMemoryRegistrations();
    await using attempt = start(world, { registrations });
    await allowDeviceByScript(await codeOf(attempt));
    await nextPoll(attempt, world);
    const { client } = await attempt.done;

    await signInWithBrowser(world, registrations);

    expect(registrations.find(world.as.issuer)).toMatchObject({
      clientId: client.clientId,
      grantTypes: [DEVICE_GRANT],
      redirectUri: expect.stringContaining('/callback'),
    });
  });
});

describe('while the person is busy elsewhere', () => {
  const rows: readonly [WireFault | TokenFault, number][] = [
    ['authorization-pending', INTERVAL],
    ['slow-down', 2 * INTERVAL],
    ['server-error', 2 * INTERVAL],
    ['unavailable', 2 * INTERVAL],
    ['too-many-requests', 2 * INTERVAL],
    ['waf-page', 2 * INTERVAL],
    ['portal-page', 2 * INTERVAL],
    ['reset', 2 * INTERVAL],
  ];
  it.each(rows)('%s is waited out, the next question comes after %i ms', async (fault, wait) => {
    await using world = await startWorld({ device: true });
    world.as.misbehave.token(fault, { times: 1 });
    await using attempt = start(world);
    const code = await codeOf(attempt);
    expect(await waitOf(attempt)).toBe(INTERVAL);

    await nextPoll(attempt, world);
    expect(await waitOf(attempt)).toBe(wait);
    await allowDeviceByScript(code);
    await nextPoll(attempt, world);

    await attempt.done;
    expect(attempt.opened).toEqual([]);
  });

  it('every "slow_down" adds five seconds, for good', async () => {
    await using world = await startWorld({ device: true });
    world.as.misbehave.token('slow-down', { times: 2 });
    await using attempt = start(world);
    await codeOf(attempt);
    const waits: number[] = [];
    for (let poll = 0; poll < 4; poll += 1) {
      waits.push(await waitOf(attempt));
      await nextPoll(attempt, world);
    }
    expect(waits).toEqual([5_000, 10_000, 15_000, 15_000]);
  });

  it('a wait that the server names is kept', async () => {
    await using world = await startWorld({ device: true });
    world.as.misbehave.token('too-many-requests', { times: 1, retryAfter: 145 });
    await using attempt = start(world);
    await codeOf(attempt);
    await nextPoll(attempt, world);
    expect(await waitOf(attempt)).toBe(145_000);
    // That once: the server did not ask for a slower pace.
    await nextPoll(attempt, world);
    expect(await waitOf(attempt)).toBe(2 * INTERVAL);
  });

  it('trouble slows the questions down to one a minute at the most', async () => {
    await using world = await startWorld({ device: true });
    world.as.misbehave.token('server-error', { times: 5 });
    await using attempt = start(world);
    await codeOf(attempt);
    const waits: number[] = [];
    for (let poll = 0; poll < 6; poll += 1) {
      waits.push(await waitOf(attempt));
      await nextPoll(attempt, world);
    }
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });
});

describe('the waiting ends', () => {
  const rows: readonly [TokenFault, string, number][] = [
    ['access-denied', 'access-denied', 1],
    ['expired-token', 'sign-in-timed-out', 0],
    ['invalid-grant', 'sign-in-refused', 1],
    ['invalid-client', 'registration-refused', 0],
  ];
  it.each(rows)('with %s as %s, %i registrations left', async (fault, code, left) => {
    await using world = await startWorld({ device: true });
    world.as.misbehave.token(fault, { times: 1 });
    await using attempt = start(world);
    await codeOf(attempt);
    await nextPoll(attempt, world);

    expect(await failureOf(attempt.done)).toMatchObject({ code });
    expect(attempt.registrations.all.size).toBe(left);
    await attempt.clock.advance(120_000);
    expect(polls(world)).toBe(1);
  });

  it('when the person cancels, and nothing is asked after that', async () => {
    await using world = await startWorld({ device: true });
    await using attempt = start(world);
    await codeOf(attempt);
    await nextPoll(attempt, world);

    attempt.cancel();

    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-cancelled' });
    await attempt.clock.advance(120_000);
    expect([polls(world), attempt.clock.waits()]).toEqual([1, []]);
  });

  it('when the person cancels while a question is under way, and nothing is asked after that', async () => {
    await using world = await startWorld({ device: true });
    world.as.misbehave.token('hang', { times: 1 });
    await using attempt = start(world);
    await codeOf(attempt);
    await nextPoll(attempt, world);

    attempt.cancel();

    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-cancelled' });
    await attempt.clock.advance(120_000);
    expect([polls(world), attempt.clock.waits()]).toEqual([1, []]);
  });

  it('when the code runs out while a question is under way, and nothing is asked after that', async () => {
    await using world = await startWorld({ device: true });
    world.as.lifetimes.deviceCodeSeconds = 12;
    world.as.misbehave.token('hang', { times: 2 });
    await using attempt = start(world);
    await codeOf(attempt);
    await nextPoll(attempt, world);
    await attempt.clock.advance(7_000);

    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-timed-out' });
    await attempt.clock.advance(120_000);
    expect([polls(world), attempt.clock.waits()]).toEqual([1, []]);
  });
});

describe('a request for a code that comes to nothing', () => {
  const rows: readonly [WireFault | BeginningFault, string, number][] = [
    ['invalid-request', 'sign-in-refused', 0],
    ['invalid-client', 'registration-refused', 0],
    ['too-many-requests', 'server-trouble', 1],
    ['server-error', 'server-trouble', 1],
    ['waf-page', 'server-trouble', 1],
    ['portal-page', 'bad-answer', 1],
    ['no-answer', 'bad-answer', 1],
    ['redirect', 'redirect-refused', 1],
    ['oversized', 'answer-too-large', 1],
    ['reset', 'server-unreachable', 1],
  ];
  it.each(rows)('because of %s is %s, %i registrations left', async (fault, code, left) => {
    await using world = await startWorld({ device: true });
    world.as.misbehave.device(fault);
    await using attempt = start(world);

    const failure = await quietFailureOf(attempt);

    expect(failure).toMatchObject({ code });
    expect(shown(failure)).not.toMatch(/nonsense|unknown client|blocked|Hotel|elsewhere/);
    expect(attempt.registrations.all.size).toBe(left);
    expect(polls(world)).toBe(0);
  });
});

describe('an answer that may not be trusted', () => {
  const startPaper = (
    answer: Record<string, unknown>,
    rest: Readonly<Record<string, Sheet>> = {},
  ) =>
    startPaperServer((origin) => ({
      '/mcp': { status: 401 },
      '/.well-known/oauth-protected-resource/mcp': {
        body: { resource: `${origin}/mcp`, authorization_servers: [origin] },
      },
      '/.well-known/oauth-authorization-server': {
        body: {
          issuer: origin,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
          device_authorization_endpoint: `${origin}/device`,
        },
      },
      '/register': { status: 201, body: { client_id: 'c1' } },
      '/device': {
        body: {
          device_code: 'canary-device-code',
          user_code: 'ABCD-EFGH',
          verification_uri: `${origin}/verify`,
          expires_in: 600,
          ...answer,
        },
      },
      '/token': { status: 400, body: { error: 'authorization_pending' } },
      ...rest,
    }));

  const good = 'https://good.example/verify';
  it.each([
    ['a program for an address', { verification_uri: 'javascript:alert(1)' }, 'address-refused'],
    ['plain http', { verification_uri: 'http://good.example/' }, 'address-refused'],
    ['a user name', { verification_uri: 'https://a:b@good.example/' }, 'address-refused'],
    ['no address at all', { verification_uri: 'nonsense' }, 'address-refused'],
    [
      'a program behind a good address',
      { verification_uri: good, verification_uri_complete: 'file:///etc/passwd' },
      'address-refused',
    ],
    ['a code that moves the cursor', { user_code: '\u001b[2J\u001b]0;owned\u0007' }, 'bad-answer'],
    ['a code that turns text around', { user_code: 'AB\u202eCD' }, 'bad-answer'],
    ['a code of 10 kB', { user_code: 'A'.repeat(10_000) }, 'bad-answer'],
    ['an empty code', { user_code: '' }, 'bad-answer'],
    ['a code of blanks', { user_code: ' \t ' }, 'bad-answer'],
    ['a code that has run out', { expires_in: 0 }, 'bad-answer'],
    ['a code that ran out before', { expires_in: -5 }, 'bad-answer'],
    ['no life', { expires_in: undefined }, 'bad-answer'],
    ['no pause between questions', { interval: 0 }, 'bad-answer'],
    ['a pause below nothing', { interval: -1 }, 'bad-answer'],
    ['a pause in words', { interval: 'soon' }, 'bad-answer'],
  ])('such as %s is shown to nobody', async (_what, answer, code) => {
    await using paper = await startPaper(answer);
    await using attempt = startSigningIn(`${paper.origin}/mcp`, { onDevice: true });

    const failure = await quietFailureOf(attempt);

    expect(failure).toMatchObject({ code });
    expect(shown(failure)).not.toMatch(/canary|owned|alert|passwd|AAAA/);
    expect(paper.paths()).not.toContain('/token');
  });

  it('such as a tiny pause is brought within bounds', async () => {
    await using paper = await startPaper({ interval: 0.001 });
    await using attempt = startSigningIn(`${paper.origin}/mcp`, { onDevice: true });
    await codeOf(attempt);
    expect(await waitOf(attempt)).toBe(1_000);
  });

  it('such as an endless pause ends with the patience for a person', async () => {
    await using paper = await startPaper({ interval: 1e9 });
    await using attempt = startSigningIn(`${paper.origin}/mcp`, { onDevice: true });
    await codeOf(attempt);
    await waitOf(attempt);
    await attempt.clock.advance(10 * 60_000);
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-timed-out' });
    expect([attempt.clock.waits(), paper.paths().includes('/token')]).toEqual([[], false]);
  });

  it('such as a pause of two minutes is kept, and grows when the server asks for it (RFC 8628 section 3.5)', async () => {
    await using paper = await startPaper(
      { interval: 120 },
      { '/token': { status: 400, body: { error: 'slow_down' } } },
    );
    await using attempt = startSigningIn(`${paper.origin}/mcp`, { onDevice: true });
    await codeOf(attempt);
    expect(await waitOf(attempt)).toBe(120_000);
    await attempt.clock.advance(120_000);
    await expect.poll(() => attempt.clock.waits()[0]).toBe(125_000);
  });

  it('such as an endless life is waited for as long as for any person', async () => {
    await using paper = await startPaper({ expires_in: 1e12 });
    await using attempt = startSigningIn(`${paper.origin}/mcp`, { onDevice: true });
    await codeOf(attempt);
    await waitOf(attempt);
    expect(Math.max(...attempt.clock.waits())).toBe(10 * 60_000);
  });
});
