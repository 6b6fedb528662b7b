/** What a 401 or 403 says about how to get in: `WWW-Authenticate`, with any number of challenges in it. */

export interface Challenge {
  /** Lowercase: schemes are case-insensitive. */
  readonly scheme: string;
  /** Names are lowercase; values are as sent, unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
/** Between two of anything: lists may have empty members (RFC 9110 section 5.6.1), and some servers forget a comma. */
const GAP = String.raw`[\s,]+|$`;
/** `name=value`, quoted or not, with optional spaces around the sign (RFC 9110 section 11.2). */
const parameter = new RegExp(
  String.raw`^(${TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(${TOKEN}))(?:${GAP})`,
);
const scheme = new RegExp(String.raw`^(${TOKEN})(${GAP})`);
/** The other form of credentials, one opaque word: `Negotiate abc==`. */
const token68 = /^[A-Za-z0-9._~+/-]+=*\s*(?:,[\s,]*|$)/;

/**
 * The challenges of a header value (RFC 9110 section 11.6.1), in order.
 *
 * What cannot be read ends the list: the header is a server's text, and half of it is better than a guess. Takes time
 * in proportion to the length, whatever the text: every expression starts where the last one ended.
 */
export const parseChallenges = (header: string | null): Challenge[] => {
  const challenges: Challenge[] = [];
  let rest = (header ?? '').replace(/^[\s,]+/, '');
  while (rest !== '') {
    const head = scheme.exec(rest);
    if (head?.[1] === undefined) break;
    rest = rest.slice(head[0].length);
    const parameters = new Map<string, string>();
    for (let found = parameter.exec(rest); found !== null; found = parameter.exec(rest)) {
      const [whole, name = '', quoted, plain = ''] = found;
      parameters.set(
        name.toLowerCase(),
        quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'),
      );
      rest = rest.slice(whole.length);
    }
    // Behind a comma stands the next challenge, never a credential of this one.
    if (parameters.size === 0 && head[2]?.includes(',') === false) rest = rest.replace(token68, '');
    challenges.push({ scheme: head[1].toLowerCase(), parameters });
  }
  return challenges;
};

/** The challenge that concerns OAuth, if any: the Bearer or DPoP one that says where the metadata is, else the first. */
export const oauthChallenge = (header: string | null): Challenge | undefined => {
  const ours = parseChallenges(header).filter(
    ({ scheme: name }) => name === 'bearer' || name === 'dpop',
  );
  return ours.find(({ parameters }) => parameters.has('resource_metadata')) ?? ours[0];
};
