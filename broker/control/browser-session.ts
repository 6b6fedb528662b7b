/** How a browser gets in on a headless host: a link that works once, then a cookie that lives while it is used, a week at most. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';
import { createProver } from './prove-server.ts';

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
  /** Aborts when the request's browser goes away, and when its session has ended meanwhile. */
  readonly lifeOf: (request: Request) => AbortSignal;
  /** The name of the request's session and the key of its proofs, for its page alone. */
  readonly keyOf: (request: Request) => string | undefined;
  /** Shows a page that this is who has given it its key, also when its session has ended. Needs no session. */
  readonly prove: (request: Request) => Response;
  /**
   * Ends all sessions and links. Returns the cookie of a new session where the request comes from one.
   *
   * Throws `cannot-save` when they have ended for this broker only.
   */
  readonly endAll: (request: Request) => string | undefined;
}

/** What outlives the broker: a page that was open when it went is at home again once it is back. */
export const KeptSessions = z.object({
  /** The name of the cookie. */
  cookie: z.string().regex(/^drawbridge-[0-9a-f]{12}$/),
  sessions: z
    .array(
      z.object({
        /** The SHA-256 of its 256 random bits, hex, and its name. */
        hash: z.string(),
        /** When it ends unused, Unix ms. */
        until: z.number(),
        began: z.number(),
        /** What proofs are made with. It opens nothing: who has it, and the port, can play us before that one page. */
        key: z.string(),
      }),
    )
    // Older ones have no key. They are worth a new link, not the whole file.
    .catch([]),
});
export type KeptSessions = z.infer<typeof KeptSessions>;

export interface SessionStore {
  readonly read: () => KeptSessions | undefined;
  readonly write: (kept: KeptSessions) => void;
}

/** Where the link leads; the code follows as a query, used up by the first request. */
export const ENTER_PATH = '/enter';

/** Files are for anybody: a browser that fetches one by itself has no need to show its cookie to whoever is there. */
const COOKIE_PATH = '/api';

const LINK_MS = 10 * 60_000;
const IDLE_MS = 12 * 60 * 60_000;
/** Whatever its use: a cookie that was stolen must not be kept alive for ever by whoever has it. */
const LIFE_MS = 7 * 24 * 60 * 60_000;
/** How long from its beginning a page can find out that its session has ended, rather than that nobody answers. */
const PROVEN_MS = 30 * 24 * 60 * 60_000;
/** The oldest go first: a script that opens the window every minute must not fill the settings. */
const MOST_SESSIONS = 100;
/** Requests must not cost a write each: the use of a session is written at most once in this time, ms. */
const WRITE_MS = 60 * 60_000;

interface Session {
  readonly began: number;
  readonly key: string;
  /** 0 once it has ended. */
  until: number;
}

/** The sessions in `store`, which nobody else writes to. */
export const createBrowserSessions = (clock: Clock, store: SessionStore): BrowserSessions => {
  const links = new Map<string, number>();
  const kept = store.read();
  const sessions = new Map(kept?.sessions.map(({ hash, ...rest }) => [hash, within(rest, clock)]));
  // Cookies do not know ports: a name of its own keeps two daemons on this machine from overwriting each other's.
  const cookie = kept?.cookie ?? `drawbridge-${randomBytes(6).toString('hex')}`;
  const lives = new Set<() => void>();
  let writtenAt = clock.now();

  const save = (): void => {
    writtenAt = clock.now();
    store.write({ cookie, sessions: [...sessions].map(([hash, rest]) => ({ hash, ...rest })) });
  };
  const keep = (): void => {
    try {
      save();
    } catch {
      // The session holds all the same, for as long as this broker does.
    }
  };

  const dropOldLinks = (): void => {
    for (const [hash, until] of links) if (until <= clock.now()) links.delete(hash);
  };

  const dropOld = (): void => {
    for (const [hash, session] of sessions) {
      // For good: a clock that is put back brings none to life.
      if (session.until <= clock.now()) session.until = 0;
      if (session.began + PROVEN_MS <= clock.now()) sessions.delete(hash);
    }
    for (const [hash] of [...sessions].slice(0, -MOST_SESSIONS)) sessions.delete(hash);
  };

  /** Returns its cookie. */
  const begin = (): string => {
    const value = randomBytes(32).toString('base64url');
    const began = clock.now();
    const key = randomBytes(32).toString('base64url');
    sessions.set(hashOf(value), { began, key, until: began + IDLE_MS });
    dropOld();
    return `${cookie}=${value}; HttpOnly; SameSite=Strict; Path=${COOKIE_PATH}`;
  };

  /** The name of the request's session. */
  const nameOf = (request: Request): string | undefined => {
    dropOld();
    return cookieValues(request, cookie)
      .map(hashOf)
      .find((hash) => (sessions.get(hash)?.until ?? 0) > 0);
  };

  return {
    link: (origin) => {
      dropOldLinks();
      const code = randomBytes(32).toString('base64url');
      links.set(hashOf(code), clock.now() + LINK_MS);
      return `${origin}${ENTER_PATH}?code=${code}`;
    },
    enter: (request) => {
      // Only a person's browser following the link may use it up, not a HEAD of something that looks ahead.
      if (request.method !== 'GET') throw noSession();
      dropOldLinks();
      const code = new URL(request.url).searchParams.get('code') ?? '';
      if (!links.delete(hashOf(code))) return toWindow({});
      const session = begin();
      keep();
      return toWindow({ 'set-cookie': session });
    },
    assertSession: (request) => {
      // Sent by browsers only: a request that another site started is refused, cookie or not (CSRF).
      const site = request.headers.get('sec-fetch-site');
      if (site !== null && site !== 'same-origin') throw foreignSite();
      // For browsers too old to say so above: they name the page's origin wherever it matters.
      const origin = request.headers.get('origin');
      if (origin !== null && origin !== new URL(request.url).origin) throw foreignSite();
      const session = sessions.get(nameOf(request) ?? '');
      if (session === undefined) throw noSession();
      session.until = endOf(session.began, clock);
      // In either direction: a clock that was put back is no reason to write nothing for long.
      if (Math.abs(clock.now() - writtenAt) >= WRITE_MS) keep();
    },
    lifeOf: (request) => {
      const session = sessions.get(nameOf(request) ?? '');
      const ended = new AbortController();
      let cancel = (): void => undefined;
      const leave = (): void => {
        cancel();
        lives.delete(look);
      };
      const look = (): void => {
        cancel();
        const left = (session?.until ?? 0) - clock.now();
        if (left > 0) {
          cancel = clock.after(left, look);
          return;
        }
        leave();
        ended.abort();
      };
      lives.add(look);
      look();
      request.signal.addEventListener('abort', leave, { once: true });
      // It may have left before it was heard, and its signal says so only once.
      if (request.signal.aborted) leave();
      return AbortSignal.any([request.signal, ended.signal]);
    },
    keyOf: (request) => {
      const name = nameOf(request);
      const session = sessions.get(name ?? '');
      return session === undefined ? undefined : `${name} ${session.key}`;
    },
    prove: createProver((name) => {
      dropOld();
      return sessions.get(name)?.key;
    }),
    endAll: (request) => {
      const asks = nameOf(request) !== undefined;
      links.clear();
      for (const session of sessions.values()) session.until = 0;
      // Another one: the cookie of the browser that asks may be the one that was stolen.
      const next = asks ? begin() : undefined;
      for (const look of [...lives]) look();
      save();
      return next;
    },
  };
};

const endOf = (began: number, clock: Clock): number =>
  Math.min(clock.now() + IDLE_MS, began + LIFE_MS);

/** As if the clock had never been ahead of what it is now: what was kept while it was would not end for long. */
const within = ({ began, until, key }: Session, clock: Clock): Session => {
  const since = Math.min(began, clock.now());
  return { began: since, key, until: Math.min(until, endOf(since, clock)) };
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

/** All of that name: a page on another port can set one that comes before ours, and lock the person out (cookie shadowing). */
const cookieValues = (request: Request, name: string): string[] =>
  (request.headers.get('cookie') ?? '')
    .split(/; */)
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));

const foreignSite = (): ProblemError =>
  new ProblemError('not-allowed', 'pages of other sites may not ask');

const noSession = (): ProblemError =>
  new ProblemError('no-session', 'this browser is not connected to Drawbridge', {
    hint: 'run drawbridge open for a new link',
  });
