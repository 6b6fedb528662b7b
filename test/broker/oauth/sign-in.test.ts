import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { type PaperServer, type Sheet, startPaperServer } from '../../doubles/paper-server.ts';
import {
  type ConsentOptions,
  consentByScript,
  type ScriptedConsent,
} from '../../servers/authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';
import { hashToken } from '../../servers/mcp-front.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import {
  callbackOf,
  createMemoryRegistrations,
  failureOf,
  isClosed,
  type SigningInOptions,
  startSigningIn,
} from './signing-in.ts';

const PERSON_MS = 10 * 60_000;

/** A browser whose person decides at once; what it showed at the end is in `ends`. */
const person = (options: ConsentOptions = {}) => {
  const ends: Promise<ScriptedConsent>[] = [];
  return {
    ends,
    browser: async (address: URL) => {
      ends.push(consentByScript(address.href, options));
    },
  };
};

/** A person's browser that stands before the callback with a good answer, and may be told to change it. */
const personWho = (change: (callback: URL) => void, options: ConsentOptions = {}) => {
  const pages: Promise<string>[] = [];
  const visit = async (address: URL): Promise<string> => {
    const { callback } = await consentByScript(address.href, { ...options, visitCallback: false });
    const changed = new URL(callback);
    change(changed);
    return (await fetch(changed)).text();
  };
  return { pages, browser: async (address: URL) => void pages.push(visit(address)) };
};

/** The paper kind of authorization server, for what a real one does not do. */
const startPaper = (
  metadata: (origin: string) => Record<string, unknown> = () => ({}),
  rest: Readonly<Record<string, Sheet>> = {},
): Promise<PaperServer> =>
  startPaperServer((origin) => ({
    '/mcp': { status: 401 },
    '/.well-known/oauth-protected-resource/mcp': {
      body: {
        resource: `${origin}/mcp`,
        authorization_servers: [origin],
        scopes_supported: ['mcp:read'],
      },
    },
    '/.well-known/oauth-authorization-server': {
      body: {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize?tenant=7`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        code_challenge_methods_supported: ['S256'],
        ...metadata(origin),
      },
    },
    '/register': { status: 201, body: { client_id: 'c1' } },
    ...rest,
  }));

/** The link once it is known, or the failure. */
const linkOf = async (attempt: ReturnType<typeof startSigningIn>): Promise<URL> => {
  const shown = async (): Promise<void> => {
    await expect.poll(() => attempt.opened).toHaveLength(1);
  };
  await Promise.race([shown(), attempt.done]);
  return attempt.opened[0] ?? new URL('about:blank');
};

const startBoth = async (options: Parameters<typeof startAuthorizationServer>[0] = {}) => {
  const as = await startAuthorizationServer(options);
  const mcp = await startMcpServer({ authorizationServer: as });
  return {
    as,
    mcp,
    host: new URL(as.issuer).host,
    [Symbol.asyncDispose]: async () => {
      await mcp.close();
      await as.close();
    },
  };
};

describe('a sign-in', () => {
  it('ends with a token that the server takes, and a page that says so', async () => {
    await using world = await startBoth();
    const { browser, ends } = person({ account: 'grace' });
    await using attempt = startSigningIn(world.mcp.url, { browser });

    const { tokens, resource, client, scopesAsked } = await attempt.done;

    const answer = await fetch(world.mcp.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens.accessToken.reveal()}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });
    expect(answer.status).toBe(200);
    expect(world.mcp.seen.at(-1)?.tokenHash).toBe(hashToken(tokens.accessToken.reveal()));
    expect(tokens.refreshToken?.reveal()).toBeTypeOf('string');
    expect(resource).toBe(world.mcp.url);
    expect(scopesAsked).toEqual(['mcp:read', 'mcp:tools', 'offline_access']);
    expect(client).toEqual(attempt.registrations.find(world.as.issuer));
    expect(await ends[0]).toMatchObject({
      status: 200,
      page: expect.stringContaining('You are signed in'),
    });
    expect(attempt.steps).toEqual([
      'discovering',
      'registering',
      'opening-browser',
      'waiting-for-browser',
      'exchanging',
      'saving',
    ]);
    expect(await isClosed(callbackOf(attempt.opened[0] ?? ''))).toBe(true);
    expect(attempt.clock.waits()).toEqual([]);
  });

  it('asks with PKCE, a state and the resource, and shows the same address as the link (A14, A23, A37)', async () => {
    await using world = await startBoth();
    await using attempt = startSigningIn(world.mcp.url, { browser: person().browser });
    await attempt.done;

    const [address = new URL('about:blank')] = attempt.opened;
    const asked = Object.fromEntries(address.searchParams);
    expect(address.origin + address.pathname).toBe(`${world.as.issuer}/auth`);
    expect(asked).toEqual({
      response_type: 'code',
      client_id: attempt.registrations.find(world.as.issuer)?.clientId,
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback\/[\w-]{16}$/),
      code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      resource: world.mcp.url,
      scope: 'mcp:read mcp:tools offline_access',
      prompt: 'consent',
    });
    expect(attempt.links).toEqual([address.href]);
    // The server itself saw the very resource in both requests.
    const { resource } = await attempt.done;
    for (const endpoint of ['authorization', 'token'] as const) {
      expect(world.as.count({ endpoint, resource })).toBe(1);
    }
  });

  it('sends the resource as the server spells it, and the verifier of its challenge (A14, A25)', async () => {
    // A bare origin, which `URL.href` would write with a slash.
    await using paper = await startPaper(undefined, {
      '/token': { body: { access_token: 'fake-at', token_type: 'Bearer' } },
    });
    await using prm = await startPaperServer((origin) => ({
      '/mcp': { status: 401 },
      '/.well-known/oauth-protected-resource': {
        body: { resource: origin, authorization_servers: [paper.origin] },
      },
    }));
    await using attempt = startSigningIn(`${prm.origin}/mcp`);
    const link = await linkOf(attempt);
    await fetch(`${callbackOf(link)}?code=fake-code&state=${link.searchParams.get('state')}`);
    await attempt.done;

    const sent = new URLSearchParams(paper.seen.find(({ path }) => path === '/token')?.body);
    expect(link.searchParams.get('resource')).toBe(prm.origin);
    expect(link.searchParams.get('tenant')).toBe('7');
    expect(Object.fromEntries(sent)).toEqual({
      grant_type: 'authorization_code',
      code: 'fake-code',
      redirect_uri: callbackOf(link).href,
      code_verifier: expect.stringMatching(/^[A-Za-z0-9_-]{43,128}$/),
      client_id: 'c1',
      resource: prm.origin,
    });
    expect(
      createHash('sha256')
        .update(sent.get('code_verifier') ?? '')
        .digest('base64url'),
    ).toBe(link.searchParams.get('code_challenge'));
  });

  it('never uses a state or a challenge twice (A37)', async () => {
    await using world = await startBoth();
    const registrations = createMemoryRegistrations();
    const seen = new Set<string | null>();
    for (let round = 0; round < 2; round += 1) {
      await using attempt = startSigningIn(world.mcp.url, { ...person(), registrations });
      await attempt.done;
      seen.add(attempt.opened[0]?.searchParams.get('state') ?? null);
      seen.add(attempt.opened[0]?.searchParams.get('code_challenge') ?? null);
    }
    expect(seen.size).toBe(4);
  });

  it('succeeds with a browser that is back before it has finished opening', async () => {
    await using world = await startBoth();
    let end: ScriptedConsent | undefined;
    const browser = async (address: URL) => {
      end = await consentByScript(address.href);
    };
    await using attempt = startSigningIn(world.mcp.url, { browser });
    await attempt.done;
    await expect
      .poll(() => end)
      .toMatchObject({ page: expect.stringContaining('You are signed in') });
  });

  it('succeeds when no browser opens and the person follows the link', async () => {
    await using world = await startBoth();
    const browser = () => Promise.reject(new Error('no browser'));
    await using attempt = startSigningIn(world.mcp.url, { browser });
    const link = await linkOf(attempt);
    await consentByScript(link.href);
    expect((await attempt.done).tokens.accessToken.reveal()).toBeTypeOf('string');
  });

  it('takes an ID token that is signed as the server announces, and learns who it was', async () => {
    await using world = await startBoth({ scopes: ['mcp:tools', 'openid'] });
    await using attempt = startSigningIn(world.mcp.url, person({ account: 'grace' }));
    expect((await attempt.done).tokens).toMatchObject({ subject: 'grace' });
  });
});

describe('offline_access (A30)', () => {
  const scopeAsked = async (scopes_supported: string[] | undefined) => {
    await using paper = await startPaper(() => ({ scopes_supported }));
    await using attempt = startSigningIn(`${paper.origin}/mcp`);
    const { searchParams } = await linkOf(attempt);
    const registered = JSON.parse(
      paper.seen.find(({ path }) => path === '/register')?.body ?? '{}',
    );
    return [searchParams.get('scope'), searchParams.get('prompt'), registered.scope];
  };

  it('is asked for, with consent, where the server offers it', async () => {
    expect(await scopeAsked(['mcp:read', 'offline_access'])).toEqual([
      'mcp:read offline_access',
      'consent',
      'mcp:read offline_access',
    ]);
  });

  it.each([[['mcp:read']], [undefined]])('is left alone where it offers %s', async (scopes) => {
    expect(await scopeAsked(scopes)).toEqual(['mcp:read', null, 'mcp:read']);
  });
});

describe('a sign-in is refused before anybody is asked', () => {
  it.each([
    ['absent', undefined],
    ['without S256', ['plain']],
    ['empty', []],
  ])('when PKCE is %s (A15)', async (_name, code_challenge_methods_supported) => {
    await using paper = await startPaper(() => ({ code_challenge_methods_supported }));
    await using attempt = startSigningIn(`${paper.origin}/mcp`);
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'pkce-unsupported' });
    expect([attempt.opened, attempt.links]).toEqual([[], []]);
    expect(paper.paths()).not.toContain('/register');
  });

  it('when a real server stops announcing PKCE (A15)', async () => {
    await using world = await startBoth();
    world.as.misbehave.metadata('no-pkce');
    await using attempt = startSigningIn(world.mcp.url, person());
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'pkce-unsupported' });
    expect(world.as.seen.filter(({ endpoint }) => endpoint !== 'metadata')).toEqual([]);
  });

  it.each([
    ['javascript:alert(1)', 'address-refused'],
    ['file:///etc/passwd', 'address-refused'],
    ['data:text/html,hello', 'address-refused'],
    ['vbscript:x', 'address-refused'],
    ['smb://host/share', 'address-refused'],
    ['mailto:a@b.example', 'address-refused'],
    ['http://login.example.com/authorize', 'address-refused'],
    ['http://127.0.0.1.example.com/authorize', 'address-refused'],
    ['authorize', 'bad-answer'],
    [undefined, 'no-sign-in-service'],
  ])('when the page to open is %s (A40)', async (authorization_endpoint, code) => {
    await using paper = await startPaper(() => ({ authorization_endpoint }));
    await using attempt = startSigningIn(`${paper.origin}/mcp`);
    const failure = await failureOf(attempt.done);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).not.toContain('example.com');
    expect([attempt.opened, attempt.links]).toEqual([[], []]);
  });

  it('when the resource is another one (A6)', async () => {
    await using world = await startBoth();
    world.mcp.misbehave.metadata('another-resource');
    await using attempt = startSigningIn(world.mcp.url, person());
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'resource-mismatch' });
    expect(world.as.seen).toEqual([]);
  });

  it('when registration is closed', async () => {
    await using world = await startBoth();
    world.as.misbehave.metadata('no-registration');
    await using attempt = startSigningIn(world.mcp.url, person());
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'registration-unavailable' });
    expect(attempt.opened).toEqual([]);
  });
});

describe('a sign-in that the person ends', () => {
  it('by saying no is refused, and the client, which was recognised, is kept', async () => {
    await using world = await startBoth();
    const { browser, ends } = person({ deny: true });
    await using attempt = startSigningIn(world.mcp.url, { browser });
    const failure = await failureOf(attempt.done);
    expect(failure).toMatchObject({
      code: 'access-denied',
      message: `${world.host} was told no`,
      hint: 'sign in again and allow the access',
    });
    expect((await ends[0])?.page).toContain('The sign-in did not work');
    expect(attempt.registrations.all.size).toBe(1);
    expect(await isClosed(callbackOf(attempt.opened[0] ?? ''))).toBe(true);
    expect(world.as.count({ endpoint: 'token' })).toBe(0);
  });

  it('by cancelling closes the listener and leaves no timer', async () => {
    await using world = await startBoth();
    await using attempt = startSigningIn(world.mcp.url);
    const link = await linkOf(attempt);
    expect(await isClosed(callbackOf(link))).toBe(false);
    attempt.cancel();
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-cancelled' });
    expect(await isClosed(callbackOf(link))).toBe(true);
    expect(attempt.clock.waits()).toEqual([]);
    // Who changes their mind says nothing about the client: the next sign-in goes by it.
    expect(attempt.registrations.all.size).toBe(1);
    expect(attempt.registrations.doubts(world.as.issuer)).toBe(false);
  });

  it('while the program is being registered never sees a browser', async () => {
    await using world = await startBoth();
    const registrations = createMemoryRegistrations();
    const kept = Promise.withResolvers<void>();
    const keeping = Promise.withResolvers<void>();
    await using attempt = startSigningIn(world.mcp.url, {
      ...person(),
      registrations: {
        ...registrations,
        keep: async (registration) => {
          keeping.resolve();
          await kept.promise;
          await registrations.keep(registration);
        },
      },
    });
    await keeping.promise;
    attempt.cancel();
    kept.resolve();
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-cancelled' });
    expect([attempt.opened, attempt.links]).toEqual([[], []]);
    // Nobody was asked, so nothing speaks against the registration.
    expect(registrations.all.size).toBe(1);
  });

  it('while the metadata is on its way never sees a browser', async () => {
    await using world = await startBoth();
    world.as.misbehave.metadata('hang');
    await using attempt = startSigningIn(world.mcp.url, person());
    await expect.poll(() => world.as.count({ endpoint: 'metadata' })).toBe(1);
    attempt.cancel();
    await failureOf(attempt.done);
    expect(attempt.opened).toEqual([]);
    expect(attempt.clock.waits()).toEqual([]);
  });

  it('by never coming back times out after 10 minutes', async () => {
    await using world = await startBoth();
    await using attempt = startSigningIn(world.mcp.url);
    const link = await linkOf(attempt);
    let ended = false;
    void failureOf(attempt.done).then(() => {
      ended = true;
    });
    await attempt.clock.advance(PERSON_MS - 1);
    expect([ended, await isClosed(callbackOf(link))]).toEqual([false, false]);
    await attempt.clock.advance(1);
    expect(await failureOf(attempt.done)).toMatchObject({
      code: 'sign-in-timed-out',
      message: 'nobody signed in within 10 minutes',
    });
    expect(await isClosed(callbackOf(link))).toBe(true);
    expect(attempt.registrations.all.size).toBe(0);
  });

  it('with a browser that never says it has opened times out as well', async () => {
    await using world = await startBoth();
    const browser = () => new Promise<never>(() => undefined);
    await using attempt = startSigningIn(world.mcp.url, { browser });
    await linkOf(attempt);
    await attempt.clock.advance(PERSON_MS);
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'sign-in-timed-out' });
  });

  it('is over at once, although a browser holds a spare connection', async () => {
    await using world = await startBoth();
    await using attempt = startSigningIn(world.mcp.url);
    const callback = callbackOf(await linkOf(attempt));
    const silent = connect(Number(callback.port), callback.hostname);
    const halfway = connect(Number(callback.port), callback.hostname);
    for (const socket of [silent, halfway]) socket.on('error', () => undefined);
    halfway.write('GET /callback HTTP/1.1\r\nHost: ');
    await expect.poll(() => silent.readyState + halfway.readyState).toBe('openopen');
    attempt.cancel();
    const late = new Promise((resolve) => setTimeout(() => resolve('still open'), 3000));
    expect(await Promise.race([failureOf(attempt.done), late])).toMatchObject({
      code: 'sign-in-cancelled',
    });
    for (const socket of [silent, halfway]) socket.destroy();
  });
});

/** A request as a page of another site, a scanner or a program could make it. */
const knock = (
  callback: URL,
  { path, method = 'GET', host }: { path: string; method?: string; host?: string },
): Promise<{ status: number | undefined; page: string }> =>
  new Promise((resolve, reject) => {
    const asking = request(
      {
        hostname: callback.hostname,
        port: callback.port,
        path,
        method,
        headers: host === undefined ? {} : { host },
      },
      (answer) => {
        const read = async () => Buffer.concat(await answer.toArray()).toString();
        read().then((page) => resolve({ status: answer.statusCode, page }), reject);
      },
    );
    asking.on('error', reject);
    asking.end();
  });

describe('the loopback listener (A37, A39)', () => {
  it('outlives every stray request, tells none of them anything, and still signs in', async () => {
    await using world = await startBoth();
    await using attempt = startSigningIn(world.mcp.url);
    const link = await linkOf(attempt);
    const callback = callbackOf(link);
    const state = link.searchParams.get('state') ?? '';
    const path = callback.pathname;
    const good = `${path}?code=fake&state=${state}`;

    const answers = [];
    for (const stray of [
      { path: '/favicon.ico' },
      { path: '/' },
      { path: '//' },
      { path: `${path}/` },
      { path: `/callback?code=fake-echo&state=${state}` },
      { path },
      { path: `${path}?code=fake-echo&state=wrong` },
      { path: `${path}?code=fake-echo&state=${state.toUpperCase()}` },
      { path: `${path}?error=fake-echo` },
      { path: good, method: 'POST' },
      { path: good, method: 'HEAD' },
      { path: good, method: 'OPTIONS' },
      { path: good, host: 'evil.example' },
      { path: good, host: `evil.example:${callback.port}` },
      { path: good, host: '127.0.0.1' },
    ]) {
      const { status, page } = await knock(callback, stray);
      expect(page).not.toContain('fake-echo');
      answers.push(status);
    }
    expect(answers).toEqual([
      ...[404, 404, 404, 404, 404],
      ...[400, 400, 400, 400],
      ...[404, 404, 404, 404, 404, 404],
    ]);
    expect(attempt.steps.at(-1)).toBe('waiting-for-browser');

    const end = await consentByScript(link.href);
    expect(end.page).toContain('You are signed in');
    await attempt.done;
  });

  it('takes an answer once', async () => {
    await using token = await startLoopbackServer(() => () => undefined);
    await using paper = await startPaper(() => ({ token_endpoint: `${token.origin}/token` }));
    await using attempt = startSigningIn(`${paper.origin}/mcp`);
    const link = await linkOf(attempt);
    const answer = `${callbackOf(link)}?code=fake&state=${link.searchParams.get('state')}`;
    void fetch(answer).catch(() => undefined);
    await expect.poll(() => attempt.steps.at(-1)).toBe('exchanging');
    expect((await fetch(answer)).status).toBe(400);
  });

  it('shows pages that may load and run nothing', async () => {
    await using paper = await startPaper();
    await using attempt = startSigningIn(`${paper.origin}/mcp`);
    const { headers } = await fetch(new URL('/', callbackOf(await linkOf(attempt))));
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /default-src 'none'.*frame-ancestors 'none'/,
      ),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('the issuer of an answer (A35, A36)', () => {
  const elsewhere = 'https://somebody-else.invalid';
  const say = (callback: URL, parameters: Record<string, string | undefined>): void => {
    for (const [name, value] of Object.entries(parameters)) {
      if (value === undefined) callback.searchParams.delete(name);
      else callback.searchParams.set(name, value);
    }
  };
  const hostile = {
    error: 'access_denied',
    error_description: 'call 555-fake-support',
    error_uri: 'https://fake-support.invalid',
    code: undefined,
  };

  it.each<[string, { announced: boolean; change: (callback: URL) => void; deny?: boolean }]>([
    ['wrong', { announced: true, change: (callback) => say(callback, { iss: elsewhere }) }],
    [
      'absent although announced',
      { announced: true, change: (callback) => say(callback, { iss: undefined }) },
    ],
    ['empty', { announced: true, change: (callback) => say(callback, { iss: '' }) }],
    [
      'wrong and not announced',
      { announced: false, change: (callback) => say(callback, { iss: elsewhere }) },
    ],
    [
      'the right one with a slash',
      {
        announced: true,
        change: (callback) => say(callback, { iss: `${callback.searchParams.get('iss')}/` }),
      },
    ],
    [
      'the right one in capitals',
      {
        announced: true,
        change: (callback) =>
          say(callback, { iss: callback.searchParams.get('iss')?.toUpperCase() }),
      },
    ],
    [
      'wrong, in an error',
      { announced: true, change: (callback) => say(callback, { ...hostile, iss: elsewhere }) },
    ],
    [
      'absent, in an error',
      { announced: true, change: (callback) => say(callback, { ...hostile, iss: undefined }) },
    ],
    [
      'wrong, in a real refusal',
      { announced: true, deny: true, change: (callback) => say(callback, { iss: elsewhere }) },
    ],
  ])('%s: nothing of it is believed or shown', async (_name, { announced, change, deny }) => {
    await using world = await startBoth();
    if (!announced) world.as.misbehave.metadata('iss-unannounced');
    const { browser, pages } = personWho(change, deny === undefined ? {} : { deny });
    await using attempt = startSigningIn(world.mcp.url, { browser });

    const failure = await failureOf(attempt.done);

    expect(failure).toMatchObject({
      code: 'sign-in-mismatch',
      message: `an answer came that ${world.host} should not have given`,
    });
    const page = await pages[0];
    expect(page).toContain('The sign-in did not work');
    expect(page).not.toMatch(/somebody-else|fake-support|denied/);
    expect(world.as.count({ endpoint: 'token' })).toBe(0);
    // Not the issuer's word: its registration is as good as before.
    expect(attempt.registrations.all.size).toBe(1);
    expect(await isClosed(callbackOf(attempt.opened[0] ?? ''))).toBe(true);
  });

  it.each([
    ['right and announced', true, undefined],
    ['right and not announced', false, undefined],
    ['absent and not announced', false, 'iss-absent'],
  ] as const)('%s: proceeds', async (_name, announced, fault) => {
    await using world = await startBoth();
    if (!announced) world.as.misbehave.metadata('iss-unannounced');
    if (fault !== undefined) world.as.misbehave.callback(fault);
    await using attempt = startSigningIn(world.mcp.url, person());
    expect((await attempt.done).metadata.issuer).toBe(world.as.issuer);
  });

  it('with another state is no answer at all, and the wait goes on (A37)', async () => {
    await using world = await startBoth();
    world.as.misbehave.callback('state-wrong', { times: 1 });
    const { browser, ends } = person();
    await using attempt = startSigningIn(world.mcp.url, { browser });
    const link = await linkOf(attempt);
    expect(await ends[0]).toMatchObject({
      status: 400,
      page: expect.stringContaining('Nothing is waiting'),
    });
    await consentByScript(link.href);
    await attempt.done;
  });

  it.each(['iss', 'state', 'code'])(
    'or anything of an answer, %s for one, there twice is no answer at all, and the wait goes on',
    async (name) => {
      await using world = await startBoth();
      const { browser, pages } = personWho((callback) =>
        callback.searchParams.append(name, elsewhere),
      );
      await using attempt = startSigningIn(world.mcp.url, { browser });
      const link = await linkOf(attempt);

      const page = await pages[0];

      expect(page).toContain('Nothing is waiting');
      expect(page).not.toContain('somebody-else');
      expect(world.as.count({ endpoint: 'token' })).toBe(0);
      expect(attempt.steps.at(-1)).toBe('waiting-for-browser');
      await consentByScript(link.href);
      await attempt.done;
    },
  );

  it.each([
    ['access_denied', 'access-denied', 'was told no'],
    ['invalid_scope', 'sign-in-refused', 'does not grant the access that was asked for'],
    ['temporarily_unavailable', 'server-trouble', 'cannot sign anybody in right now'],
    ['server_error', 'server-trouble', 'failed on its side'],
    ['unauthorized_client', 'sign-in-refused', 'refused the sign-in'],
    ['text of the server', 'sign-in-refused', 'refused the sign-in'],
    ['constructor', 'sign-in-refused', 'refused the sign-in'],
    ['__proto__', 'sign-in-refused', 'refused the sign-in'],
  ])('right, with the error %s: said in our own words', async (error, code, words) => {
    await using world = await startBoth();
    const { browser, pages } = personWho((callback) => say(callback, { ...hostile, error }));
    await using attempt = startSigningIn(world.mcp.url, { browser });
    const failure = await failureOf(attempt.done);
    expect(failure).toMatchObject({ code, message: `${world.host} ${words}` });
    expect(JSON.stringify(failure)).not.toContain('fake-support');
    expect(await pages[0]).not.toContain('fake-support');
    expect(attempt.registrations.all.size).toBe(code === 'sign-in-refused' ? 0 : 1);
  });
});

describe('the registration', () => {
  const signInTwice = async (url: string, between: (port: number) => Promise<AsyncDisposable>) => {
    const registrations = createMemoryRegistrations();
    const once = async (options: SigningInOptions) => {
      await using attempt = startSigningIn(url, { ...options, registrations });
      await attempt.done;
      return { callback: callbackOf(attempt.opened[0] ?? ''), steps: attempt.steps };
    };
    const first = await once(person());
    await using _held = await between(Number(first.callback.port));
    const second = await once(person());
    return { first, second, registrations };
  };

  it('is used again, on the port it was made with (A18)', async () => {
    await using world = await startBoth();
    const { first, second } = await signInTwice(
      world.mcp.url,
      async () => new AsyncDisposableStack(),
    );
    expect(second.callback.href).toBe(first.callback.href);
    expect(second.steps).not.toContain('registering');
    expect(world.as.count({ endpoint: 'registration', method: 'POST' })).toBe(1);
    // Looked up before it was relied on.
    expect(world.as.count({ endpoint: 'registration', method: 'GET', status: 200 })).toBe(1);
  });

  it('is changed when its port is taken', async () => {
    await using world = await startBoth();
    const { first, second, registrations } = await signInTwice(world.mcp.url, (port) =>
      startLoopbackServer(() => () => undefined, port),
    );
    expect(second.callback.port).not.toBe(first.callback.port);
    expect(second.callback.pathname).toBe(first.callback.pathname);
    expect(second.steps).not.toContain('registering');
    // One client kept instead of two.
    expect(world.as.count({ endpoint: 'registration', method: 'POST' })).toBe(1);
    expect(world.as.count({ endpoint: 'registration', method: 'PUT', status: 200 })).toBe(1);
    expect(registrations.find(world.as.issuer)?.redirectUri).toBe(second.callback.href);
  });

  it('is not used at another authorization server (A21)', async () => {
    await using one = await startBoth();
    await using other = await startBoth();
    const registrations = createMemoryRegistrations();
    for (const { mcp } of [one, other]) {
      await using attempt = startSigningIn(mcp.url, { ...person(), registrations });
      await attempt.done;
    }
    expect([...registrations.all.keys()]).toEqual([one.as.issuer, other.as.issuer]);
    expect(other.as.count({ endpoint: 'registration' })).toBe(1);
  });

  it('is forgotten when the token endpoint does not know it', async () => {
    await using world = await startBoth();
    world.as.misbehave.token('invalid-client', { times: 1 });
    await using attempt = startSigningIn(world.mcp.url, person());
    expect(await failureOf(attempt.done)).toMatchObject({
      code: 'registration-refused',
      message: `${world.host} no longer recognises Drawbridge`,
    });
    expect(attempt.registrations.all.size).toBe(0);
  });
});

describe('tokens that cannot be kept', () => {
  it('fail the sign-in, and the browser is told', async () => {
    await using world = await startBoth();
    const { browser, ends } = person();
    const full = new ProblemError('cannot-save', 'the disk is full');
    await using attempt = startSigningIn(world.mcp.url, {
      ...{ browser, keep: () => Promise.reject(full) },
    });

    expect(await failureOf(attempt.done)).toBe(full);

    expect((await ends[0])?.page).toContain('The sign-in did not work');
    expect(attempt.steps.at(-1)).toBe('saving');
    // The server did nothing wrong: Drawbridge stays the client it is.
    expect(attempt.registrations.all.size).toBe(1);
    expect(await isClosed(callbackOf(attempt.opened[0] ?? ''))).toBe(true);
  });

  it('are not told of as kept while they are being kept', async () => {
    await using world = await startBoth();
    const { browser, ends } = person();
    const saving = Promise.withResolvers<void>();
    await using attempt = startSigningIn(world.mcp.url, { browser, keep: () => saving.promise });
    await expect.poll(() => attempt.steps.at(-1)).toBe('saving');
    let shown = false;
    void ends[0]?.then(() => (shown = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(shown).toBe(false);

    saving.resolve();

    await attempt.done;
    expect((await ends[0])?.page).toContain('You are signed in');
  });
});

describe('the exchange of the code (A38)', () => {
  it.each([
    ['server-error', 'server-trouble'],
    ['too-many-requests', 'server-trouble'],
    ['waf-page', 'server-trouble'],
    ['portal-page', 'server-trouble'],
    ['truncated', 'server-trouble'],
    ['reset', 'offline'],
    ['invalid-grant', 'sign-in-refused'],
  ] as const)('that meets %s ends as %s, and the browser is told', async (fault, code) => {
    await using world = await startBoth();
    world.as.misbehave.token(fault, { times: 1 });
    const { browser, ends } = person();
    await using attempt = startSigningIn(world.mcp.url, { browser });
    const failure = await failureOf(attempt.done);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(world.host) });
    expect(JSON.stringify(failure)).not.toMatch(/Ray ID|Hotel|grant not found|slow_down/);
    expect((await ends[0])?.page).toContain('The sign-in did not work');
    expect(world.as.count({ endpoint: 'token' })).toBe(1);
    expect(attempt.registrations.all.size).toBe(1);
    expect(await isClosed(callbackOf(attempt.opened[0] ?? ''))).toBe(true);
  });

  it('that hangs ends after 20 s', async () => {
    await using world = await startBoth();
    world.as.misbehave.token('hang', { times: 1 });
    await using attempt = startSigningIn(world.mcp.url, person());
    await expect.poll(() => world.as.count({ endpoint: 'token' })).toBe(1);
    await attempt.clock.advance(20_000);
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'server-trouble' });
    expect(attempt.clock.waits()).toEqual([]);
  });

  it('never goes to an unsafe token endpoint, and says why (A42)', async () => {
    await using paper = await startPaper(() => ({ token_endpoint: 'https://10.0.0.1/token' }));
    await using attempt = startSigningIn(`${paper.origin}/mcp`);
    const link = await linkOf(attempt);
    void fetch(`${callbackOf(link)}?code=fake&state=${link.searchParams.get('state')}`);
    expect(await failureOf(attempt.done)).toMatchObject({ code: 'address-refused' });
  });
});
