/** The cookies of a balancer: kept for as long as one session with a server, and for nobody else. */
import type { IncomingHttpHeaders } from 'node:http';
import { Cookie, CookieJar } from 'tough-cookie';
import { keyText } from '../../../shared/contract/ids.ts';
import type { Exchange, Upstream } from './exchange.ts';

/** In all, for one session. Characters. */
const MOST = 8 * 1024;
/** An AI client that goes away without a word leaves its session. */
const MOST_SESSIONS = 1000;
const SESSION = 'mcp-session-id';

/**
 * Exchanges of which those of one MCP session share its cookies. Outside of a session there are none, so that a server
 * learns nothing from a cookie that the id of its session has not told it already.
 */
export const cookiesBySession = (exchange: Exchange): Exchange => {
  const jars = new Map<string, CookieJar>();
  const nameOf = ({ key, url }: Upstream, session: string): string =>
    [keyText(key), url.origin, session].join('\n');
  const jarOf = (name: string): CookieJar => {
    const jar = jars.get(name) ?? newJar();
    // The one used longest ago comes first, and goes first.
    jars.delete(name);
    jars.set(name, jar);
    const [oldest] = jars.keys();
    if (jars.size > MOST_SESSIONS && oldest !== undefined) jars.delete(oldest);
    return jar;
  };

  return (upstream, request, sink) => {
    const { url } = upstream;
    const asked = request.headers[SESSION];
    const held = asked === undefined ? undefined : nameOf(upstream, asked);
    const jar = held !== undefined && jars.has(held) ? jarOf(held) : undefined;
    return exchange(upstream, withCookie(request, jar, url), {
      ...sink,
      start: (status, headers, flow) => {
        const session = headers[SESSION]?.toString() ?? asked;
        if (session !== undefined && headers['set-cookie'] !== undefined)
          take(jarOf(nameOf(upstream, session)), headers, url);
        if (held !== undefined && (request.method === 'DELETE' || status === 404))
          jars.delete(held);
        sink.start(status, headers, flow);
      },
    });
  };
};

/** Exchanges that share their cookies with one another: those of a stream, which is a session by itself (HTTP+SSE). */
export const cookiesOfOne = (exchange: Exchange): Exchange => {
  const jar = newJar();
  return (upstream, request, sink) =>
    exchange(upstream, withCookie(request, jar, upstream.url), {
      ...sink,
      start: (status, headers, flow) => {
        take(jar, headers, upstream.url);
        sink.start(status, headers, flow);
      },
    });
};

// Each cookie is for the host that set it, so that no list of public suffixes has to be asked.
const newJar = (): CookieJar => new CookieJar(undefined, { rejectPublicSuffixes: false });

const withCookie = <T extends { readonly headers: Readonly<Record<string, string>> }>(
  request: T,
  jar: CookieJar | undefined,
  { href }: URL,
): T => {
  const cookie = jar?.getCookieStringSync(href) ?? '';
  return cookie === '' ? request : { ...request, headers: { ...request.headers, cookie } };
};

const take = (jar: CookieJar, headers: IncomingHttpHeaders, { href }: URL): void => {
  // One by itself comes as text, whatever Node's type of it says.
  for (const text of [headers['set-cookie'] ?? []].flat()) {
    const cookie = text.length > MOST ? undefined : Cookie.parse(text);
    if (cookie === undefined) continue;
    // A cookie for a whole domain would go to its other servers as well.
    cookie.domain = null;
    // What a jar does not take, a browser would not take either.
    jar.setCookieSync(cookie, href, { ignoreError: true });
    if (sizeOf(jar) > MOST) jar.removeAllCookiesSync();
  }
};

const sizeOf = (jar: CookieJar): number =>
  JSON.stringify(jar.serializeSync()?.cookies ?? []).length;
