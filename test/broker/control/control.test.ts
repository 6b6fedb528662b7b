/** Does each route do its deed, and say what is wrong, wherever the control plane is mounted? */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reachBroker } from '../../../broker/broker.ts';
import {
  type Answer,
  type ControlClient,
  createControlClient,
} from '../../../shared/contract/client.ts';
import { type ProblemCode, ProblemError } from '../../../shared/contract/problems.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import type { LoopbackServer } from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { startWebPage, unreachableOrigin } from '../../servers/odd-servers.ts';

const ORIGIN = 'http://127.0.0.1:4000';

let signInService: AuthorizationServer;
let guarded: McpTestServer;
let open: McpTestServer;
let webPage: LoopbackServer;
let drawbridge: InProcessBroker;

beforeAll(async () => {
  signInService = await startAuthorizationServer();
  guarded = await startMcpServer({ authorizationServer: signInService });
  open = await startMcpServer();
  webPage = await startWebPage();
  drawbridge = await startInProcessBroker();
  drawbridge.broker.servesWindowAt(ORIGIN);
});
afterAll(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await webPage.close();
  await open.close();
  await guarded.close();
  await signInService.close();
});

/** A browser that came in by a one-time link. */
const asBrowser = async (): Promise<Answer> => {
  const { web } = drawbridge.broker;
  const entered = await web(new Request(drawbridge.broker.windowLink()));
  const [cookie = ''] = (entered.headers.get('set-cookie') ?? '').split(';');
  return (request) => {
    const headers = new Headers(request.headers);
    headers.set('cookie', cookie);
    headers.set('sec-fetch-site', 'same-origin');
    return web(new Request(request, { headers }));
  };
};

const mounts: Readonly<Record<string, () => Promise<Answer>>> = {
  'the desktop window': async () => drawbridge.broker.desktop,
  'a browser': asBrowser,
  'a terminal': () => reachBroker(drawbridge.dataFolder, 'terminal'),
  'a window over the terminal’s socket': () => reachBroker(drawbridge.dataFolder, 'window'),
};

/** The code a call was refused with. */
const refusalOf = async (call: Promise<unknown>): Promise<ProblemCode | 'not refused'> =>
  call.then(
    () => 'not refused',
    (error: unknown) => {
      if (error instanceof ProblemError) return error.code;
      throw error;
    },
  );

describe.each(Object.entries(mounts))('through %s', (mount, reach) => {
  let control: ControlClient;
  const key = { server: 'guarded', account: 'default' };
  const stateOf = async (): Promise<unknown> =>
    (await control.snapshot()).servers.find(({ id }) => id === key.server)?.accounts[0]?.state;

  beforeAll(async () => {
    control = createControlClient(await reach(), ORIGIN);
    await control.addServer({ id: 'guarded', url: guarded.url });
  });
  // Whatever a test left behind is not the next one's business.
  afterEach(() => control.removeServer({ server: 'opened' }).catch(() => undefined));
  afterAll(() => control.removeServer({ server: 'guarded' }));

  it('shows what there is', async () => {
    const snapshot = await control.snapshot();
    expect(snapshot).toMatchObject({
      version: '0.0.0-test',
      vault: { kind: 'passphrase' },
      doors: { http: drawbridge.baseOfDoor },
      servers: [
        { id: 'guarded', url: guarded.url, accounts: [{ id: 'default', state: 'needs-sign-in' }] },
      ],
    });
  });

  it('probes a server that wants a sign-in', async () => {
    // A service of its own: at the other one a client is registered as soon as somebody has signed in.
    await using service = await startAuthorizationServer();
    await using server = await startMcpServer({ authorizationServer: service });
    expect(await control.probe({ url: server.url })).toMatchObject({
      signIn: 'oauth',
      issuer: service.issuer,
      registration: 'dynamic',
    });
  });

  it('probes a server that is open, and keeps nothing', async () => {
    const before = (await control.snapshot()).servers;
    expect(await control.probe({ url: open.url })).toMatchObject({
      signIn: 'not-needed',
      name: 'drawbridge-test-server',
    });
    expect((await control.snapshot()).servers).toEqual(before);
  });

  it.each<[string, () => string | Promise<string>, ProblemCode]>([
    ['nothing', () => '', 'not-a-url'],
    ['words', () => 'my server', 'not-a-url'],
    ['plain http elsewhere', () => 'http://mcp.example.com/', 'insecure-url'],
    ['another scheme', () => 'ftp://mcp.example.com/', 'unsupported-url'],
    ['a password in it', () => 'https://u:p@mcp.example.com/', 'unsupported-url'],
    ['a web page', () => webPage.origin, 'not-mcp'],
    ['nobody there', () => unreachableOrigin(), 'server-unreachable'],
    ['endless text', () => `https://${'x'.repeat(5_000)}.example`, 'bad-request'],
  ])('refuses an address with %s', async (_what, address, code) => {
    expect(await refusalOf(control.probe({ url: await address() }))).toBe(code);
  });

  it('adds a server with the title wished for, and removes it again', async () => {
    const { server, probe } = await control.addServer({
      url: open.url,
      id: 'opened',
      title: 'My "server"',
    });
    expect([server.title, server.accounts[0]?.state, probe.signIn]).toEqual([
      'My "server"',
      'open',
      'not-needed',
    ]);
    await control.removeServer({ server: 'opened' });
    expect((await control.snapshot()).servers.map(({ id }) => id)).toEqual(['guarded']);
  });

  it('calls a server something else, which AI clients go on to know by its id', async () => {
    const before = (await control.snapshot()).servers[0]?.title ?? '';
    const { server } = await control.renameServer(
      { server: 'guarded' },
      { title: '  The <best> ' },
    );
    const [shown] = (await control.snapshot()).servers;
    expect([server.title, shown?.title, shown?.id, shown?.url]).toEqual([
      ...['The <best>', 'The <best>', 'guarded', guarded.url],
    ]);
    for (const title of ['', '   ', 'x'.repeat(101)])
      expect(await refusalOf(control.renameServer({ server: 'guarded' }, { title }))).toBe(
        'bad-request',
      );
    await control.renameServer({ server: 'guarded' }, { title: before });
    expect((await control.snapshot()).servers[0]?.title).toBe(before);
  });

  it.each<[string, () => { url: string; id?: string; title?: string }, ProblemCode]>([
    [
      'an address that is there already',
      () => ({ url: guarded.url, id: 'again' }),
      'server-exists',
    ],
    ['an id that is taken', () => ({ url: open.url, id: 'guarded' }), 'server-exists'],
    ['an id of the wrong form', () => ({ url: open.url, id: 'No Such Id' }), 'bad-request'],
    ['a title of nothing', () => ({ url: open.url, title: '' }), 'bad-request'],
    ['no MCP server behind it', () => ({ url: webPage.origin }), 'not-mcp'],
  ])('does not add a server with %s', async (_what, wish, code) => {
    expect(await refusalOf(control.addServer(wish()))).toBe(code);
    expect((await control.snapshot()).servers.map(({ id }) => id)).toEqual(['guarded']);
  });

  it('signs in by a link, joins a second click to the first, and signs out', async () => {
    const { step } = await control.signIn(key, { openBrowser: false });
    await control.signIn(key, { openBrowser: false });
    const [{ link }, { link: same }] = await Promise.all([
      control.signInLink(key),
      control.signInLink(key),
    ]);
    await consentByScript(link);
    await expect.poll(stateOf, eventually).toBe('signed-in');
    expect([step, link === same]).toEqual(['discovering', true]);

    const before = signInService.count({ grantType: 'refresh_token' });
    await control.renew(key);
    expect(signInService.count({ grantType: 'refresh_token' }) - before).toBe(1);

    expect(await control.signOut(key)).toEqual({ revoked: 'yes' });
    expect([await stateOf(), await control.signOut(key)]).toEqual([
      'needs-sign-in',
      { revoked: 'nothing-to-revoke' },
    ]);
  });

  it('cancels a sign-in, and does not mind when there is none', async () => {
    await control.signIn(key, { openBrowser: false });
    const link = await control.signInLink(key);
    await control.cancelSignIn(key);
    expect([link.link.startsWith(signInService.issuer), await stateOf()]).toEqual([
      true,
      'needs-sign-in',
    ]);
    expect(await control.cancelSignIn(key)).toEqual({});
  });

  it('tells those who wait for the link of a sign-in that was cancelled', async () => {
    await control.signIn(key, { openBrowser: false });
    const waiting = refusalOf(control.signInLink(key));
    await control.cancelSignIn(key);
    // Cancelled before or after the link was known: either is an end.
    expect(['sign-in-cancelled', 'not refused', 'not-found']).toContain(await waiting);
    expect(await refusalOf(control.signInLink(key))).toBe('not-found');
  });

  it('says not-found for what is not there', async () => {
    const nowhere = { server: 'nowhere', account: 'default' };
    const nobody = { server: 'guarded', account: 'nobody' };
    expect(
      await Promise.all(
        [
          control.removeServer({ server: 'nowhere' }),
          control.renameServer({ server: 'nowhere' }, { title: 'Nowhere' }),
          control.signIn(nowhere, {}),
          control.signIn(nobody, {}),
          control.signInLink(nowhere),
          control.signOut(nowhere),
          control.signOut(nobody),
          control.renew(nowhere),
          control.renew(nobody),
        ].map(refusalOf),
      ),
    ).toEqual(Array(9).fill('not-found'));
  });

  it('does not sign in to a server that needs none, nor renew what is not there', async () => {
    await control.addServer({ url: open.url, id: 'opened' });
    const refusals = [
      await refusalOf(control.signIn({ server: 'opened', account: 'default' }, {})),
      await refusalOf(control.renew(key)),
    ];
    await control.removeServer({ server: 'opened' });
    expect(refusals).toEqual(['bad-request', 'needs-sign-in']);
  });

  it('opens a vault that is open already', async () => {
    expect(await control.openVault({})).toEqual({ kind: 'passphrase', state: 'open' });
  });

  it('hands out secrets and keys to a terminal only', async () => {
    const calls = [
      refusalOf(control.token(key)),
      refusalOf(control.makeDoorKey({ aiClient: 'test' })),
      refusalOf(control.windowLink()),
    ];
    expect(await Promise.all(calls)).toEqual(
      mount === 'a terminal'
        ? ['needs-sign-in', 'not refused', 'not refused']
        : ['not-allowed', 'not-allowed', 'not-allowed'],
    );
  });

  it('lists the keys of the HTTP door and revokes them', async () => {
    const { id } = await drawbridge.control.makeDoorKey({ aiClient: 'to be revoked' });
    const names = async () => (await control.doorKeys()).keys.map(({ aiClient }) => aiClient);
    expect(await names()).toContain('to be revoked');
    expect(await control.revokeDoorKey({ id })).toEqual({});
    expect(await names()).not.toContain('to be revoked');
    expect([
      await refusalOf(control.revokeDoorKey({ id })),
      await refusalOf(control.revokeDoorKey({ id: 'no id' })),
    ]).toEqual(['not-found', 'bad-request']);
  });

  it('tells of changes as they happen', async () => {
    const done = new AbortController();
    const counts: number[] = [];
    for await (const { servers } of control.snapshots(done.signal)) {
      counts.push(servers.length);
      if (counts.length === 1) void control.addServer({ url: open.url, id: 'opened' });
      else if (servers.length === 2) done.abort();
    }
    expect([counts[0], counts.at(-1)]).toEqual([1, 2]);
  });
});

describe('a terminal', () => {
  it('gets a token that the server accepts, and when it runs out', async () => {
    await drawbridge.signInTo('guarded', guarded.url);
    const { token, expiresAt = 0 } = await drawbridge.control.token({
      server: 'guarded',
      account: 'default',
    });
    await drawbridge.control.removeServer({ server: 'guarded' });
    expect(signInService.issued()).toContain(token);
    expect(expiresAt).toBeGreaterThan(Date.now());
  });

  it('gets a door key of its own each time', async () => {
    const first = await drawbridge.control.makeDoorKey({ aiClient: 'a' });
    const second = await drawbridge.control.makeDoorKey({ aiClient: 'a' });
    expect([first.key === second.key, first.key.length > 40]).toEqual([false, true]);
  });

  it('is told that nothing runs once the broker has stopped', async () => {
    const other = await startInProcessBroker();
    await other.broker.stop();
    expect([
      await refusalOf(other.control.snapshot()),
      await refusalOf(reachBroker(other.dataFolder, 'terminal')),
    ]).toEqual(['not-running', 'not-running']);
    await other[Symbol.asyncDispose]();
  });
});

describe('a broker', () => {
  it('lets go of a server without sign-ins although its vault is closed', async () => {
    await using other = await startInProcessBroker({
      keychain: async () => ({ failure: 'locked' }),
    });
    await other.addServer('opened', open.url);
    await other.control.removeServer({ server: 'opened' });
    expect(other.broker.snapshot()).toMatchObject({ vault: { state: 'closed' }, servers: [] });
  });

  it('has no link to a window that is mounted nowhere', async () => {
    await using other = await startInProcessBroker();
    expect(await refusalOf(other.control.windowLink())).toBe('not-found');
  });

  it('opens its vault on demand once the keychain is unlocked, and says why it is closed until then', async () => {
    let locked = true;
    const entries = new Map<string, string>();
    await using other = await startInProcessBroker({
      keychain: async (request) => {
        if (locked) return { failure: 'the collection is locked' };
        if (request.deed === 'set') entries.set(request.user, request.secret);
        return { value: entries.get(request.user) ?? null };
      },
    });
    const before = await refusalOf(other.control.openVault({}));
    locked = false;
    expect([before, await other.control.openVault({})]).toEqual([
      'vault-locked',
      { kind: 'keychain', state: 'open' },
    ]);
  });
});
