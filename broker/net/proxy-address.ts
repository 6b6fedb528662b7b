/** From the text that names a proxy to the proxy. */
import { ProblemError } from '../../shared/contract/problems.ts';
import { Secret } from '../vault/secret.ts';

/** Who named the proxy. */
export type ProxySource = 'settings' | 'environment' | 'system';

export interface Proxy {
  /** Without user name and password: it may be shown. */
  readonly url: URL;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: Secret | undefined;
  readonly source: ProxySource;
}

/** A way out of this machine. */
export type Route = Proxy | 'direct';

export const whereToLook: Readonly<Record<ProxySource, string>> = {
  settings: 'check the proxy in the settings of Drawbridge',
  environment: 'check HTTPS_PROXY in the environment of Drawbridge',
  system: "check the proxy in this machine's network settings",
};

/**
 * Reads `http://name:port`, `https://name:port` or `name:port`, with `user:password@` before the name if it wants one.
 *
 * Throws `proxy-failed` for anything else. Nothing of the text is in the message: it may hold a password.
 */
export const parseProxy = (text: string, source: ProxySource): Proxy => {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url !== undefined && url.protocol.startsWith('socks')) throw unsupported(source);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ProblemError('proxy-failed', 'what is set as the proxy is no address of one', {
      hint: `${whereToLook[source]}: it should look like http://proxy.example:8080`,
    });
  }
  const { username, password, origin } = url;
  const authorization =
    username === '' && password === ''
      ? undefined
      : new Secret(
          `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`,
        );
  return { url: new URL(origin), authorization, source };
};

/** A lone % in a password that nobody encoded stands for itself. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const unsupported = (source: ProxySource): ProblemError =>
  new ProblemError('proxy-failed', 'unsupported proxy: only http and https proxies can be used', {
    hint: `${whereToLook[source]}: SOCKS is not one of them`,
  });

const pacSchemes: Readonly<Record<string, string>> = {
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
};

/**
 * Reads what a proxy auto-configuration script answers, such as `PROXY a:8080; DIRECT`: ways to try one after the other.
 *
 * A kind of proxy that we do not speak, such as SOCKS, is passed over in favour of another proxy, never of no proxy:
 * throws `proxy-failed` then, and for an answer that is none.
 */
export const parsePac = (answer: string): readonly Route[] => {
  const routes: Route[] = [];
  let passedOver = false;
  for (const entry of answer.split(';')) {
    const [kind = '', address = ''] = entry.trim().split(/\s+/);
    if (kind === '') continue;
    const scheme = pacSchemes[kind.toUpperCase()];
    if (kind.toUpperCase() === 'DIRECT') {
      if (!passedOver || routes.length > 0) routes.push('direct');
    } else if (scheme !== undefined && address !== '') {
      routes.push(parseProxy(`${scheme}://${address}`, 'system'));
    } else passedOver = true;
  }
  if (routes.length === 0) throw passedOver ? unsupported('system') : notPac();
  return routes;
};

const notPac = (): ProblemError =>
  new ProblemError('proxy-failed', "this machine's proxy setting names no way out", {
    hint: whereToLook.system,
  });
