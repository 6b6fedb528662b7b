/** Which cookies does a browser send back to one host? */

export interface CookieJar {
  readonly keep: (response: Response, address: URL) => void;
  readonly header: (address: URL) => string;
}

/** Knows name, value, path and removal; that is all oidc-provider uses on one host. */
export const createCookieJar = (): CookieJar => {
  const cookies = new Map<
    string,
    { readonly pair: string; readonly host: string; readonly path: string }
  >();
  return {
    keep: (response, address) => {
      for (const line of response.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split(/;\s*/);
        const attribute = (name: string) =>
          attributes
            .find((text) => text.toLowerCase().startsWith(`${name}=`))
            ?.slice(name.length + 1);
        const path = attribute('path') ?? '/';
        const key = `${address.host} ${path} ${pair.slice(0, pair.indexOf('='))}`;
        const expires = attribute('expires');
        const isRemoval = expires !== undefined && Date.parse(expires) <= Date.now();
        if (isRemoval) cookies.delete(key);
        else cookies.set(key, { pair, host: address.host, path });
      }
    },
    header: ({ host, pathname }) =>
      [...cookies.values()]
        .filter((cookie) => cookie.host === host && isUnder(pathname, cookie.path))
        .map((cookie) => cookie.pair)
        .join('; '),
  };
};

const isUnder = (pathname: string, path: string): boolean =>
  path === '/' || pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
