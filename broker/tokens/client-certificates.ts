/** The certificates that servers want to see: looked up where they stand at each new connection, and fit to be shown. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../../shared/contract/client-certificate.ts';
import type { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ClientIdentity, KeyPair } from '../net/client-identity.ts';
import type { Resolve } from './sources/references.ts';

export interface ClientCertificates {
  /** Of a server that was added; undefined where it wants none. The same object until the settings change. */
  readonly of: (server: ServerId) => ClientIdentity | undefined;
  /** For a server that is only being looked at. */
  readonly at: (server: URL, settings: ClientCertificate) => ClientIdentity;
  /** When the one of a server ends, Unix ms; undefined until it was looked up. */
  readonly endsAt: (server: ServerId) => number | undefined;
}

export interface ClientCertificatesDeps {
  readonly find: (
    server: ServerId,
  ) =>
    | { readonly url: string; readonly clientCertificate?: ClientCertificate | undefined }
    | undefined;
  readonly resolve: Resolve;
  /** Unix ms. */
  readonly now: () => number;
  /** What is known of an end is shown. */
  readonly onChange: () => void;
}

interface Known {
  readonly settings: string;
  readonly identity: ClientIdentity;
  endsAt?: number;
}

export const createClientCertificates = ({
  find,
  resolve,
  now,
  onChange,
}: ClientCertificatesDeps): ClientCertificates => {
  const known = new Map<ServerId, Known>();

  const open = (
    server: URL,
    settings: ClientCertificate,
    onRead: (endsAt: number) => void = () => undefined,
  ): ClientIdentity => {
    const origins = new Set([server, ...settings.alsoAt].map((each) => new URL(each).origin));
    let last: KeyPair | undefined;
    return {
      isFor: (origin) => origins.has(origin),
      keyPair: async () => {
        const pair = await lookUp(settings, resolve);
        onRead(assertFit(pair, now()));
        if (last === undefined || !isSame(last, pair)) last = pair;
        return last;
      },
    };
  };

  const knownOf = (server: ServerId): Known | undefined => {
    const { url, clientCertificate } = find(server) ?? {};
    if (url === undefined || clientCertificate === undefined) {
      known.delete(server);
      return undefined;
    }
    const settings = JSON.stringify([url, clientCertificate]);
    const before = known.get(server);
    if (before?.settings === settings) return before;
    const entry: Known = {
      settings,
      identity: open(new URL(url), clientCertificate, (endsAt) => {
        if (entry.endsAt === endsAt) return;
        entry.endsAt = endsAt;
        onChange();
      }),
    };
    known.set(server, entry);
    return entry;
  };

  return {
    of: (server) => knownOf(server)?.identity,
    at: open,
    endsAt: (server) => knownOf(server)?.endsAt,
  };
};

const lookUp = async (
  { certificate, key = certificate, passphrase }: ClientCertificate,
  resolve: Resolve,
): Promise<KeyPair> => ({
  cert: (await resolve(certificate)).reveal(),
  key: (await resolve(key)).reveal(),
  ...(passphrase === undefined ? {} : { passphrase: (await resolve(passphrase)).reveal() }),
});

const isSame = (one: KeyPair, other: KeyPair): boolean =>
  one.cert === other.cert && one.key === other.key && one.passphrase === other.passphrase;

/** When it ends, Unix ms. Looked at here, because a server only says that it does not like it. */
const assertFit = (pair: KeyPair, now: number): number => {
  const certificate = readCertificate(pair.cert);
  if (!certificate.checkPrivateKey(readKey(pair)))
    throw unusable('the key does not belong to it', 'name the key that it was made for');
  const [from, until] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (until <= now) throw unusable(`it ran out on ${dayOf(until)}`, 'put a newer one in its place');
  if (from > now)
    throw unusable(`it is good from ${dayOf(from)} on`, 'check the clock of this machine');
  return until;
};

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const readCertificate = (pem: string): X509Certificate => {
  try {
    return new X509Certificate(pem);
  } catch {
    // It may stand in one file with its key, which must not be quoted.
    throw unusable('it cannot be read', 'PEM: what begins with -----BEGIN CERTIFICATE-----');
  }
};

const readKey = ({ key, passphrase }: KeyPair): KeyObject => {
  // OpenSSL would ask for it where it finds a terminal.
  if (passphrase === undefined && /\bENCRYPTED\b/.test(key))
    throw unusable('its key is locked', 'say where its passphrase stands');
  try {
    return createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    throw passphrase === undefined
      ? unusable('its key cannot be read', 'PEM: what begins with -----BEGIN PRIVATE KEY-----')
      : unusable('its key cannot be opened', 'check its passphrase');
  }
};

const unusable = (what: string, hint: string): ProblemError =>
  new ProblemError(
    'client-certificate-unusable',
    `the certificate for this server cannot be shown: ${what}`,
    { hint },
  );
