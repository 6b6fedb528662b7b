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

  let address = loopbackOnly(new URL(authorizationUrl));
  const issuerOrigin = address.origin;
  let response = await visit(address);
  for (let hop = 0; hop < MOST_HOPS; hop += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      await response.body?.cancel();
      address = loopbackOnly(new URL(location, address));
      if (address.origin !== issuerOrigin) return arrive(address, visitCallback);
      response = await visit(address);
      continue;
    }
    const page = await response.text();
    const action = /<form method="post" action="([^"]+)">/.exec(page)?.[1];
    if (!response.ok || action === undefined) {
      throw new Error(`no consent page but ${response.status}: ${page.slice(0, 300)}`);
    }
    const proposed = /name="account" value="([^"]*)"/.exec(page)?.[1] ?? '';
    address = new URL(action, address);
    response = await visit(
      address,
      new URLSearchParams({ account: account ?? proposed, decision: deny ? 'deny' : 'allow' }),
    );
  }
  throw new Error(`no callback after ${MOST_HOPS} hops`);
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
