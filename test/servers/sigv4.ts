/** Does a request carry a signature of AWS that holds? Checked step by step as "Signature Version 4 for API requests" has it. */
import { createHash, createHmac } from 'node:crypto';

/** A request as it came in. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, untouched. */
  readonly target: string;
  /** Those that came several times are joined with commas. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface KnownKey {
  readonly secret: string;
  /** What must come with it, of a session. */
  readonly token?: string;
  /** Unix ms. */
  readonly endsAt?: number;
}

export interface Sigv4Rules {
  readonly keys: (id: string) => KnownKey | undefined;
  readonly region: string;
  readonly service: string;
  /** Unix ms. */
  readonly now: () => number;
}

/** Of the clock on the other side. ms */
const CLOCKS_DIFFER_MS = 15 * 60_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** Why a request is refused, or undefined for one that is good. */
export const objectionTo = (
  request: ReceivedRequest,
  { keys, region, service, now }: Sigv4Rules,
): string | undefined => {
  const parts = AUTHORIZATION.exec(single(request, 'authorization') ?? '');
  if (parts === null) return 'MissingAuthenticationToken';
  const [, id = '', day = '', inRegion, ofService, names = '', signature] = parts;
  const date = single(request, 'x-amz-date') ?? '';
  if (inRegion !== region || ofService !== service) return 'wrong scope';
  if (!/^\d{8}T\d{6}Z$/.test(date) || !date.startsWith(day)) return 'wrong date';
  if (Math.abs(momentOf(date) - now()) > CLOCKS_DIFFER_MS) return 'RequestExpired';

  const signed = names.split(';');
  const mustBe = Object.keys(request.headers).filter(
    (name) => name === 'host' || name === 'content-type' || name.startsWith('x-amz-'),
  );
  if (mustBe.some((name) => !signed.includes(name))) return 'a header is not signed';
  const hash = sha256(request.body);
  if ((single(request, 'x-amz-content-sha256') ?? hash) !== hash)
    return 'XAmzContentSHA256Mismatch';

  const key = keys(id);
  if (key === undefined) return 'UnrecognizedClient';
  if (single(request, 'x-amz-security-token') !== key.token) return 'InvalidClientTokenId';
  if (key.endsAt !== undefined && key.endsAt <= now()) return 'ExpiredToken';
  const scope = `${day}/${region}/${service}/aws4_request`;
  const canonical = canonicalRequest(request, signed, hash, service);
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const signing = [day, region, service, 'aws4_request'].reduce<Buffer>(
    hmac,
    Buffer.from(`AWS4${key.secret}`),
  );
  return hmac(signing, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch';
};

const single = ({ headers }: ReceivedRequest, name: string): string | undefined =>
  headers[name]?.toString();

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const momentOf = (date: string): number =>
  Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const canonicalRequest = (
  { method, target, headers }: ReceivedRequest,
  signed: readonly string[],
  hash: string,
  service: string,
): string => {
  const [path = '/', ...query] = target.split('?');
  const lines = signed.map((name) => `${name}:${trimmed(headers[name])}\n`);
  return [
    ...[method, canonicalPath(path, service), canonicalQuery(query.join('?'))],
    ...[lines.join(''), signed.join(';'), hash],
  ].join('\n');
};

const trimmed = (value: string | readonly string[] = ''): string =>
  [value]
    .flat()
    .map((each) => each.trim().replace(/ +/g, ' '))
    .join(',');

/** RFC 3986 unreserved characters stay, and nothing else does. */
const encoded = (text: string): string =>
  [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(letter)
        ? letter
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** Encoded once more than it came, and without its dots, but for S3. */
const canonicalPath = (path: string, service: string): string => {
  if (service === 's3') return path;
  const kept: string[] = [];
  for (const segment of path.split('/').slice(1)) {
    if (segment === '..') kept.pop();
    else if (segment !== '.' && segment !== '') kept.push(encoded(segment));
  }
  const slash = path.endsWith('/') && kept.length > 0 ? '/' : '';
  return `/${kept.join('/')}${slash}`;
};

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return [name, value.join('=')].map((each) => encoded(decodeURIComponent(each))) as [
        string,
        string,
      ];
    })
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
