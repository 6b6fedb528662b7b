/** What does a token say of itself, as far as that may be seen? Decoded and not verified (RFC 7519); see ADR 0027. */
import type { Claim, TokenView } from '../../shared/contract/account-facts.ts';
import { plainText } from '../../shared/plain-text.ts';
import { mask } from '../log/mask.ts';
import type { Secret } from '../vault/secret.ts';

/** No token that we keep is longer, and a hostile one must not keep us busy. Characters. */
const LONGEST_TOKEN = 64 * 1024;
const MOST_CLAIMS = 100;
const LONGEST_NAME = 100;
const LONGEST_VALUE = 1000;
/** Nobody reads what lies deeper. */
const DEEPEST = 10;

const HIDDEN = '[hidden]';

/**
 * Its form, and of a signed JWT the header and claims. What is shown cannot be made a token again: without a signature a
 * server that looks at one refuses it, and of a token without one no claim is shown. `clean` takes out the secrets that are
 * known.
 */
export const viewOf = (token: Secret, clean: (text: string) => string): TokenView => {
  const text = token.reveal();
  const parts = text.length > LONGEST_TOKEN ? [] : text.split('.');
  const head = objectIn(parts[0]);
  if (typeof head?.['alg'] !== 'string') return { form: 'opaque' };
  const header = headerOf(head, clean);
  // RFC 7516: nobody but its receiver can read it.
  if (parts.length === 5) return { form: 'encrypted', header };
  const claims = parts.length === 3 ? objectIn(parts[1]) : undefined;
  if (claims === undefined) return { form: 'opaque' };
  if (parts[2] === '' || head['alg'].toLowerCase() === 'none') return { form: 'unsigned', header };
  const all = Object.entries(claims);
  return {
    form: 'jwt',
    verified: false,
    header,
    claims: all.slice(0, MOST_CLAIMS).map(([name, value]) => claimOf(name, value, clean)),
    more: Math.max(0, all.length - MOST_CLAIMS),
  };
};

const objectIn = (part: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // Not JSON: no token that says anything of itself.
    return undefined;
  }
};

const headerOf = (
  head: Readonly<Record<string, unknown>>,
  clean: (text: string) => string,
): Extract<TokenView, { form: 'jwt' }>['header'] =>
  Object.fromEntries(
    ['alg', 'kid', 'typ'].flatMap((name) => {
      const value = head[name];
      return typeof value === 'string' ? [[name, plainText(mask(value, clean), 200)]] : [];
    }),
  );

/** Registered and widely used claims that are facts whatever they look like (RFC 7519, RFC 8693, OpenID Connect Core). */
const facts: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'azp', 'client_id', 'appid', 'scope', 'scp', 'exp', 'iat', 'nbf'],
  ...['nonce', 'at_hash', 'c_hash', 's_hash', 'auth_time', 'token_use', 'token_type'],
  'authorization_details',
]);

/** What names one token or one session can stand for it at a server that looks nothing else up. */
const secretive =
  /^(jti|sid|uti|rh)$|session|_jti$|authori[sz]ation|token|secret|passw|cookie|credential|key$/i;

/** Who somebody or something is has to be told apart by looking at it. */
const isIdentifier = (name: string): boolean => /(^|[_./:-])ids?$|[a-z]Ids?$/.test(name);

const isSecretive = (name: string): boolean => !facts.has(name) && secretive.test(name);

/** Claims that are times (NumericDate, RFC 7519 section 2). */
const times: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at']);
/** The last one that is a date, Unix ms. */
const LAST_DATE = 8.64e15;

const claimOf = (claim: string, value: unknown, clean: (text: string) => string): Claim => {
  const name = plainText(mask(claim, clean), LONGEST_NAME);
  const shown = shownOf(claim, value, 0);
  const text = typeof shown === 'string' ? shown : (JSON.stringify(shown) ?? '');
  const safe = mask(text, clean);
  // Known by its form or its value.
  if (shown === HIDDEN || (typeof shown === 'string' && safe === '[secret]')) return { name };
  const whole = plainText(safe, safe.length);
  const more = whole.length - LONGEST_VALUE;
  return {
    ...{ name, value: whole.slice(0, LONGEST_VALUE) },
    ...(more > 0 ? { more } : {}),
    ...timeIn(claim, value),
  };
};

const timeIn = (name: string, value: unknown): Pick<Claim, 'at'> => {
  const at = times.has(name) && typeof value === 'number' ? value * 1000 : Number.NaN;
  return Math.abs(at) <= LAST_DATE ? { at } : {};
};

/** The value without what may be a secret: by the name that it stands under, or because nobody would choose it. */
const shownOf = (name: string, value: unknown, depth: number): unknown => {
  if (isSecretive(name)) return HIDDEN;
  if (typeof value === 'string')
    return !facts.has(name) && !isIdentifier(name) && isRandom(value) ? HIDDEN : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return '...';
  if (Array.isArray(value)) return value.map((one) => shownOf(name, one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([member, one]) => [member, shownOf(member, one, depth + 1)]),
  );
};

/** A run of characters that is nobody's word: as long as a key, and of all kinds. A UUID is a name. */
const isRandom = (text: string): boolean =>
  text
    .split(/[\s.:/@,;|]+/)
    .some(
      (run) =>
        !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(run) &&
        ((run.length >= 32 && /\d/.test(run) && /[a-z]/i.test(run)) ||
          (run.length >= 22 && /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run))),
    );
