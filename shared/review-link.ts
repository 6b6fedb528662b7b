/** What a `drawbridge://` link may ask for. Anybody can make one, so it only ever proposes what a person then looks at. */
import { isSafeAddress } from './safe-address.ts';

/** `open` shows the window; `add` fills in the address of a server, and does nothing with it. */
export type Review = { readonly kind: 'open' } | { readonly kind: 'add'; readonly url: string };

/** Longer than any address of a server, shorter than what would be a burden. */
const LONGEST = 2048;

/** What the link asks for, or undefined for any that is not exactly of a known form. */
export const readReviewLink = (text: string): Review | undefined => {
  // The parser of URLs would drop line breaks and trim; what needs mending was not made in good faith.
  if (text.length > LONGEST || !/^[\x21-\x7e]+$/.test(text)) return undefined;
  const link = URL.parse(text);
  if (link === null || link.protocol !== 'drawbridge:') return undefined;
  const { host, username, password, pathname, hash, search, searchParams } = link;
  if (username !== '' || password !== '' || hash !== '') return undefined;
  if (pathname !== '' && pathname !== '/') return undefined;
  if (host === 'open') return search === '' ? { kind: 'open' } : undefined;
  return host === 'add' ? proposalIn(searchParams) : undefined;
};

/** Where the window finds it: in the part of its address that is sent nowhere. */
export const toFragment = (review: Review): string =>
  review.kind === 'add' ? `#${new URLSearchParams({ add: review.url }).toString()}` : '';

/** The address in a fragment of the window, by the same rules. */
export const proposedIn = (fragment: string): string | undefined => {
  const query = new URLSearchParams(fragment.replace(/^#/, ''));
  const [[name, value] = []] = [...query];
  return query.size === 1 && name === 'add' ? addressIn(value ?? '') : undefined;
};

const proposalIn = (query: URLSearchParams): Review | undefined => {
  const [[name, value] = []] = [...query];
  const url = query.size === 1 && name === 'url' ? addressIn(value ?? '') : undefined;
  return url === undefined ? undefined : { kind: 'add', url };
};

/** As the parser writes it, so that what is shown is what is used. */
const addressIn = (text: string): string | undefined => {
  const url = /^[\x21-\x7e]+$/.test(text) && text.length <= LONGEST ? URL.parse(text) : null;
  return url !== null && isSafeAddress(url) ? url.href : undefined;
};
