/** The pictures by which servers show themselves: fetched once they are named, kept in memory, drawn by the window alone. */
import { createHash } from 'node:crypto';
import type { IconDigest } from '../../shared/contract/icons.ts';
import type { ServerId } from '../../shared/contract/ids.ts';
import type { Logger } from '../log/logger.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Clock } from '../ports.ts';
import { picturesNamed } from './named.ts';
import { MOST_OF_PICTURE, type Picture, readPicture } from './picture.ts';

export interface Icons {
  /** Looks whether servers name other pictures than before, and has those fetched. Costs next to nothing where none does. */
  readonly look: () => void;
  /** The one of a server, by which it can be asked for; undefined where there is none (yet). */
  readonly of: (server: ServerId) => IconDigest | undefined;
  /** Undefined where nobody has it any more. */
  readonly picture: (digest: IconDigest) => Picture | undefined;
  /** Resolves once nothing is fetched any more. Never rejects. */
  readonly idle: () => Promise<void>;
}

export interface IconsDeps {
  readonly servers: () => readonly { readonly id: ServerId; readonly url: string }[];
  /** What a server has said of its pictures: anything. */
  readonly saidBy: (server: ServerId) => unknown;
  /** Without credentials. */
  readonly fetchOf: (server: ServerId) => GuardedFetch;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** For one picture, ms: nobody waits for it. */
const TIMEOUT_MS = 10_000;
/** What could not be had is asked for again after this time, ms. */
const RETRY_MS = 60 * 60_000;
const AT_A_TIME = 4;

interface Known {
  /** What it was fetched for. */
  readonly said: string;
  readonly icon?: { readonly digest: IconDigest; readonly picture: Picture };
  /** Unix ms; absent where there is nothing to try again. */
  readonly retryAt?: number;
}

export const createIcons = (deps: IconsDeps): Icons => {
  const { servers, saidBy, fetchOf, clock, log, onChange } = deps;
  const known = new Map<ServerId, Known>();
  const waiting: (() => Promise<void>)[] = [];
  let working: Promise<void>[] = [];

  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
  };

  const get = async (server: ServerId, said: string, urls: readonly URL[]): Promise<void> => {
    const { picture, isSure } = await firstOf(urls, fetchOf(server));
    // Named anew, or removed, meanwhile.
    if (known.get(server)?.said !== said) return;
    if (picture === undefined) {
      log.info('icon-not-had', { server });
      known.set(server, { said, ...(isSure ? {} : { retryAt: clock.now() + RETRY_MS }) });
      return;
    }
    const digest = createHash('sha256').update(picture.bytes).digest('hex').slice(0, 32);
    known.set(server, { said, icon: { digest, picture } });
    onChange();
  };

  const lookAt = (server: ServerId, url: string): void => {
    const icons = saidBy(server);
    const urls = icons === undefined ? [] : picturesNamed(icons, url);
    const said = urls.map(({ href }) => href).join('\n');
    const before = known.get(server);
    const isSame = before?.said === said || (before === undefined && said === '');
    if (isSame && (before?.retryAt ?? Infinity) > clock.now()) return;
    // The one before stays until there is another.
    known.set(server, { said, ...(said !== '' && before?.icon ? { icon: before.icon } : {}) });
    if (said === '') return onChange();
    waiting.push(() => get(server, said, urls));
    if (working.length >= AT_A_TIME) return;
    const worker = work().finally(() => {
      working = working.filter((one) => one !== worker);
    });
    working.push(worker);
  };

  return {
    look: () => {
      const there = new Set<ServerId>();
      for (const { id, url } of servers()) {
        there.add(id);
        lookAt(id, url);
      }
      for (const id of known.keys()) if (!there.has(id)) known.delete(id);
    },
    of: (server) => known.get(server)?.icon?.digest,
    picture: (digest) =>
      [...known.values()].find(({ icon }) => icon?.digest === digest)?.icon?.picture,
    idle: async () => {
      while (working.length > 0) await Promise.all(working);
    },
  };
};

/** `isSure`: none of them will ever be a picture. */
const firstOf = async (
  urls: readonly URL[],
  fetch: GuardedFetch,
): Promise<{ readonly picture: Picture | undefined; readonly isSure: boolean }> => {
  let isSure = true;
  for (const url of urls) {
    try {
      const bytes = url.protocol === 'data:' ? bytesIn(url) : await fetchBytes(fetch, url);
      const picture = readPicture(bytes);
      if (picture !== undefined) return { picture, isSure };
    } catch {
      isSure = false;
    }
  }
  return { picture: undefined, isSure };
};

const fetchBytes = async (fetch: GuardedFetch, url: URL): Promise<Uint8Array> => {
  // One that leads elsewhere could lead to whoever wants to know who uses this server.
  const limits = { timeoutMs: TIMEOUT_MS, maxBytes: MOST_OF_PICTURE, redirects: 0 };
  const response = await fetch(url, { ...limits, headers: { accept: 'image/*' }, whom: 'servers' });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

/** RFC 2397. */
const bytesIn = ({ pathname }: URL): Uint8Array => {
  const comma = pathname.indexOf(',');
  const data = pathname.slice(comma + 1);
  return pathname.slice(0, comma).endsWith(';base64')
    ? Buffer.from(data, 'base64')
    : Buffer.from(decodeURIComponent(data), 'latin1');
};
