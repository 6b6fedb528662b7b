/** What a failed connection means, in a sentence and a code. */
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import { type Proxy, whereToLook } from './proxy-address.ts';

/** What undici and Node throw: the code that matters may be on the cause. */
export type NetTrouble = Error & { readonly code?: string };

interface Row {
  readonly codes: RegExp;
  readonly problem: ProblemCode;
  readonly say: (host: string) => string;
  readonly hint: string;
}

const nameNotFound = /^(ENOTFOUND|EAI_AGAIN|EAI_FAIL|ENODATA)$/;
const tooSlow =
  /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/;
const notTls = /^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)|EPROTO)$/;
const tls = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_)/;

const inspected = 'a security program or a company proxy may be inspecting secure connections:';

/** The first row that fits; OpenSSL and BoringSSL do not name everything alike. */
const rows: readonly Row[] = [
  {
    codes: nameNotFound,
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
    codes: tooSlow,
    problem: 'server-too-slow',
    say: (host) => `${host} did not answer in time`,
    hint: 'try again later',
  },
  {
    codes: notTls,
    problem: 'tls-failed',
    say: (host) => `${host} does not answer in https`,
    hint: 'check the port; the address of a server on this machine may begin with http://',
  },
  {
    codes: /^CERT_HAS_EXPIRED$/,
    problem: 'tls-failed',
    say: (host) => `the certificate of ${host} has expired`,
    hint: 'check the clock of this machine; if it is right, the operator has to renew the certificate',
  },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    problem: 'tls-failed',
    say: (host) => `the certificate of ${host} is not valid yet`,
    hint: 'check the clock of this machine',
  },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_|HOSTNAME_MISMATCH)/,
    problem: 'tls-failed',
    say: (host) => `${host} shows the certificate of another name`,
    hint: 'check the address; in a hotel or train, first open a web page to sign in to the network',
  },
  {
    codes: /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
    problem: 'tls-failed',
    say: (host) => `nobody but itself vouches for ${host}`,
    hint: 'if the server is yours, give Drawbridge its certificate as a file of extra certificates',
  },
  {
    codes: /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA)/,
    problem: 'tls-failed',
    say: (host) => `nobody this machine trusts vouches for ${host}`,
    hint: `${inspected} give Drawbridge its certificate as a file of extra certificates`,
  },
  {
    codes: /^CERT_REVOKED$/,
    problem: 'tls-failed',
    say: (host) => `the certificate of ${host} was revoked`,
    hint: 'the operator has to replace it',
  },
  {
    codes: /^ERR_SSL_.*CERTIFICATE_REQUIRED$/,
    problem: 'tls-failed',
    say: (host) => `${host} wants a certificate from you`,
    hint: 'ask its operator for one, then name it: drawbridge configure <server> --client-cert <file>',
  },
  {
    codes:
      /^ERR_SSL_.*(PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|NO_PROTOCOLS|NO_SHARED_CIPHER|NO_CIPHERS|INSUFFICIENT_SECURITY|HANDSHAKE_FAILURE|KEY_TOO_SMALL|UNSAFE_LEGACY)/,
    problem: 'tls-failed',
    say: (host) => `${host} and Drawbridge have no common form of secure connection`,
    hint: 'the server may be too old, or want a client certificate; ask its operator',
  },
  {
    codes: tls,
    problem: 'tls-failed',
    say: (host) => `the secure connection to ${host} was refused`,
    hint: `${inspected} ask who looks after this network`,
  },
];

const otherwise = {
  problem: 'server-unreachable',
  say: (host: string) => `the connection to ${host} failed`,
  hint: 'check whether you are online',
} as const;

/** The problem behind a transport failure towards `host`. A problem raised inside the transport is passed on. */
export const diagnose = (trouble: NetTrouble, host: string): ProblemError => {
  const found = firstKnown(trouble, rows);
  if (found instanceof ProblemError) return found;
  const { problem, say, hint } = found ?? otherwise;
  return new ProblemError(problem, say(host), { hint, cause: trouble });
};

const firstKnown = <Known extends { readonly codes: RegExp }>(
  trouble: Error,
  table: readonly Known[],
): Known | ProblemError | undefined => {
  for (let error: unknown = trouble; error instanceof Error; error = error.cause) {
    if (error instanceof ProblemError) return error;
    const code = 'code' in error ? String(error.code) : '';
    const row = table.find(({ codes }) => codes.test(code));
    if (row !== undefined) return row;
  }
  return undefined;
};

interface ProxyRow {
  /** Codes of transport failures, or the status with which the proxy answered. */
  readonly codes: RegExp;
  readonly problem?: 'proxy-sign-in';
  readonly say: (proxy: string, host: string) => string;
  /** Absent: where the proxy is set. */
  readonly hint?: string;
}

const proxyRows: readonly ProxyRow[] = [
  { codes: nameNotFound, say: (proxy) => `the name of the proxy ${proxy} was not found` },
  { codes: /^ECONNREFUSED$/, say: (proxy) => `nothing answers at the proxy ${proxy}` },
  { codes: tooSlow, say: (proxy) => `the proxy ${proxy} did not answer in time` },
  { codes: /^(HPE_|ERR_SSL_HTTP)/, say: (proxy) => `${proxy} does not answer as a proxy` },
  { codes: notTls, say: (proxy) => `the proxy ${proxy} does not answer in https` },
  {
    codes: tls,
    say: (proxy) => `the secure connection to the proxy ${proxy} was refused`,
    hint: "if it is your company's, give Drawbridge its certificate as a file of extra certificates",
  },
  {
    codes: /^407$/,
    problem: 'proxy-sign-in',
    say: (proxy) => `the proxy ${proxy} does not let Drawbridge in`,
    hint: 'put the user name and password in front of its name: http://user:password@proxy.example:8080',
  },
  {
    codes: /^403$/,
    say: (proxy, host) => `the proxy ${proxy} does not allow connections to ${host}`,
    hint: 'ask whoever looks after the proxy to allow it',
  },
  {
    codes: /^5\d\d$/,
    say: (proxy, host) => `the proxy ${proxy} could not reach ${host}`,
    hint: 'check the address; try again later',
  },
  { codes: /^\d{3}$/, say: (proxy) => `${proxy} does not answer as a proxy` },
];

/** The problem behind a failure of `proxy`, or behind the status with which it refuses to lead to `host`. */
export const diagnoseProxy = (
  trouble: NetTrouble | number,
  { url, source }: Proxy,
  host: string,
): ProblemError => {
  const found =
    typeof trouble === 'number'
      ? proxyRows.find(({ codes }) => codes.test(String(trouble)))
      : firstKnown(trouble, proxyRows);
  if (found instanceof ProblemError) return found;
  return new ProblemError(
    found?.problem ?? 'proxy-failed',
    found?.say(url.host, host) ?? `the connection to the proxy ${url.host} failed`,
    {
      hint: found?.hint ?? whereToLook[source],
      ...(typeof trouble === 'number' ? {} : { cause: trouble }),
    },
  );
};
