/** How does a test sign in without a browser? */
import { createCookieJar } from './cookie-jar.ts';

export interface ConsentOptions {
  readonly deny?: boolean;
  /** Who signs in; the page proposes `ada`. */
  readonly account?: string;
  /** False leaves the callback alone, for a test that wants to visit it by itself. */
  readonly visitCallback?: boolean;
}

export interface ScriptedConsent {
  /** The whole callback address, code and all. */
  readonly callback: string;
  /** What the callback answered, 0 when it was not visited. */
  readonly status: number;
  /** What the person would read at the end. */
  readonly page: string;
}

const MOST_HOPS = 15;

/**
 * Walks from the authorization URL to the client's callback as a browser would, pressing Allow.
 *
 * Rejects when a page says no before the callback is reached, or a redirect leaves the loopback.
 */
export const consentByScript = async (
  authorizationUrl: string,
  { deny = false, account, visitCallback = true }: ConsentOptions = {},
): Promise<ScriptedConsent> => {
  const { left, status, page } = await walkPages(authorizationUrl, (fields) => {
    fields.set('account', account ?? fields.get('account') ?? '');
    fields.set('decision', deny ? 'deny' : 'allow');
  });
  if (left === undefined) throw new Error(`no consent page but ${status}: ${page.slice(0, 300)}`);
  return arrive(left, visitCallback);
};

export interface Walk {
  /** The first address of another host, if the way led to one; it was not visited. */
  readonly left: URL | undefined;
  /** Of the last page, which has no form that can be sent. */
  readonly status: number;
  readonly page: string;
}

/** Follows redirects and sends the form of each page, filled in by `fill`, until there is none or the host is left. */
export const walkPages = async (
  start: string,
  fill: (fields: URLSearchParams) => void,
): Promise<Walk> => {
  const jar = createCookieJar();
  const visit = async (address: URL, form?: URLSearchParams): Promise<Response> => {
    const response = await fetch(address, {
      redirect: 'manual',
      headers: { cookie: jar.header(address), accept: 'text/html' },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    jar.keep(response, address);
    return response;
  };

  let address = loopbackOnly(new URL(start));
  const { origin } = address;
  let response = await visit(address);
  for (let hop = 0; hop < MOST_HOPS; hop += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      await response.body?.cancel();
      address = loopbackOnly(new URL(location, address));
      if (address.origin !== origin) return { left: address, status: response.status, page: '' };
      response = await visit(address);
      continue;
    }
    const { status, ok } = response;
    const page = await response.text();
    const action = /<form [^>]*action="([^"]+)"/.exec(page)?.[1];
    if (!ok || action === undefined) return { left: undefined, status, page };
    const fields = fieldsIn(page);
    fill(fields);
    address = new URL(action, address);
    response = await visit(address, fields);
  }
  throw new Error(`no end after ${MOST_HOPS} hops`);
};

const fieldsIn = (page: string): URLSearchParams => {
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    if (name !== undefined) fields.set(name, /value="([^"]*)"/.exec(input)?.[1] ?? '');
  }
  return fields;
};

const arrive = async (callback: URL, visitCallback: boolean): Promise<ScriptedConsent> => {
  if (!visitCallback) return { callback: callback.href, status: 0, page: '' };
  const response = await fetch(callback, { redirect: 'manual', headers: { accept: 'text/html' } });
  return { callback: callback.href, status: response.status, page: await response.text() };
};

// A mistake in a test must never carry a code to a real host.
const loopbackOnly = (address: URL): URL => {
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(address.hostname)) {
    throw new Error(`consent leads away from the loopback, to ${JSON.stringify(address.origin)}`);
  }
  return address;
};
