import { afterAll, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { type IdentityDeps, identify } from '../../../broker/oauth/identity.ts';
import type { ClientRegistration } from '../../../broker/oauth/messages.ts';
import type { ServerMetadata } from '../../../broker/oauth/metadata.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { startPaperServer } from '../../doubles/paper-server.ts';
import { createMemoryRegistrations } from './signing-in.ts';

const net = createNet(createVirtualClock());
afterAll(net.close);

const redirect = 'http://127.0.0.1:49152/callback';
const documentUrl = 'https://drawbridge.example/client.json';
const given = { id: 'from-the-operator', secret: undefined };

interface World {
  readonly deps?: Partial<Pick<IdentityDeps, 'given' | 'documentUrl'>>;
  readonly metadata?: Partial<ServerMetadata>;
  readonly held?: Partial<ClientRegistration>;
  readonly doubted?: boolean;
}

/** Who Drawbridge is at a server on paper, which registers it as `registered`; and what was asked and kept for it. */
const identifyOnPaper = async ({ deps = {}, metadata = {}, held, doubted = false }: World) => {
  await using paper = await startPaperServer(() => ({
    '/register': { status: 201, body: { client_id: 'registered' } },
  }));
  const issuer = paper.origin;
  const registrations = createMemoryRegistrations();
  if (doubted) await registrations.forget(issuer);
  if (held !== undefined) {
    await registrations.keep({
      ...{ issuer, clientId: 'held', authMethod: 'none', redirectUri: redirect },
      ...held,
    });
  }
  let announced = 0;
  const outcome = await identify(
    {
      fetch: net.fetchFor('loopback'),
      registrations,
      given: undefined,
      documentUrl: undefined,
      onRegistering: () => announced++,
      ...deps,
    },
    {
      issuer,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      ...metadata,
    },
    redirect,
    undefined,
  ).catch((error: unknown) => error);
  return { outcome, announced, asked: paper.seen.length, kept: registrations.find(issuer) };
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

  it.each<[string, World]>([
    ['where there is nothing else', {}],
    ['where the document is not read', { deps: { documentUrl } }],
    [
      'where the document came to nothing before',
      { deps: { documentUrl }, metadata: reads, doubted: true },
    ],
    [
      'where the one held has another port (A18)',
      { held: { redirectUri: 'http://127.0.0.1:1/callback' } },
    ],
  ])('is a new registration, kept, %s', async (_name, world) => {
    const { outcome, asked, announced, kept } = await identifyOnPaper(world);

    expect(outcome).toMatchObject({ clientId: 'registered', redirectUri: redirect });
    expect(kept).toEqual(outcome);
    expect([asked, announced]).toEqual([1, 1]);
  });

  it('is asked of the person, with the redirect to tell the operator, where nothing is left', async () => {
    const { outcome } = await identifyOnPaper({ metadata: { registration_endpoint: undefined } });

    expect(outcome).toMatchObject({
      code: 'registration-unavailable',
      hint: expect.stringContaining(redirect),
    });
  });
});

describe('a client that an operator gave', () => {
  const withSecret = { given: { id: 'given', secret: new Secret('fake-secret') } };

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

    expect(outcome).toMatchObject({ clientId: 'given', clientSecret: 'fake-secret', authMethod });
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
});
