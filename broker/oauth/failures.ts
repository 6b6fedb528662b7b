/** What a failed token request means: try later, sign in again, or mend the set-up. One table. */
import * as oauth from 'oauth4webapi';
import { type Problem, ProblemError } from '../../shared/contract/problems.ts';

/**
 * - `later`: passing; try again, nothing is lost.
 * - `offline`: the network, not the service.
 * - `unsure`: sounds final but is known to pass; final only when it comes twice in a row.
 * - `sign-in-again`: the grant is dead, and only the person can make a new one.
 * - `set-up`: the request itself is wrong for this server.
 */
export type Verdict = 'later' | 'offline' | 'unsure' | 'sign-in-again' | 'set-up';

/** A token request that yielded no token. */
export class TokenFailure extends Error {
  readonly verdict: Verdict;
  readonly problem: Problem;
  /** What the server asked us to wait, ms. */
  readonly retryAfterMs: number | undefined;
  /** The OAuth error code, to compare with: the server chose it, so it is never shown. */
  readonly error: string | undefined;

  constructor(verdict: Verdict, problem: Problem, options: FailureOptions = {}) {
    super(problem.message, { cause: options.cause });
    this.name = 'TokenFailure';
    this.verdict = verdict;
    this.problem = problem;
    this.retryAfterMs = options.retryAfterMs;
    this.error = options.error;
  }
}

interface FailureOptions {
  readonly retryAfterMs?: number | undefined;
  readonly error?: string | undefined;
  readonly cause?: unknown;
}

/**
 * OAuth error codes of the token endpoint (RFC 6749 section 5.2, RFC 8707 section 2) and what they mean for a grant.
 * A map, because the server chooses the key: an object has an answer to `constructor`.
 */
const errorCodes: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ['invalid_grant', 'sign-in-again'],
  ['invalid_client', 'unsure'],
  ['unauthorized_client', 'unsure'],
  ['invalid_scope', 'set-up'],
  ['invalid_target', 'set-up'],
  ['invalid_request', 'set-up'],
  ['unsupported_grant_type', 'set-up'],
  ['temporarily_unavailable', 'later'],
  ['server_error', 'later'],
]);

const said: Readonly<Record<Verdict, (host: string) => Problem>> = {
  later: (host) => ({
    code: 'retrying',
    message: `${host} cannot renew the sign-in right now`,
    hint: 'Drawbridge tries again by itself',
  }),
  offline: (host) => ({
    code: 'offline',
    message: `${host} cannot be reached`,
    hint: 'Drawbridge goes on by itself once the network is back',
  }),
  unsure: (host) => ({
    code: 'retrying',
    message: `${host} does not recognise Drawbridge right now`,
    hint: 'Drawbridge tries again by itself',
  }),
  'sign-in-again': (host) => ({
    code: 'needs-sign-in',
    message: `${host} has ended this sign-in`,
    hint: 'sign in again',
  }),
  'set-up': (host) => ({
    code: 'sign-in-refused',
    message: `${host} refuses the way Drawbridge asks for tokens`,
    hint: 'sign in again; if that does not help, the server needs a different set-up',
  }),
};

/** The failure with this verdict, in our own words: text chosen by a server is never shown as ours. */
export const tokenFailure = (
  verdict: Verdict,
  host: string,
  options: FailureOptions = {},
): TokenFailure => new TokenFailure(verdict, said[verdict](host), options);

/**
 * Sorts an answer of the token endpoint that is not a success, from status, content type and error code.
 *
 * Resolves with undefined when the answer is one to be processed. `now` is in Unix ms, for a `Retry-After` date.
 */
export const sortAnswer = async (
  answer: Response,
  host: string,
  now: number,
): Promise<TokenFailure | undefined> => {
  if (answer.ok) return undefined;
  const retryAfterMs = retryAfter(answer.headers.get('retry-after'), now);
  if (answer.status === 429 || answer.status === 408 || answer.status >= 500) {
    return tokenFailure('later', host, { retryAfterMs });
  }
  const code = await errorCode(answer);
  // Not an OAuth error: a firewall's page, a proxy's, a captive portal's. It says nothing about the grant.
  if (code === undefined) return tokenFailure('later', host, { retryAfterMs });
  return tokenFailure(errorCodes.get(code) ?? 'set-up', host, { retryAfterMs, error: code });
};

/** Sorts what was thrown while asking the token endpoint. */
export const sortError = (error: unknown, host: string): TokenFailure => {
  if (error instanceof TokenFailure) return error;
  if (error instanceof ProblemError) {
    const verdict = transport[error.code] ?? 'set-up';
    return verdict === 'set-up'
      ? new TokenFailure(verdict, error.problem, { cause: error })
      : tokenFailure(verdict, host, { cause: error });
  }
  // A success that is not one: truncated, of another type, not to the standard.
  if (error instanceof oauth.OperationProcessingError)
    return tokenFailure('later', host, { cause: error });
  return tokenFailure('later', host, { cause: error });
};

const transport: Partial<Record<ProblemError['code'], Verdict>> = {
  'server-unreachable': 'offline',
  'server-too-slow': 'later',
  'answer-too-large': 'later',
  'redirect-refused': 'later',
  'tls-failed': 'later',
  'proxy-failed': 'offline',
  'proxy-sign-in': 'later',
  'ca-file-unusable': 'later',
};

const errorCode = async (answer: Response): Promise<string | undefined> => {
  if (!(answer.headers.get('content-type') ?? '').includes('json')) return undefined;
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined);
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  return typeof body.error === 'string' ? body.error : undefined;
};

/** A server may ask for patience, not for ever: a mistaken header must not cost the sign-in. */
const LONGEST_WAIT_MS = 60 * 60_000;

const retryAfter = (header: string | null, now: number): number | undefined => {
  const wait = askedWait(header, now);
  return wait === undefined ? undefined : Math.min(Math.max(0, wait), LONGEST_WAIT_MS);
};

const askedWait = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : date - now;
};
