/** The pictures by which servers show themselves: fetched once they are named, kept in memory, drawn by the window alone. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { IconDigest } from '../../shared/contract/icons.ts';
import type { ServerId } from '../../shared/contract/ids.ts';
import type { AccountState } from '../../shared/contract/snapshot.ts';
import type { Logger } from '../log/logger.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Clock } from '../ports.ts';
import { picturesNamed } from './named.ts';
import { MOST_OF_PICTURE, type Picture, readPicture } from './picture.ts';

export interface Icons {
  /**
   * Looks whether servers name other pictures than before, and has those fetched. Costs next to nothing where none does.
   * Never throws.
   */
  readonly look: () => void;
  /** The one of a server, by which it can be asked for; undefined where there is none (yet). */
  readonly of: (server: ServerId) => IconDigest | undefined;
  /** Undefined where nobody has it any more. */
  readonly picture: (digest: IconDigest) => Picture | undefined;
  /** Resolves once nothing is fetched any more. Never rejects. */
  readonly idle: () => Promise<void>;
}

export interface IconsDeps {
  readonly servers: () => readonly ShownServer[];
  /** What a server has said of its pictures: anything. The same value as long as it says the same. */
  readonly saidBy: (server: ServerId) => unknown;
  /** Without credentials; undefined for a server that is gone. */
  readonly fetchOf: (server: ServerId) => GuardedFetch | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  readonly onChange: () => void;
}

interface ShownServer {
  readonly id: ServerId;
  readonly url: string;
  readonly accounts: readonly { readonly state: AccountState }[];
}

/** For one picture, ms: nobody waits for it. */
const TIMEOUT_MS = 10_000;
/** What could not be had is asked for again after this time, ms. */
const RETRY_MS = 60 * 60_000;
/** A server may name others at every handshake; no more often than this are they read, ms. */
const BETWEEN_MS = 10 * 60_000;
const AT_A_TIME = 4;

/** With an account in one of these the server is asked anyway; a person who has signed out of it wants it left alone. */
const asked: ReadonlySet<AccountState> = new Set([
  'open',
  'signed-in',
  'renewing',
  'retrying',
  'cannot-save',
]);

interface Known {
  readonly url: string;
  /** As the server said it last. */
  icons?: unknown;
  /** Unix ms, from when on that is to be read; absent where it has been. */
  dueAt?: number | undefined;
  /** Unix ms; nothing is read before. */
  freeAt: number;
  /** A hash of the addresses that `icon` came of: they themselves may carry 300 kB of pictures. */
  from?: string | undefined;
  icon?: { readonly digest: IconDigest; readonly picture: Picture } | undefined;
}

export const createIcons = (deps: IconsDeps): Icons => {
  const { servers, saidBy, fetchOf, clock, log, onChange } = deps;
  const known = new Map<ServerId, Known>();
  /** Whose turn it is next. What they say is read once it comes, so that a server waits once, whatever it says meanwhile. */
  const waiting = new Set<ServerId>();
  /** A digest that could be computed would tell whoever knows a picture, and finds an answer to it, who is used here. */
  const secret = randomBytes(32);
  let working: Promise<void>[] = [];

  const show = (one: Known, picture: Picture | undefined): void => {
    const icon = picture && { digest: digestOf(secret, picture), picture };
    if (icon?.digest === one.icon?.digest) return;
    one.icon = icon;
    onChange();
  };

  const read = async (server: ServerId, one: Known): Promise<void> => {
    one.dueAt = undefined;
    one.freeAt = clock.now() + BETWEEN_MS;
    const urls = picturesNamed(one.icons, one.url);
    const from = createHash('sha256');
    for (const { href } of urls) from.update(href).update('\n');
    const hash = from.digest('hex');
    if (one.from === hash) return;
    const fetch = fetchOf(server);
    if (fetch === undefined) return;
    // Removed, or silent, meanwhile.
    const isWanted = (): boolean => known.get(server) === one && one.icons !== undefined;
    const { picture, isSure } = await firstOf(urls, fetch, isWanted);
    if (!isWanted()) return;
    if (picture === undefined && urls.length > 0) log.info('icon-not-had', { server });
    if (picture === undefined && !isSure) {
      // The one before stays until there is an answer.
      one.from = undefined;
      one.dueAt ??= clock.now() + RETRY_MS;
      return;
    }
    one.from = hash;
    show(one, picture);
  };

  const work = async (): Promise<void> => {
    for (const server of waiting) {
      waiting.delete(server);
      const one = known.get(server);
      try {
        if (one !== undefined) await read(server, one);
      } catch (error) {
        // What one server says must end neither the others' turns nor, unheard, the daemon.
        log.info('icon-not-had', { server, error });
      }
    }
  };

  const start = (): void => {
    while (waiting.size > 0 && working.length < AT_A_TIME) {
      const worker = work().finally(() => {
        working = working.filter((one) => one !== worker);
        // One may have come after the last turn, and before this worker was free.
        start();
      });
      working.push(worker);
    }
  };

  const lookAt = ({ id, url, accounts }: ShownServer): void => {
    const icons = saidBy(id);
    const before = known.get(id);
    // The person may change the address: what is known is of another server then.
    const one = before?.url === url ? before : { url, freeAt: 0 };
    if (one !== before) {
      known.set(id, one);
      if (before !== undefined) show(before, undefined);
    }
    if (one.icons !== icons) {
      one.icons = icons;
      one.dueAt = icons === undefined ? undefined : one.freeAt;
    }
    if (icons === undefined) {
      one.from = undefined;
      show(one, undefined);
    }
    const isDue = one.dueAt !== undefined && one.dueAt <= clock.now();
    if (isDue && accounts.some(({ state }) => asked.has(state))) waiting.add(id);
    else waiting.delete(id);
  };

  return {
    look: () => {
      const there = new Set<ServerId>();
      for (const server of servers()) {
        there.add(server.id);
        try {
          lookAt(server);
        } catch (error) {
          log.info('icon-not-had', { server: server.id, error });
        }
      }
      for (const id of known.keys())
        if (!there.has(id)) {
          known.delete(id);
          waiting.delete(id);
        }
      start();
    },
    of: (server) => known.get(server)?.icon?.digest,
    picture: (digest) =>
      [...known.values()].find(({ icon }) => icon?.digest === digest)?.icon?.picture,
    idle: async () => {
      while (working.length > 0) await Promise.all(working);
    },
  };
};

const digestOf = (secret: Buffer, { bytes }: Picture): IconDigest =>
  createHmac('sha256', secret).update(bytes).digest('hex').slice(0, 32);

/** `isSure`: none of them will ever be a picture. */
const firstOf = async (
  urls: readonly URL[],
  fetch: GuardedFetch,
  isWanted: () => boolean,
): Promise<{ readonly picture: Picture | undefined; readonly isSure: boolean }> => {
  let isSure = true;
  for (const url of urls) {
    if (!isWanted()) break;
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
