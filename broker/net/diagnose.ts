/** What a failed connection means, in a sentence and a code. */
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';

/** What undici and Node throw: the code that matters may be on the cause. */
export type NetTrouble = Error & { readonly code?: string };

interface Row {
  readonly codes: RegExp;
  readonly problem: ProblemCode;
  readonly say: (host: string) => string;
  readonly hint: string;
}

const rows: readonly Row[] = [
  {
    codes: /^(ENOTFOUND|EAI_AGAIN|EAI_FAIL|ENODATA)$/,
    problem: 'server-unreachable',
    say: (host) => `the name ${host} was not found`,
    hint: 'check the spelling, and whether you are online',
  },
  {
    codes: /^ECONNREFUSED$/,
    problem: 'server-unreachable',
    say: (host) => `nothing answers at ${host}`,
    hint: 'check the address and that the server runs',
  },
  {
    codes: /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/,
    problem: 'server-too-slow',
    say: (host) => `${host} did not answer in time`,
    hint: 'try again later',
  },
  {
    codes: /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/,
    problem: 'tls-failed',
    say: (host) => `${host} does not answer in https`,
    hint: 'check the port; the address of a server on this machine may begin with http://',
  },
  {
    codes: /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/,
    problem: 'tls-failed',
    say: (host) => `the secure connection to ${host} was refused`,
    hint: 'its certificate is not trusted on this machine',
  },
];

const otherwise = {
  problem: 'server-unreachable',
  say: (host: string) => `the connection to ${host} failed`,
  hint: 'check whether you are online',
} as const;

/** The problem behind a transport failure towards `host`. A problem raised inside the transport is passed on. */
export const diagnose = (trouble: NetTrouble, host: string): ProblemError => {
  for (let error: unknown = trouble; error instanceof Error; error = error.cause) {
    if (error instanceof ProblemError) return error;
    const code = 'code' in error ? String(error.code) : '';
    const row = rows.find((candidate) => candidate.codes.test(code));
    if (row !== undefined) {
      return new ProblemError(row.problem, row.say(host), { hint: row.hint, cause: trouble });
    }
  }
  return new ProblemError(otherwise.problem, otherwise.say(host), {
    hint: otherwise.hint,
    cause: trouble,
  });
};
