/** Makes text that came from elsewhere fit to be shown. */
import { accountName } from '../shared/account-words.ts';
import type { AccountView, ServerView } from '../shared/contract/snapshot.ts';

/** At most `most` characters, with an ellipsis in place of the rest. */
export const clip = (text: string, most: number): string => {
  // Cut before splitting: a title may be megabytes.
  const characters = [...text.slice(0, most * 2 + 2)];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
};

/** For names inside labels and announcements, where CSS cannot clip. */
export const shortName = (title: string): string => clip(title, 60);

/** The same of an account, named where its server has several. */
export const shortAccount = (server: ServerView, account: AccountView): string => {
  const name = accountName(server, account);
  return name === undefined
    ? shortName(server.title)
    : `${clip(server.title, 40)} (${clip(name, 40)})`;
};

/** Broker messages begin in lower case for the terminal; on a page they begin a line. Host names stay as they are. */
export const capital = (text: string): string =>
  /^\p{Ll}+(?=[\s,]|\.?(?:\s|$))/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** A message as a whole sentence. */
export const sentence = (text: string): string => {
  const begun = capital(text.trim());
  return /[\p{L}\p{N})"]$/u.test(begun) ? `${begun}.` : begun;
};

/** The host of an address, in the form that cannot imitate another; the address itself if it has none. */
export const hostOf = (address: string): string => {
  const host = URL.parse(address)?.host;
  return host === undefined || host === '' ? clip(address, 200) : host;
};

/** What a server without a name of its own is called: its host, without a port. */
export const nameInAddress = (address: string): string => URL.parse(address)?.hostname ?? '';

/** The letter that stands for a title where there is no picture. */
export const initial = (title: string): string =>
  (/[\p{L}\p{N}]/u.exec(title.slice(0, 200))?.[0] ?? '·').toUpperCase();

/** The address if a browser may open it: http or https, hence never a script. */
export const pageAddress = (link: string): string | undefined => {
  const url = URL.parse(link);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined;
};

/** "A", "A and B", "A, B and 3 more": names of which there may be any number, each of any length. */
export const namesOf = (titles: readonly string[]): string => {
  const names = titles.map((title) => clip(title, 40));
  const rest = names.length - MOST_NAMES;
  const shown = rest > 0 ? [...names.slice(0, MOST_NAMES), `${rest} more`] : names;
  return shown.length < 2
    ? (shown[0] ?? '')
    : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
};

const MOST_NAMES = 3;

/**
 * With a sign in place of each character that cannot be seen, or that turns the text around it: of text that is shown
 * whole, because somebody has to know what is in it.
 */
export const visibly = (text: string): string =>
  text.replace(
    /(?![\n\t])\p{Cc}|[\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu,
    (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`,
  );
