import { afterEach, describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { clientSource } from '../../../broker/oauth/client-source.ts';
import { discover } from '../../../broker/oauth/discover.ts';
import { issuerOf } from '../../../broker/oauth/find-sign-in.ts';
import { issuerMetadata } from '../../../broker/oauth/issuer-metadata.ts';
import { createAddServerFlow } from '../../../broker/servers/add.ts';
import { createRegistry, type ServerRecord } from '../../../broker/servers/registry.ts';
import type { ProblemError } from '../../../shared/contract/problems.ts';
import type { SignInWish } from '../../../shared/contract/sign-in-settings.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { startEverythingServer } from '../../servers/everything-server.ts';
import { sendJson, startLoopbackServer } from '../../servers/loopback-server.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import {
  startHangingServer,
  startHugeMetadataServer,
  startWebPage,
  unreachableOrigin,
} from '../../servers/odd-servers.ts';
import { startOldServer } from '../../servers/old-server.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Adding a server as the broker wires it, with a shelf in memory. */
const createDesk = () => {
  const clock = createVirtualClock();
  const net = createNet(clock);
  open.push(net.close);
  let records: readonly ServerRecord[] = [];
  const registry = createRegistry(
    {
      read: () => records,
      write: (next) => {
        records = next;
      },
    },
    () => undefined,
  );
  const flow = createAddServerFlow({
    identityAt: () => ({ isFor: () => false, keyPair: () => Promise.reject(new Error('unasked')) }),
    registry,
    fetchFor: net.fetchFor,
    findSignInFor:
      (zone, { kind = 'person', clientId }) =>
      async (server, challenge) => {
        const holdsClient = () => false;
        const found = await discover(net.fetchFor(zone), server, challenge, {
          holdsClient,
          exceptions: new Set(),
        });
        const wish = { kind, given: clientId !== undefined, documentUrl: undefined };
        return { ...found, client: clientSource(found.metadata, { ...wish, holdsClient }) };
      },
    lookUpIssuer: (issuer, zone, { exceptions }) =>
      issuerMetadata(net.fetchFor(zone), issuerOf(issuer), new Set(exceptions)),
    showing: (_source, _server, zone) => Promise.resolve(net.fetchFor(zone)),
    now: clock.now,
  });
  return { ...flow, clock, records: () => records };
};

const good = (text: string) => ({ tone: 'good', text });

describe('asking an address what it is (T2, T3)', () => {
  it('finds an open server of both eras by one modern question', async () => {
    await using mcp = await startMcpServer();
    const report = await createDesk().probe(mcp.url);
    expect(report).toEqual({
      url: mcp.url,
      name: expect.any(String),
      signIn: 'not-needed',
      findings: [
        good(
          `${new URL(mcp.url).host} is an MCP server that calls itself ${JSON.stringify(report.name)}`,
        ),
        good('it needs no sign-in'),
      ],
    });
    expect(report.name).not.toBe('unnamed');
    expect(mcp.seen).toEqual([
      expect.objectContaining({
        method: 'server/discover',
        protocolVersion: '2026-07-28',
        status: 200,
      }),
    ]);
  });

  it('finds a server of the modern era alone', async () => {
    await using mcp = await startMcpServer({ eras: 'modern' });
    expect(await createDesk().probe(mcp.url)).toMatchObject({ signIn: 'not-needed' });
  });

  it('finds a server of the legacy era alone', async () => {
    await using mcp = await startEverythingServer();
    const report = await createDesk().probe(mcp.url);
    expect(report).toMatchObject({
      signIn: 'not-needed',
      name: expect.stringMatching(/everything/),
    });
    expect(mcp.seen.map(({ method }) => method)).toEqual(['server/discover', 'initialize']);
  });

  it('finds a server of 2024-11-05, which names itself to nobody who only asks (T21)', async () => {
    await using mcp = await startOldServer();
    expect(await createDesk().probe(mcp.url)).toEqual({
      ...{ url: mcp.url, signIn: 'not-needed' },
      findings: [
        good(`${new URL(mcp.url).host} is an MCP server of the oldest kind (HTTP+SSE)`),
        good('it needs no sign-in'),
      ],
    });
  });

  it('finds who signs people in to one of 2024-11-05 that asks for it only at its stream', async () => {
    await using as = await startAuthorizationServer();
    await using old = await startLoopbackServer((origin) => async (req, res) => {
      const challenge = `Bearer resource_metadata="${origin}/metadata"`;
      if (req.url === '/metadata')
        sendJson(res, 200, { resource: `${origin}/sse`, authorization_servers: [as.issuer] });
      else if (req.method !== 'GET') res.writeHead(404).end();
      else res.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    expect(await createDesk().probe(`${old.origin}/sse`)).toMatchObject({
      signIn: 'oauth',
      issuer: as.issuer,
    });
  });

  it.each([
    ['on which nothing comes', ': hello\n\n'],
    ['that begins with a message', 'event: message\ndata: /messages\n\n'],
    ['that says nowhere', 'event: endpoint\ndata:\n\n'],
  ])('finds no server in a stream %s', async (_what, events) => {
    let opened = false;
    await using other = await startLoopbackServer(() => async (req, res) => {
      if (req.method !== 'GET') return void res.writeHead(405).end();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(events);
      opened = true;
    });
    const desk = createDesk();
    let code = '';
    void desk.probe(`${other.origin}/sse`).catch((error: ProblemError) => (code = error.code));
    await expect.poll(() => opened, eventually).toBe(true);
    await desk.clock.advance(10_000);
    await expect.poll(() => code, eventually).toBe('not-mcp');
  });

  it('finds who signs people in, and that Drawbridge can register there', async () => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as });
    expect(await createDesk().probe(mcp.url)).toEqual({
      url: mcp.url,
      signIn: 'oauth',
      issuer: as.issuer,
      registration: 'dynamic',
      findings: [
        good(`${new URL(mcp.url).host} wants a sign-in`),
        good(`you sign in at ${new URL(as.issuer).host}`),
        good('Drawbridge can register there by itself'),
      ],
    });
    // A look is no sign-in: nobody registers for it.
    expect(as.count({ endpoint: 'registration' })).toBe(0);
  });

  it('says that it will try at the server itself where nothing says where to sign in (L1)', async () => {
    await using paper = await startPaperServer(() => ({ '/mcp': { status: 401 } }));
    expect(await createDesk().probe(`${paper.origin}/mcp`)).toEqual({
      url: `${paper.origin}/mcp`,
      signIn: 'oauth',
      issuer: paper.origin,
      findings: [
        good(`${new URL(paper.origin).host} wants a sign-in`),
        { tone: 'attention', text: expect.stringContaining('does not say where') },
      ],
    });
    // Whether anybody registers there is for the sign-in to find out: a look asks for nothing.
    expect(paper.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /mcp',
      'GET /.well-known/oauth-protected-resource/mcp',
      'GET /.well-known/oauth-protected-resource',
      'GET /.well-known/oauth-authorization-server',
    ]);
  });

  it('says so when somebody has to ask the operator for a client id', async () => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as });
    as.misbehave.metadata('no-registration');
    expect(await createDesk().probe(mcp.url)).toMatchObject({
      registration: 'none',
      findings: expect.arrayContaining([
        { tone: 'attention', text: expect.stringContaining('client id from the operator') },
      ]),
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a name in the legacy place', { serverInfo: { name: 'old' } }, 'old'],
    [
      'a name in the modern place',
      { _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'new' } } },
      'new',
    ],
    ['no name', {}, 'unnamed'],
  ])('reads an answer with %s', async (_name, result, name) => {
    for (const body of [
      { body: { jsonrpc: '2.0', id: 0, result } },
      {
        headers: { 'content-type': 'text/event-stream' },
        body: `: hello\r\n\r\nevent: message\r\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: 0, result })}\r\n\r\n`,
      },
      {
        headers: { 'content-type': 'text/event-stream; charset=utf-8' },
        body: `id: 1\ndata:\n\ndata: {"jsonrpc":"2.0","id":0,\ndata: "result":${JSON.stringify(result)}}\n\n`,
      },
    ] satisfies Sheet[]) {
      await using paper = await startPaperServer(() => ({ '/mcp': body }));
      expect(await createDesk().probe(`${paper.origin}/mcp`)).toMatchObject({ name });
    }
  });

  it('quotes what a server calls itself', async () => {
    const name = 'Bank" - trust it';
    await using paper = await startPaperServer(() => ({
      '/mcp': { body: { jsonrpc: '2.0', id: 0, result: { serverInfo: { name } } } },
    }));
    const { findings } = await createDesk().probe(`${paper.origin}/mcp`);
    expect(findings[0]?.text).toContain(JSON.stringify(name));
  });
});

describe('asking an address that is no MCP server', () => {
  it('finds a web page', async () => {
    await using page = await startWebPage();
    await expect(createDesk().probe(`${page.origin}/mcp`)).rejects.toMatchObject({
      code: 'not-mcp',
      message: `${new URL(page.origin).host} answers, but not as an MCP server`,
      hint: 'check the path: it often ends in /mcp',
    });
  });

  it.each<[string, Sheet | 'hang', string]>([
    ['404', { status: 404 }, 'not-mcp'],
    ['403', { status: 403, body: '<h1>blocked</h1>' }, 'not-mcp'],
    ['other JSON', { body: { ok: true } }, 'not-mcp'],
    [
      'a JSON-RPC error',
      { body: { jsonrpc: '2.0', id: 0, error: { code: -32601, message: 'no' } } },
      'not-mcp',
    ],
    [
      'half of JSON',
      { headers: { 'content-type': 'application/json' }, body: '{"jsonrpc":"2.0","res' },
      'not-mcp',
    ],
    ['500', { status: 500, body: 'oops' }, 'server-trouble'],
    ['503', { status: 503 }, 'server-trouble'],
    ['429', { status: 429 }, 'server-trouble'],
    ['a redirect', { status: 301, headers: { location: '/elsewhere' } }, 'redirect-refused'],
    ['a huge answer', { body: 'x'.repeat(600 * 1024) }, 'answer-too-large'],
    [
      '401 with Basic',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
      'no-sign-in-service',
    ],
  ])('finds %s', async (_name, sheet, code) => {
    await using paper = await startPaperServer(() => ({ '/mcp': sheet }));
    const failure = await createDesk()
      .probe(`${paper.origin}/mcp`)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).not.toMatch(/oops|blocked/);
  });

  it('gives a silent one 10 s, and does not ask it twice', async () => {
    await using silent = await startHangingServer();
    const { probe, clock } = createDesk();
    let failure: unknown;
    void probe(silent.origin).catch((error: unknown) => {
      failure = error;
    });
    await expect.poll(() => clock.waits()).toEqual([10_000]);
    await clock.advance(9999);
    expect(failure).toBeUndefined();
    await clock.advance(1);
    await expect.poll(() => failure).toMatchObject({ code: 'server-too-slow' });
    expect(clock.waits()).toEqual([]);
  });

  it('refuses huge metadata', async () => {
    await using huge = await startHugeMetadataServer();
    await expect(createDesk().probe(`${huge.origin}/mcp`)).rejects.toMatchObject({
      code: 'answer-too-large',
    });
  });

  it('finds nobody', async () => {
    const origin = await unreachableOrigin();
    await expect(createDesk().probe(origin)).rejects.toMatchObject({ code: 'server-unreachable' });
    await expect(createDesk().probe('nonexistent.invalid')).rejects.toMatchObject({
      code: 'server-unreachable',
    });
  });

  it('that nobody may name is never asked, although a person typed it (A41)', async () => {
    await expect(
      createDesk().probe('https://169.254.169.254/latest/meta-data'),
    ).rejects.toMatchObject({
      code: 'address-refused',
    });
  });
});

describe('adding a server', () => {
  it('keeps what it found, and where it was', async () => {
    await using as = await startAuthorizationServer();
    await using closed = await startMcpServer({ authorizationServer: as });
    await using openOne = await startMcpServer();
    const { add, records, clock } = createDesk();

    await add({ url: closed.url, id: 'closed', title: 'Closed' });
    const { record, probe } = await add({ url: openOne.url });

    expect(records()).toEqual([
      {
        id: 'closed',
        kind: 'mcp',
        title: 'Closed',
        url: closed.url,
        tokenSource: 'oauth',
        zone: 'loopback',
        accounts: ['default'],
        defaultAccount: 'default',
        signedOut: [],
        addedAt: clock.now(),
      },
      record,
    ]);
    expect(record).toMatchObject({
      id: 'local',
      title: probe.name,
      tokenSource: 'none',
      zone: 'loopback',
    });
  });

  it('keeps what was settled for its sign-in, but never the secret', async () => {
    await using mcp = await startMcpServer();
    const { add, records } = createDesk();
    const plain = {
      clientId: 'given',
      redirect: 'http://127.0.0.1:4321/callback',
      scopes: ['mcp:read'],
    };
    const secrets = { clientSecret: 'canary-secret', clientKey: 'canary-key' };

    await add({ url: mcp.url, signIn: { ...plain, ...secrets } });

    expect(records()[0]?.signIn).toEqual(plain);
    expect(JSON.stringify(records())).not.toContain('canary');
  });

  it('that is an identity provider keeps it once it has described itself, but never the secret', async () => {
    await using as = await startAuthorizationServer();
    const { addIdentityProvider, records, clock } = createDesk();
    const wish = { issuer: as.issuer, id: 'company', signIn: { clientId: 'given' } };

    const record = await addIdentityProvider({
      ...wish,
      signIn: { ...wish.signIn, clientSecret: 'canary-secret' },
    });

    expect(records()).toEqual([record]);
    expect(record).toEqual({
      id: 'company',
      kind: 'identity-provider',
      title: '127.0.0.1',
      url: `${as.issuer}/`,
      tokenSource: 'oauth',
      zone: 'loopback',
      accounts: ['default'],
      defaultAccount: 'default',
      signedOut: [],
      addedAt: clock.now(),
      signIn: { clientId: 'given' },
    });
    const asked = as.seen.length;
    await expect(addIdentityProvider(wish)).rejects.toMatchObject({ code: 'server-exists' });
    expect([as.seen.length, records().length]).toEqual([asked, 1]);
  });

  it.each([
    ['missing', 'no-sign-in-service'],
    ['another-issuer', 'issuer-mismatch'],
  ] as const)(
    'that is an identity provider whose metadata is %s keeps nothing',
    async (fault, code) => {
      await using as = await startAuthorizationServer();
      as.misbehave.metadata(fault);
      const { addIdentityProvider, records } = createDesk();
      const adding = addIdentityProvider({ issuer: as.issuer, signIn: { clientId: 'given' } });
      await expect(adding).rejects.toMatchObject({ code });
      expect(records()).toEqual([]);
    },
  );

  it('that is an identity provider may break a rule that is allowed, and only then', async () => {
    await using as = await startAuthorizationServer();
    as.misbehave.metadata('slash-issuer');
    const { addIdentityProvider, records } = createDesk();
    const wish = { issuer: as.issuer, signIn: { clientId: 'given' } };
    await expect(addIdentityProvider(wish)).rejects.toMatchObject({
      code: 'issuer-mismatch',
      exception: 'issuer-slash',
    });
    await addIdentityProvider({
      ...wish,
      signIn: { ...wish.signIn, exceptions: ['issuer-slash'] },
    });
    expect(records()[0]?.signIn).toEqual({ clientId: 'given', exceptions: ['issuer-slash'] });
  });

  it.each<[string, SignInWish, string]>([
    ['a client id that was given', { clientId: 'given' }, 'given'],
    ['nobody to sign in and no client id', { kind: 'client-credentials' }, 'none'],
    [
      'nobody to sign in and a client id',
      { kind: 'client-credentials', clientId: 'given' },
      'given',
    ],
  ])('says with %s whether one is still needed', async (_name, signIn, registration) => {
    await using as = await startAuthorizationServer();
    await using mcp = await startMcpServer({ authorizationServer: as });
    if (signIn.kind === undefined) as.misbehave.metadata('no-registration');

    const { probe } = await createDesk().add({ url: mcp.url, signIn });

    expect(probe.registration).toBe(registration);
    const said = probe.findings.map(({ tone, text }) => `${tone}: ${text}`).join('\n');
    expect(said).not.toContain('can register there by itself');
    expect(said.includes('attention')).toBe(registration === 'none');
    expect(said.includes('it needs a client id')).toBe(registration === 'none');
  });

  it('twice asks nobody the second time', async () => {
    await using mcp = await startMcpServer();
    const { add, records } = createDesk();
    await add({ url: mcp.url });
    const asked = mcp.seen.length;
    await expect(add({ url: mcp.url })).rejects.toMatchObject({ code: 'server-exists' });
    expect([mcp.seen.length, records().length]).toEqual([asked, 1]);
  });

  it('twice at the same moment keeps one', async () => {
    await using mcp = await startMcpServer();
    const { add, records } = createDesk();
    const both = await Promise.allSettled([add({ url: mcp.url }), add({ url: mcp.url })]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(records()).toHaveLength(1);
  });

  it('keeps nothing of one that is none', async () => {
    await using page = await startWebPage();
    const { add, records } = createDesk();
    await expect(add({ url: page.origin })).rejects.toMatchObject({ code: 'not-mcp' });
    expect(records()).toEqual([]);
  });
});
