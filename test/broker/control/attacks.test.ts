/** Each test is an attack on the control plane, by its name, or a request that no surface of ours would send. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createBrowserSessions,
  type KeptSessions,
  type SessionStore,
} from '../../../broker/control/browser-session.ts';
import { mountWeb } from '../../../broker/control/mounts.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createRandom, mutate } from '../../doubles/mutations.ts';

const ORIGIN = 'http://127.0.0.1:4000';
let drawbridge: InProcessBroker;
let cookie: string;

beforeAll(async () => {
  drawbridge = await startInProcessBroker();
  drawbridge.broker.servesWindowAt(ORIGIN);
  const entered = await drawbridge.broker.web(new Request(drawbridge.broker.windowLink()));
  cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
});
afterAll(() => drawbridge[Symbol.asyncDispose]());

const web = (path: string, init: RequestInit = {}): Promise<Response> =>
  drawbridge.broker.web(new Request(new URL(path, ORIGIN), init));
const withSession = (headers: Record<string, string> = {}) => ({ headers: { cookie, ...headers } });
const codeIn = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { error: { code: string } }).error.code;

describe('a browser', () => {
  it('with its session gets the snapshot, not to be kept by any cache', async () => {
    const response = await web('/api/snapshot', withSession());
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
  });

  it('gets a cookie that scripts cannot read and other sites cannot send', async () => {
    const { status, headers } = await drawbridge.broker.web(
      new Request(drawbridge.broker.windowLink()),
    );
    expect([status, headers.get('location'), headers.get('referrer-policy')]).toEqual([
      303,
      '/',
      'no-referrer',
    ]);
    expect(headers.get('set-cookie')).toMatch(
      /^drawbridge-\w+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/api$/,
    );
  });

  it.each(['no cookie', 'an empty one', 'one of the right name', 'one from elsewhere'])(
    'with %s gets nothing but files',
    async (what) => {
      const [name = ''] = cookie.split('=');
      const given = {
        'an empty one': `${name}=`,
        'one of the right name': `${name}=${'A'.repeat(43)}`,
        'one from elsewhere': 'sid=1',
      };
      const headers = what in given ? { cookie: given[what as keyof typeof given] } : {};
      const response = await web('/api/snapshot', { headers });
      expect([response.status, await codeIn(response), (await web('/')).status]).toEqual([
        401,
        'no-session',
        200,
      ]);
    },
  );

  it.each(['cross-site', 'same-site', 'none'])(
    'CSRF: a request started %s is refused, cookie or not',
    async (site) => {
      const response = await web('/api/snapshot', withSession({ 'sec-fetch-site': site }));
      expect([response.status, await codeIn(response)]).toEqual([403, 'not-allowed']);
    },
  );

  it.each(['https://evil.example', 'http://127.0.0.1:4001', 'http://localhost:4000', 'null'])(
    'CSRF: a request of a page from %s is refused, cookie or not',
    async (origin) => {
      const response = await web('/api/snapshot', withSession({ origin }));
      const own = await web('/api/snapshot', withSession({ origin: ORIGIN }));
      expect([response.status, await codeIn(response), own.status]).toEqual([
        403,
        'not-allowed',
        200,
      ]);
    },
  );

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ])('CSRF: a body of type "%s", which a form can post, is refused', async (type) => {
    const response = await web('/api/probe', {
      method: 'POST',
      body: '{"url":"http://127.0.0.1:1/"}',
      ...withSession({ 'content-type': type }),
    });
    expect([response.status, await codeIn(response)]).toEqual([400, 'bad-request']);
  });

  it('a link used twice opens once', async () => {
    const link = drawbridge.broker.windowLink();
    await drawbridge.broker.web(new Request(link, { method: 'HEAD' }));
    const cookies = [1, 2].map(async () => {
      const { headers } = await drawbridge.broker.web(new Request(link));
      return headers.has('set-cookie');
    });
    expect(await Promise.all(cookies)).toEqual([true, false]);
  });

  it.each(['', '?code=', '?code=guess', '?other=1'])(
    'a guessed link opens nothing and leads to the window, which a session still opens: /enter%s',
    async (query) => {
      const { status, headers } = await web(`/enter${query}`, withSession());
      expect([status, headers.get('location'), headers.get('set-cookie')]).toEqual([
        303,
        '/',
        null,
      ]);
      expect((await web('/api/snapshot', withSession())).status).toBe(200);
    },
  );
});

/** Where sessions rest in memory. */
const keptIn = (): SessionStore => {
  let kept: KeptSessions | undefined;
  return { read: () => kept, write: (now) => void (kept = now) };
};
const nothingKept: SessionStore = { read: () => undefined, write: () => undefined };

describe('links and sessions', () => {
  const enter = (sessions: ReturnType<typeof createBrowserSessions>): string => {
    const { headers } = sessions.enter(new Request(sessions.link(ORIGIN)));
    return headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  const asks = (sessions: ReturnType<typeof createBrowserSessions>, given: string) => () =>
    sessions.assertSession(new Request(`${ORIGIN}/api/snapshot`, { headers: { cookie: given } }));

  it('a link lives ten minutes', async () => {
    const clock = createVirtualClock();
    const sessions = createBrowserSessions(clock, nothingKept);
    const [early, late] = [sessions.link(ORIGIN), sessions.link(ORIGIN)];
    await clock.advance(10 * 60_000 - 1);
    expect(sessions.enter(new Request(early)).status).toBe(303);
    await clock.advance(1);
    expect(sessions.enter(new Request(late)).headers.has('set-cookie')).toBe(false);
  });

  it('a session that is used goes on, one that idles for twelve hours ends', async () => {
    const clock = createVirtualClock();
    const sessions = createBrowserSessions(clock, nothingKept);
    const [used, idle] = [enter(sessions), enter(sessions)];
    await clock.advance(11 * 60 * 60_000);
    expect(asks(sessions, used)).not.toThrow();
    await clock.advance(60 * 60_000);
    expect(asks(sessions, idle)).toThrow('not connected');
    expect(asks(sessions, used)).not.toThrow();
  });

  it('what a session streams ends with it, and goes on as long as it is used', async () => {
    const clock = createVirtualClock();
    const sessions = createBrowserSessions(clock, nothingKept);
    const cookie = enter(sessions);
    const seen: AbortSignal[] = [];
    const control = async (request: Request) => {
      seen.push(request.signal);
      return new Response(null);
    };
    const mount = mountWeb(control, async () => new Response(null), sessions);
    const ask = (path: string) => mount(new Request(ORIGIN + path, { headers: { cookie } }));
    await ask('/api/events');
    await clock.advance(11 * 60 * 60_000);
    await ask('/api/snapshot');

    await clock.advance(11 * 60 * 60_000);
    expect(seen[0]?.aborted).toBe(false);
    await clock.advance(60 * 60_000);
    expect(seen[0]?.aborted).toBe(true);
    expect((await ask('/api/events')).status).toBe(401);
  });

  it('a stream that its browser has left is waited for no longer', () => {
    const clock = createVirtualClock();
    const sessions = createBrowserSessions(clock, nothingKept);
    const left = new AbortController();
    const life = sessions.lifeOf(
      new Request(ORIGIN, { headers: { cookie: enter(sessions) }, signal: left.signal }),
    );
    const before = clock.waits().length;

    left.abort();

    expect([life.aborted, before, clock.waits().length]).toEqual([true, 1, 0]);
  });

  it('a session is good for the next broker of the same folder, until it has idled for twelve hours', async () => {
    const clock = createVirtualClock();
    const store = keptIn();
    const first = createBrowserSessions(clock, store);
    const [used, idle] = [enter(first), enter(first)];
    await clock.advance(11 * 60 * 60_000);
    expect(asks(first, used)).not.toThrow();
    await clock.advance(60 * 60_000);

    const next = createBrowserSessions(clock, store);
    expect(asks(next, used)).not.toThrow();
    expect(asks(next, idle)).toThrow('not connected');
    const [, value = ''] = used.split('=');
    expect(JSON.stringify(store.read())).not.toContain(value);
  });

  it('a link that nobody has followed is good for no other broker', () => {
    const clock = createVirtualClock();
    const store = keptIn();
    const link = createBrowserSessions(clock, store).link(ORIGIN);
    const { headers } = createBrowserSessions(clock, store).enter(new Request(link));
    expect(headers.has('set-cookie')).toBe(false);
  });

  it('a disk that refuses costs nobody their session', () => {
    const refusing: SessionStore = {
      read: () => undefined,
      write: () => {
        throw new Error('full');
      },
    };
    const sessions = createBrowserSessions(createVirtualClock(), refusing);
    expect(asks(sessions, enter(sessions))).not.toThrow();
  });

  it('of one broker mean nothing to another', () => {
    const clock = createVirtualClock();
    const [one, two] = [
      createBrowserSessions(clock, nothingKept),
      createBrowserSessions(clock, nothingKept),
    ];
    const [, value = ''] = enter(one).split('=');
    const [name = ''] = enter(two).split('=');
    expect(asks(two, `${name}=${value}`)).toThrow('not connected');
  });
});

describe('at the routes', () => {
  const desktop = (path: string, init: RequestInit = {}): Promise<Response> =>
    drawbridge.broker.desktop(new Request(new URL(path, ORIGIN), init));
  const json = { 'content-type': 'application/json' };

  it.each([
    ['PUT', '/api/snapshot'],
    ['POST', '/api/snapshot'],
    ['HEAD', '/api/snapshot'],
    ['HEAD', '/api/events'],
    ['POST', '/api/events'],
    ['OPTIONS', '/api/servers'],
    ['GET', '/api/'],
    ['GET', '/api/servers/one/accounts/default/token'],
    ['DELETE', '/api/servers/ONE'],
    ['DELETE', '/api/servers/one/'],
    ['DELETE', '/api/servers/..%2fx'],
    ['DELETE', `/api/servers/${'a'.repeat(21)}`],
    ['POST', '/api/servers/one/accounts/a.b/renew'],
  ])('%s %s is not there', async (method, path) => {
    expect((await desktop(path, { method })).status).toBe(404);
  });

  it.each([
    ['no JSON', '{'],
    ['an array', '[]'],
    ['a member of another type', '{"url":1}'],
    ['nothing', ''],
    ['null', 'null'],
  ])('a body of %s is a bad request', async (_what, body) => {
    const response = await desktop('/api/probe', { method: 'POST', body, headers: json });
    expect([response.status, await codeIn(response)]).toEqual([400, 'bad-request']);
  });

  it('a body of more than 64 kB is a bad request, one of less is read', async () => {
    const post = (length: number) =>
      desktop('/api/vault/open', {
        method: 'POST',
        headers: json,
        body: `{"x":"${'x'.repeat(length)}"}`,
      });
    expect([(await post(64 * 1024)).status, (await post(64 * 1024 - 8)).status]).toEqual([
      400, 200,
    ]);
  });

  it('a body without end is refused before it has been read', async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 64 * 1024;
        if (pulled > 64 * 1024 * 1024) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
      },
    });
    const request = new Request(`${ORIGIN}/api/vault/open`, {
      method: 'POST',
      headers: json,
      body,
      duplex: 'half',
    } as RequestInit);
    const { status } = await drawbridge.broker.desktop(request);
    expect([status, pulled < 1024 * 1024]).toEqual([400, true]);
  });

  it('500 mutated requests are each answered with a problem of the table, never with a defect', async () => {
    const random = createRandom(3);
    const paths = [
      '/api/snapshot',
      '/api/probe',
      '/api/servers/one',
      '/api/servers/one/accounts/default/sign-out',
      '/index.html',
      '/enter?code=x',
    ];
    const statuses = new Set<number>();
    for (let count = 0; count < 500; count += 1) {
      const path = mutate(Buffer.from(paths[count % paths.length] ?? ''), random).toString(
        'latin1',
      );
      const body = mutate(Buffer.from('{"url":"http://127.0.0.1:1/","id":"x"}'), random);
      const address = `${ORIGIN}/${path.replace(/^\//, '')}`;
      if (!URL.canParse(address)) continue;
      const posts = { method: 'POST', body: new Uint8Array(body), headers: json };
      for (const answer of [drawbridge.broker.desktop, drawbridge.broker.web]) {
        statuses.add((await answer(new Request(address))).status);
        statuses.add((await answer(new Request(address, posts))).status);
      }
    }
    expect([...statuses].filter((status) => status >= 500 && status !== 502)).toEqual([]);
    expect(statuses).toContain(404);
  });
});

describe('the window’s files', () => {
  it('come with a policy that lets nothing else run', async () => {
    const { status, headers } = await web('/');
    expect([status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([
      200,
      'text/html; charset=utf-8',
      'nosniff',
    ]);
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
  });

  it.each([
    '/../outside.html',
    '/..%2foutside.html',
    '/%2e%2e/outside.html',
    '/%2e%2e%2foutside.html',
    '/x/..%2f..%2foutside.html',
    '/..%5coutside.html',
    '/%2fetc/passwd',
    '/index.html%00.png',
    '/%',
    '/%E0%A4%A.html',
    '/.html',
    '/',
  ])('path traversal: %s leads to no file outside', async (path) => {
    for (const answer of [drawbridge.broker.desktop, drawbridge.broker.web]) {
      const response = await answer(new Request(ORIGIN + path));
      expect([response.status, await response.text()]).toEqual(
        path === '/'
          ? [200, expect.stringContaining('window')]
          : [404, expect.stringContaining('not-found')],
      );
    }
  });

  it('are only read', async () => {
    expect((await web('/', { method: 'POST', body: 'x' })).status).toBe(404);
  });
});
