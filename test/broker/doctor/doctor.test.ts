/** What does the doctor see of servers that are well, that need the person, and that are broken? */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../../shared/contract/doctor.ts';
import {
  PROPOSED_REDIRECT,
  type SignInException,
  type SignInWish,
} from '../../../shared/contract/sign-in-settings.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { startHolding } from '../../servers/holding-program.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';

let drawbridge: InProcessBroker;
beforeEach(async () => {
  drawbridge = await startInProcessBroker();
});
afterEach(() => drawbridge[Symbol.asyncDispose]());

const toned = ({ checks }: DoctorReport, tone: DoctorReport['checks'][number]['tone']) =>
  checks.filter((check) => check.tone === tone);

const asMetadata = (origin: string) => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  registration_endpoint: `${origin}/register`,
  code_challenge_methods_supported: ['S256'],
});

/** A server on paper that is its own authorization server; `change` is what is odd about it. */
const startOdd = (
  change: (origin: string) => {
    resource?: object;
    metadata?: object;
    sheets?: Record<string, Sheet>;
  } = () => ({}),
) =>
  startPaperServer((origin) => {
    const { resource = {}, metadata = {}, sheets = {} } = change(origin);
    return {
      '/mcp': { status: 401 },
      '/.well-known/oauth-protected-resource/mcp': {
        body: { resource: `${origin}/mcp`, authorization_servers: [origin], ...resource },
      },
      '/.well-known/oauth-authorization-server': {
        body: { ...asMetadata(origin), ...metadata },
      },
      ...sheets,
    };
  });

const addAndExamine = async (url: string, signIn: SignInWish = {}): Promise<DoctorReport> => {
  await drawbridge.control.addServer({ id: 'odd', url, signIn });
  return drawbridge.control.examine({ server: 'odd' });
};

describe('the doctor', () => {
  it('finds nothing amiss with a real server, signed in or by address, and signs nobody in', async () => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as });

    const stranger = await drawbridge.control.examine({ url: mcp.url });
    expect(stranger).toMatchObject({ verdict: 'ready', url: mcp.url });
    expect(stranger).not.toHaveProperty('server');
    expect(as.count({ endpoint: 'registration' }) + as.count({ endpoint: 'token' })).toBe(0);

    await drawbridge.signInTo('fine', mcp.url);
    const report = await drawbridge.control.examine({ server: 'fine' });

    expect(report).toMatchObject({ verdict: 'ready', server: 'fine' });
    expect(report.checks.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('on this machine'),
        expect.stringContaining('it wants a sign-in, at'),
        expect.stringContaining('protected with PKCE'),
        expect.stringContaining('registered at'),
        'the account is signed in',
      ]),
    );
    for (const needle of as.needles()) expect(JSON.stringify(report)).not.toContain(needle);
  });

  it('tells where each fact is from, and what kind of answer came', async () => {
    await using odd = await startOdd();

    const { requests } = await drawbridge.control.examine({ url: `${odd.origin}/mcp` });

    expect(requests).toContainEqual({
      ...{ method: 'POST', url: `${odd.origin}/mcp`, status: 401 },
      type: 'application/json',
    });
    expect(requests.map(({ url, status }) => `${status} ${url}`)).toContain(
      `200 ${odd.origin}/.well-known/oauth-protected-resource/mcp`,
    );
  });

  it.each<[string, Parameters<typeof startOdd>[0], string, SignInException]>([
    [
      'PKCE that is not said to be there',
      () => ({ metadata: { code_challenge_methods_supported: undefined } }),
      'pkce-unsupported',
      'pkce-unadvertised',
    ],
    [
      'a slash too many',
      (origin) => ({ resource: { authorization_servers: [`${origin}/`] } }),
      'issuer-mismatch',
      'issuer-slash',
    ],
  ])(
    'names the exception that mends %s, and goes on past it',
    async (_name, change, code, exception) => {
      await using odd = await startOdd(change);
      const url = `${odd.origin}/mcp`;

      const broken = await drawbridge.control.examine({ url });
      expect(broken.verdict).toBe('broken');
      expect(toned(broken, 'bad')).toEqual([
        expect.objectContaining({
          ...{ code, exception },
          hint: expect.stringContaining(`--allow ${exception}`),
        }),
      ]);
      expect(broken.checks.at(-1)?.text).toContain('which access is asked for');

      const waived = await addAndExamine(url, { exceptions: [exception] });
      expect(waived.verdict).toBe('needs-you');
      expect(toned(waived, 'bad')).toEqual([]);
      expect(toned(waived, 'attention').map(({ text }) => text)).toEqual(['nobody is signed in']);
    },
  );

  it.each<[string, Parameters<typeof startOdd>[0], string]>([
    [
      'a description of another server',
      () => ({ resource: { resource: 'https://elsewhere.example/mcp' } }),
      'resource-mismatch',
    ],
    [
      'another issuer',
      () => ({ metadata: { issuer: 'https://elsewhere.example' } }),
      'issuer-mismatch',
    ],
    [
      'a token endpoint that is missing',
      () => ({ metadata: { token_endpoint: undefined } }),
      'bad-answer',
    ],
    [
      'no authorization server',
      () => ({ resource: { authorization_servers: [] } }),
      'no-sign-in-service',
    ],
    [
      'no page to sign in at',
      () => ({ metadata: { authorization_endpoint: undefined } }),
      'no-sign-in-service',
    ],
    [
      'something that is no MCP server',
      () => ({ sheets: { '/mcp': { body: '<h1>canary</h1>' } } }),
      'not-mcp',
    ],
    [
      'a sign-in service in your own network',
      () => ({ resource: { authorization_servers: ['https://10.0.0.1'] } }),
      'address-refused',
    ],
  ])('says of %s that it is broken, and shows no text of its own', async (_name, change, code) => {
    await using odd = await startOdd(change);

    const report = await drawbridge.control.examine({ url: `${odd.origin}/mcp` });

    expect(report.verdict).toBe('broken');
    expect(toned(report, 'bad').map((check) => check.code)).toEqual([code]);
    expect(JSON.stringify(report)).not.toContain('canary');
  });

  it.each<[string, Parameters<typeof startOdd>[0]]>([
    [
      'a server in trouble',
      () => ({ sheets: { '/mcp': { status: 502, body: '<h1>canary</h1>' } } }),
    ],
    [
      'a sign-in service in trouble',
      () => ({ sheets: { '/.well-known/oauth-authorization-server': { status: 503 } } }),
    ],
    [
      'a sign-in service that does not answer',
      () => ({ resource: { authorization_servers: ['http://127.0.0.1:1'] } }),
    ],
  ])('says of %s that it cannot be told now, not that it is broken', async (_name, change) => {
    await using odd = await startOdd(change);

    const report = await drawbridge.control.examine({ url: `${odd.origin}/mcp` });

    expect(report.verdict).toBe('try-later');
    expect(toned(report, 'bad')).toHaveLength(1);
    expect(JSON.stringify(report)).not.toContain('canary');
  });

  it('calls a server broken that is, whatever else could not be asked', async () => {
    await using odd = await startOdd((origin) => ({
      resource: { authorization_servers: [`${origin}/`] },
      sheets: { '/.well-known/openid-configuration': { status: 503 } },
    }));
    const report = await drawbridge.control.examine({ url: `${odd.origin}/mcp` });
    expect(report.verdict).toBe('broken');
  });

  it('says what a person has to get where nobody registers by themselves', async () => {
    await using odd = await startOdd(() => ({ metadata: { registration_endpoint: undefined } }));

    const report = await drawbridge.control.examine({ url: `${odd.origin}/mcp` });

    expect(report.verdict).toBe('needs-you');
    expect(toned(report, 'attention')).toContainEqual(
      expect.objectContaining({
        code: 'registration-unavailable',
        hint: expect.stringContaining(PROPOSED_REDIRECT),
      }),
    );
  });

  it('looks at a private key that was given, and shows nothing of it', async () => {
    await using odd = await startOdd(() => ({
      metadata: { token_endpoint_auth_signing_alg_values_supported: ['RS256'] },
    }));
    const url = `${odd.origin}/mcp`;
    const { privateKey } = generateKeyPairSync('ed25519');
    const clientKey = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));

    const report = await addAndExamine(url, { clientId: 'ours', clientKey });

    expect(toned(report, 'bad').map(({ code }) => code)).toEqual(['client-key-unusable']);
    expect(JSON.stringify(report)).not.toContain(clientKey.split('\n')[1]);
  });

  it('says that a sign-in waits at the port that the browser is to come back to', async () => {
    await using odd = await startOdd();
    await using taken = await startPaperServer(() => ({}));
    const { port } = new URL(taken.origin);

    const report = await addAndExamine(`${odd.origin}/mcp`, {
      ...{ clientId: 'ours', redirect: `http://127.0.0.1:${port}/callback` },
    });

    expect(toned(report, 'attention')).toContainEqual(
      expect.objectContaining({
        code: 'callback-unavailable',
        // It is this very process: no program to be ended.
        text: expect.stringContaining(`port ${port}, where a sign-in is waiting already`),
        hint: expect.not.stringContaining('end that program'),
      }),
    );
  });

  it('says which other program holds that port', async () => {
    await using odd = await startOdd();
    await using holding = await startHolding();

    const report = await addAndExamine(`${odd.origin}/mcp`, {
      ...{ clientId: 'ours', redirect: `http://127.0.0.1:${holding.port}/callback` },
    });

    expect(toned(report, 'attention')).toContainEqual(
      expect.objectContaining({
        text: expect.stringContaining(`port ${holding.port}, which ${holding.named} holds`),
        hint: expect.stringContaining('end that program'),
      }),
    );
  });

  it('leaves what may be a key out of the addresses it shows', async () => {
    await using odd = await startPaperServer(() => ({}));
    const url = `${odd.origin}/u/canary0123456789abcdef/mcp?key=canary`;

    const report = await drawbridge.control.examine({ url });

    expect(report.url).toBe(`${odd.origin}/u/.../mcp?...`);
    expect(report.requests.length).toBeGreaterThan(1);
    expect(JSON.stringify(report)).not.toContain('canary');
  });

  it('leaves it out of what the server calls itself as well', async () => {
    const path = '/mcp/a8f3e9c2d1b7460fa8f3e9c2d1b7460f';
    await using odd = await startOdd((origin) => ({
      sheets: {
        [path]: { status: 401 },
        [`/.well-known/oauth-protected-resource${path}`]: {
          body: { resource: `${origin}${path}`, authorization_servers: [origin] },
        },
      },
    }));

    const report = await drawbridge.control.examine({ url: `${odd.origin}${path}` });

    expect(report.verdict).toBe('ready');
    expect(JSON.stringify(report)).not.toContain('a8f3');
  });

  it('asks for an address it can use, and a server that is there', async () => {
    await expect(drawbridge.control.examine({ url: 'file:///etc/passwd' })).rejects.toMatchObject({
      code: 'unsupported-url',
    });
    await expect(drawbridge.control.examine({ server: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('the doctor, where nobody signs in by hand', () => {
  const startService = () =>
    startOdd(() => ({
      metadata: {
        registration_endpoint: undefined,
        client_id_metadata_document_supported: true,
        scopes_supported: ['read', 'offline_access'],
      },
      resource: { scopes_supported: ['read'] },
    }));
  const unsignedToken = (endsAt: number): string =>
    ['{}', JSON.stringify({ exp: Math.floor(endsAt / 1000) }), '']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
  const addProvider = async (issuer: string, signIn: SignInWish = {}): Promise<void> => {
    await drawbridge.control.addIdentityProvider({
      ...{ id: 'acme', title: 'Acme', issuer },
      signIn: { clientId: 'ours', ...signIn },
    });
  };
  const texts = ({ checks }: DoctorReport) => checks.map(({ text }) => text).join('\n');

  it('asks for no client id where the published document is taken, and looks at the provider', async () => {
    await using odd = await startService();
    await using idp = await startOdd();
    await addProvider(idp.origin);
    await drawbridge.control.changePreferences({
      set: { clientDocument: 'https://drawbridge.example/client.json' },
    });

    const report = await addAndExamine(`${odd.origin}/mcp`, {
      ...{ kind: 'enterprise', identityProvider: 'acme' },
    });

    expect(toned(report, 'bad')).toEqual([]);
    expect(texts(report)).toContain('from its client metadata document');
    expect(toned(report, 'attention')).toContainEqual(
      expect.objectContaining({
        text: 'its identity provider, Acme: nobody is signed in',
        hint: 'drawbridge sign-in acme',
      }),
    );
  });

  it.each([
    ['rubbish', () => 'rubbish', 'needs-you', 'holds no ID token'],
    ['a token that has ended', () => unsignedToken(1000), 'needs-you', 'holds no ID token'],
    [
      'a token that is good',
      () => unsignedToken(drawbridge.clock.now() + 3_600_000),
      'ready',
      'holds an ID token that is good now',
    ],
  ])(
    'examines the file of a provider, with %s in it, and no sign-in of a person',
    async (_name, content, verdict, says) => {
      await using odd = await startService();
      await using idp = await startOdd(() => ({
        metadata: { code_challenge_methods_supported: undefined },
      }));
      const file = path.join(drawbridge.dataFolder, 'typed-id-token');
      await writeFile(file, content(), { mode: 0o600 });
      await addProvider(idp.origin, { idTokenFile: file });

      const provider = await drawbridge.control.examine({ server: 'acme' });
      const served = await addAndExamine(`${odd.origin}/mcp`, {
        ...{ kind: 'enterprise', identityProvider: 'acme', clientId: 'ours-there' },
      });

      expect(provider.verdict).toBe(verdict);
      expect(texts(provider)).toContain(says);
      expect(texts(provider)).not.toMatch(/PKCE|access asked for/);
      expect(texts(served)).toContain(`its identity provider, Acme: ${file} ${says}`);
    },
  );

  it('lists no access that is never asked for', async () => {
    await using odd = await startService();

    const report = await addAndExamine(`${odd.origin}/mcp`, {
      ...{ kind: 'client-credentials', clientId: 'ours', clientSecret: 'fake secret' },
    });

    expect(texts(report)).toContain('access asked for: read');
    expect(texts(report)).not.toContain('offline_access');
  });
});
