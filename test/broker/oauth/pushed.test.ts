/** Is the sign-in announced where that is offered, and what if the announcement is turned down? (RFC 9126) */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../broker/vault/secret.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import type { BeginningFault } from '../../servers/authorization-server/misbehaviour.ts';
import type { WireFault } from '../../servers/wire-faults.ts';
import { createMemoryRegistrations, failureOf, startSigningIn } from './signing-in.ts';
import { callWith, challengeOf, publicJwk, quietFailureOf, shown, startWorld } from './worlds.ts';

const browser = async (address: URL) => void consentByScript(address.href).catch(() => undefined);

describe('a pushed authorization request', () => {
  it.each(['offered', 'required'] as const)('is used where it is %s', async (pushed) => {
    await using world = await startWorld({ pushed });
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: { parameters: { audience: 'api', login_hint: 'ada@example.com' } },
    });

    const { tokens, client } = await attempt.done;

    expect(await callWith(world, tokens.accessToken.reveal())).toBe(200);
    const link = new URL(attempt.links[0] ?? '');
    expect(Object.fromEntries(link.searchParams)).toEqual({
      client_id: client.clientId,
      request_uri: expect.stringMatching(/^urn:/),
    });
    const { state, code_challenge, ...pushedParameters } = world.last('pushed');
    expect(pushedParameters).toEqual({
      client_id: client.clientId,
      response_type: 'code',
      redirect_uri: client.redirectUri,
      code_challenge_method: 'S256',
      resource: world.mcp.url,
      scope: 'mcp:read mcp:tools offline_access',
      prompt: 'consent',
      audience: 'api',
      login_hint: 'ada@example.com',
    });
    expect(state).toMatch(/^[\w-]{40,}$/);
    expect(code_challenge).toBe(challengeOf(world.last('token')['code_verifier'] ?? ''));
    expect(world.as.count({ endpoint: 'pushed' })).toBe(1);
  });

  it('is not asked for where it is not offered', async () => {
    await using world = await startWorld();
    await using attempt = startSigningIn(world.mcp.url, { browser });
    await attempt.done;
    expect(world.as.count({ endpoint: 'pushed' })).toBe(0);
  });

  it('that is wanted nowhere ends the sign-in before anything is opened', async () => {
    await using world = await startWorld();
    world.as.misbehave.metadata('nowhere-to-push');
    await using attempt = startSigningIn(world.mcp.url, { browser });

    expect(await quietFailureOf(attempt)).toMatchObject({
      code: 'no-sign-in-service',
      message: expect.stringContaining(world.host),
      hint: expect.stringContaining('operator'),
    });
  });

  it('is proved with the key of a given client', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await using world = await startWorld({
      pushed: 'required',
      clients: [
        {
          client_id: 'given',
          redirect_uris: ['http://127.0.0.1/callback'],
          application_type: 'native',
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [publicJwk(publicKey)] },
        },
      ],
    });
    const key = new Secret(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    await using attempt = startSigningIn(world.mcp.url, {
      browser,
      settled: { client: { id: 'given', secret: undefined, key } },
    });

    await attempt.done;

    const assertion = world.last('pushed')['client_assertion'] ?? '';
    expect(assertion.split('.')).toHaveLength(3);
    expect(world.last('token')['client_assertion']).not.toBe(assertion);
    expect(new URL(attempt.links[0] ?? '').searchParams.has('client_assertion')).toBe(false);
  });
});

describe('a push that comes to nothing', () => {
  const rows: readonly [WireFault | BeginningFault, string, 'kept' | 'forgotten'][] = [
    ['invalid-request', 'sign-in-refused', 'forgotten'],
    ['invalid-client', 'registration-refused', 'forgotten'],
    ['too-many-requests', 'server-trouble', 'kept'],
    ['server-error', 'server-trouble', 'kept'],
    ['unavailable', 'server-trouble', 'kept'],
    ['waf-page', 'server-trouble', 'kept'],
    ['portal-page', 'bad-answer', 'kept'],
    ['no-answer', 'bad-answer', 'kept'],
    ['truncated', 'bad-answer', 'kept'],
    ['redirect', 'redirect-refused', 'kept'],
    ['oversized', 'answer-too-large', 'kept'],
    ['reset', 'server-unreachable', 'kept'],
    ['lost-answer', 'server-unreachable', 'kept'],
  ];
  it.each(rows)(
    'because of %s is %s; the registration is %s',
    async (fault, code, registration) => {
      await using world = await startWorld({ pushed: 'offered' });
      world.as.misbehave.pushed(fault);
      const registrations = createMemoryRegistrations();
      await using attempt = startSigningIn(world.mcp.url, { browser, registrations });

      const failure = await quietFailureOf(attempt);

      expect(failure).toMatchObject({ code });
      expect(shown(failure)).not.toMatch(
        /nonsense|unknown client|blocked|Hotel|elsewhere|undefined/,
      );
      expect(registrations.all.size).toBe(registration === 'kept' ? 1 : 0);
    },
  );

  it('names what an operator gave when it is that client that is not recognised', async () => {
    await using world = await startWorld({ pushed: 'offered' });
    world.as.misbehave.pushed('invalid-client');
    const client = { id: 'given', secret: new Secret('fake-secret'), key: undefined };
    await using attempt = startSigningIn(world.mcp.url, { browser, settled: { client } });

    const failure = await quietFailureOf(attempt);
    expect(failure).toMatchObject({ code: 'registration-refused' });
    expect(shown(failure)).toMatch(/client id.*operator/);
  });

  it('leaves nothing to follow when it was cancelled meanwhile', async () => {
    await using world = await startWorld({ pushed: 'offered' });
    world.as.misbehave.pushed('hang');
    await using attempt = startSigningIn(world.mcp.url, { browser });
    await expect.poll(() => world.as.count({ endpoint: 'pushed' })).toBe(1);

    attempt.cancel();

    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-cancelled' });
    expect([attempt.opened, attempt.links]).toEqual([[], []]);
  });
});
