/** How a browser gets in on a headless host: a link that works once, then a cookie that ends with the broker. */
import { createHash, randomBytes } from 'node:crypto';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';

export interface BrowserSessions {
  /** A link into the window served at `origin`. It works once, for ten minutes. */
  readonly link: (origin: string) => string;
  /**
   * Trades the link's code for a session: the answer sets the cookie and leads to the window.
   *
   * A code that is spent or unknown leads there too, with no cookie: the window says itself what it needs, and a browser
   * that has a session keeps it.
   */
  readonly enter: (request: Request) => Response;
  /** Throws `no-session`, or `not-allowed` for a request that another site sent. */
  readonly assertSession: (request: Request) => void;
  /** Aborts when the request's browser goes away, and when its session has idled out meanwhile. */
  readonly lifeOf: (request: Request) => AbortSignal;
}

/** Where the link leads; the code follows as a query, used up by the first request. */
export const ENTER_PATH = '/enter';

const LINK_MS = 10 * 60_000;
const IDLE_MS = 12 * 60 * 60_000;

export const createBrowserSessions = (clock: Clock): BrowserSessions => {
  const links = new Map<string, number>();
  const sessions = new Map<string, number>();
  // Cookies do not know ports: a name of its own keeps two daemons on this machine from overwriting each other's.
  const cookie = `drawbridge-${randomBytes(6).toString('hex')}`;

  const dropOld = (entries: Map<string, number>): void => {
    for (const [hash, until] of entries) if (until <= clock.now()) entries.delete(hash);
  };

  return {
    link: (origin) => {
      dropOld(links);
      const code = randomBytes(32).toString('base64url');
      links.set(hashOf(code), clock.now() + LINK_MS);
      return `${origin}${ENTER_PATH}?code=${code}`;
    },
    enter: (request) => {
      // Only a person's browser following the link may use it up, not a HEAD of something that looks ahead.
      if (request.method !== 'GET') throw noSession();
      dropOld(links);
      const code = new URL(request.url).searchParams.get('code') ?? '';
      if (!links.delete(hashOf(code))) return toWindow({});
      const session = randomBytes(32).toString('base64url');
      sessions.set(hashOf(session), clock.now() + IDLE_MS);
      return toWindow({ 'set-cookie': `${cookie}=${session}; HttpOnly; SameSite=Strict; Path=/` });
    },
    assertSession: (request) => {
      // Sent by browsers only: a request that another site started is refused, cookie or not (CSRF).
      const site = request.headers.get('sec-fetch-site');
      if (site !== null && site !== 'same-origin') throw foreignSite();
      // For browsers too old to say so above: they name the page's origin wherever it matters.
      const origin = request.headers.get('origin');
      if (origin !== null && origin !== new URL(request.url).origin) throw foreignSite();
      dropOld(sessions);
      const hash = hashOf(cookieValue(request, cookie) ?? '');
      if (!sessions.has(hash)) throw noSession();
      sessions.set(hash, clock.now() + IDLE_MS);
    },
    lifeOf: (request) => {
      const hash = hashOf(cookieValue(request, cookie) ?? '');
      const idled = new AbortController();
      let cancel = (): void => undefined;
      const look = (): void => {
        const left = (sessions.get(hash) ?? 0) - clock.now();
        if (left > 0) cancel = clock.after(left, look);
        else idled.abort();
      };
      look();
      request.signal.addEventListener('abort', () => cancel(), { once: true });
      return AbortSignal.any([request.signal, idled.signal]);
    },
  };
};

const toWindow = (headers: Readonly<Record<string, string>>): Response =>
  new Response(null, {
    status: 303,
    headers: {
      location: '/',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      ...headers,
    },
  });

/** Kept as hashes: looking one up takes as long for a wrong value as for a nearly right one. */
const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex');

const cookieValue = (request: Request, name: string): string | undefined =>
  (request.headers.get('cookie') ?? '')
    .split(/; */)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

const foreignSite = (): ProblemError =>
  new ProblemError('not-allowed', 'pages of other sites may not ask');

const noSession = (): ProblemError =>
  new ProblemError('no-session', 'this browser is not connected to Drawbridge', {
    hint: 'run drawbridge open for a new link',
  });
