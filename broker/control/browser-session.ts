/** How a browser gets in on a headless host: a link that works once, then a cookie that lives as long as it is used. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
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

/** What outlives the broker: a page that was open when it went is at home again once it is back. */
export const KeptSessions = z.object({
  /** The name of the cookie. */
  cookie: z.string().regex(/^drawbridge-[0-9a-f]{12}$/),
  /** By the SHA-256 of their 256 random bits, hex, with when they end unused, Unix ms. */
  sessions: z.array(z.object({ hash: z.string(), until: z.number() })),
});
export type KeptSessions = z.infer<typeof KeptSessions>;

export interface SessionStore {
  readonly read: () => KeptSessions | undefined;
  readonly write: (kept: KeptSessions) => void;
}

/** Where the link leads; the code follows as a query, used up by the first request. */
export const ENTER_PATH = '/enter';

const LINK_MS = 10 * 60_000;
const IDLE_MS = 12 * 60 * 60_000;
/** Requests must not cost a write each: the use of a session is written at most once in this time, ms. */
const WRITE_MS = 60 * 60_000;

/** The sessions in `store`, which nobody else writes to. */
export const createBrowserSessions = (clock: Clock, store: SessionStore): BrowserSessions => {
  const links = new Map<string, number>();
  const kept = store.read();
  const sessions = new Map(kept?.sessions.map(({ hash, until }) => [hash, until]));
  // Cookies do not know ports: a name of its own keeps two daemons on this machine from overwriting each other's.
  const cookie = kept?.cookie ?? `drawbridge-${randomBytes(6).toString('hex')}`;
  let writtenAt = clock.now();

  const keep = (): void => {
    writtenAt = clock.now();
    try {
      store.write({ cookie, sessions: [...sessions].map(([hash, until]) => ({ hash, until })) });
    } catch {
      // The session holds all the same, for as long as this broker does.
    }
  };

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
      dropOld(sessions);
      sessions.set(hashOf(session), clock.now() + IDLE_MS);
      keep();
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
      // In either direction: a clock that was put back is no reason to write nothing for long.
      if (Math.abs(clock.now() - writtenAt) >= WRITE_MS) keep();
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
