/** What a 401 or 403 says about how to get in: `WWW-Authenticate`, with any number of challenges in it. */

export interface Challenge {
  /** Lowercase: schemes are case-insensitive. */
  readonly scheme: string;
  /** Names are lowercase; values are as sent, unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
/** `name=value`, quoted or not, with optional spaces around the sign (RFC 9110 section 11.2). */
const parameter = new RegExp(String.raw`^(${TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(${TOKEN}))\s*(?:,\s*|$|(?=\s))`);
const scheme = new RegExp(String.raw`^(${TOKEN})(?:\s+|\s*,\s*|$)`);
/** The other form of credentials, one opaque word: `Negotiate abc==`. */
const token68 = /^[A-Za-z0-9._~+/-]+=*\s*(?:,\s*|$)/;

/**
 * The challenges of a header value (RFC 9110 section 11.6.1), in order.
 *
 * What cannot be read ends the list: the header is a server's text, and half of it is better than a guess.
 */
export const parseChallenges = (header: string | null): Challenge[] => {
  const challenges: Challenge[] = [];
  let rest = (header ?? '').trim();
  while (rest !== '') {
    const head = scheme.exec(rest);
    if (head?.[1] === undefined) break;
    rest = rest.slice(head[0].length);
    const parameters = new Map<string, string>();
    for (let found = parameter.exec(rest); found !== null; found = parameter.exec(rest)) {
      const [whole, name = '', quoted, plain = ''] = found;
      parameters.set(name.toLowerCase(), quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'));
      rest = rest.slice(whole.length);
    }
    if (parameters.size === 0) rest = rest.replace(token68OrNothing(rest), '');
    challenges.push({ scheme: head[1].toLowerCase(), parameters });
  }
  return challenges;
};

/** A lone word is an opaque credential only where no further challenge starts with it. */
const token68OrNothing = (rest: string): RegExp => (/^\S+\s+\S+=/.test(rest) ? /^/ : token68);

/** The challenge that concerns OAuth, if any: the first Bearer or DPoP one. */
export const oauthChallenge = (header: string | null): Challenge | undefined =>
  parseChallenges(header).find(({ scheme: name }) => name === 'bearer' || name === 'dpop');
