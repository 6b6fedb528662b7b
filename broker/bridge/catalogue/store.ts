/** What each account was last told by its server: who it is, and its lists. Kept on disk, a file an account. */
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { AccountId, type AccountKey, keyText, ServerId } from '../../../shared/contract/ids.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports.ts';
import { readIfPresent, setAside, writeAtomically } from '../../storage/atomic-file.ts';
import { keepPrivate, makePrivateFolder, sweepTemporaries } from '../../storage/private.ts';
import { createTurns } from '../../tokens/single-flight.ts';
import type { Era } from '../session.ts';
import type { Upstream } from '../upstream/exchange.ts';
import { Identity } from './identity.ts';
import { type ListName, listNames, listsOf } from './lists.ts';

export interface KeptList {
  /** The JSON of the array, as the server gave it. */
  readonly items: string;
  /** Unix ms. */
  readonly at: number;
  /** The server has said that it changed since. */
  readonly stale: boolean;
}

/** What is known of an account's server. In each era a server says other things of itself; its lists are the same. */
export interface Kept {
  readonly identities: Readonly<Partial<Record<Era, Identity>>>;
  readonly lists: Readonly<Partial<Record<ListName, KeptList>>>;
}

/** Whose server it is, and where. */
export type Whose = Pick<Upstream, 'key' | 'url'>;

export interface Catalogue {
  /** Undefined when nothing is known, or only of another server that had the account's name. */
  readonly of: (whose: Whose) => Kept | undefined;
  readonly noteIdentity: (whose: Whose, era: Era, identity: Identity) => void;
  /** Returns the list as it is kept: one that is the same as before is the very same text. */
  readonly noteList: (whose: Whose, name: ListName, items: readonly unknown[]) => string;
  readonly markStale: (whose: Whose, name: ListName) => void;
  /** Who the account is by now: what was told to somebody else is forgotten (F9). */
  readonly noteOwner: (key: AccountKey, label: string) => void;
  /** Forgets every account but these. */
  readonly keepOnly: (keys: readonly AccountKey[]) => void;
  readonly forget: (key: AccountKey) => void;
  /** Resolves once all is saved. */
  readonly close: () => Promise<void>;
}

export interface CatalogueDeps {
  /** Made when absent, owner only. */
  readonly folder: string;
  /** Whether the account is there, and its server where it is said to be. */
  readonly isThere: (key: AccountKey, url?: URL) => boolean;
  /** A server says something else of itself than before. */
  readonly onIdentity?: () => void;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Logger;
}

const Entry = z.object({
  format: z.literal(1),
  url: z.string(),
  /** A hash of who the account was, as far as the server told. */
  owner: z.string().optional(),
  identities: z.object({ legacy: Identity.optional(), modern: Identity.optional() }),
  lists: z.partialRecord(
    z.enum(listNames),
    z.object({ items: z.array(z.unknown()), at: z.number() }),
  ),
});

interface Live {
  readonly key: AccountKey;
  readonly url: string;
  owner: string | undefined;
  identities: Kept['identities'];
  lists: Kept['lists'];
}

/** All lists of an account together, in characters. */
const MOST_KEPT = 16 * 1024 * 1024;
/** Lists come in bursts, and are written together. */
const WRITE_AFTER_MS = 500;
const FILE = /^([a-z0-9-]+)@([a-z0-9-]+)\.json$/;

/** Opens the catalogue with what was kept. A folder that cannot be used leaves it in memory, and says so in the log. */
export const openCatalogue = async (deps: CatalogueDeps): Promise<Catalogue> => {
  const { folder, isThere, clock, log } = deps;
  const entries = new Map<string, Live>();
  /** Who accounts are, also those of which nothing is kept yet. */
  const owners = new Map<string, string>();
  const due = new Map<string, () => void>();
  const inTurn = createTurns();
  const writes = new Set<Promise<void>>();

  const fileOf = ({ server, account }: AccountKey): string =>
    path.join(folder, `${account}@${server}.json`);

  const run = (key: AccountKey, deed: () => Promise<void>): void => {
    const text = keyText(key);
    const done = inTurn(text, deed)
      .catch((error: unknown) => log.warn('catalogue-not-saved', { key: text, error }))
      .finally(() => writes.delete(done));
    writes.add(done);
  };

  const write = (key: AccountKey): void => {
    due.get(keyText(key))?.();
    due.delete(keyText(key));
    run(key, async () => {
      const entry = entries.get(keyText(key));
      if (entry !== undefined) await writeAtomically(fileOf(key), toText(entry));
    });
  };

  const changed = ({ key }: Live): void => {
    const text = keyText(key);
    if (!due.has(text))
      due.set(
        text,
        clock.after(WRITE_AFTER_MS, () => write(key)),
      );
  };

  const forget = (key: AccountKey): void => {
    const text = keyText(key);
    due.get(text)?.();
    due.delete(text);
    owners.delete(text);
    if (!entries.delete(text)) return;
    run(key, () => rm(fileOf(key), { force: true }));
  };

  const find = ({ key, url }: Whose): Live | undefined => {
    const entry = entries.get(keyText(key));
    return entry?.url === url.href ? entry : undefined;
  };

  /** An answer may come after its account was removed: nothing is kept of it then. */
  const toNote = (whose: Whose): Live | undefined => {
    if (!isThere(whose.key, whose.url)) return undefined;
    const { key, url } = whose;
    const entry = find(whose) ?? freshEntry(key, url.href, owners.get(keyText(key)));
    entries.set(keyText(key), entry);
    return entry;
  };

  const noteList: Catalogue['noteList'] = (whose, name, items) => {
    const text = JSON.stringify(items);
    const entry = toNote(whose);
    if (entry === undefined) return text;
    const before = entry.lists[name];
    const others = only(entry.lists, (other) => other !== name);
    const size = Object.values(others).reduce((sum, { items }) => sum + items.length, text.length);
    const kept = before?.items === text ? before.items : text;
    // Who looked at it before must not see it change.
    entry.lists =
      size > MOST_KEPT
        ? others
        : { ...others, [name]: { items: kept, at: clock.now(), stale: false } };
    if (size > MOST_KEPT)
      log.warn('list-not-kept', { key: keyText(whose.key), list: name, length: text.length });
    // Every AI client that starts asks; most lists stay for weeks.
    if (kept !== before?.items || size > MOST_KEPT) changed(entry);
    return kept;
  };

  const load = async (name: string): Promise<void> => {
    const [, account = '', server = ''] = FILE.exec(name) ?? [];
    const key = { server, account };
    if (!ServerId.safeParse(server).success || !AccountId.safeParse(account).success) return;
    const file = fileOf(key);
    if (!isThere(key)) return rm(file, { force: true });
    try {
      await keepPrivate(file);
      const bytes = await readIfPresent(file);
      const entry = bytes && fromText(key, bytes.toString('utf8'));
      if (entry !== undefined) entries.set(keyText(key), entry);
      else if (bytes !== undefined)
        log.warn('catalogue-unreadable', {
          key: keyText(key),
          aside: path.basename(setAside(file, clock.now())),
        });
    } catch (error) {
      // One account begins without what was known of it; the others need not.
      log.warn('catalogue-unreadable', { key: keyText(key), error });
    }
  };

  try {
    await makePrivateFolder(folder);
    await sweepTemporaries(folder);
    await Promise.all((await readdir(folder)).map(load));
  } catch (error) {
    log.warn('catalogue-unusable', { error });
  }

  return {
    of: find,
    noteIdentity: (whose, era, identity) => {
      const entry = toNote(whose);
      if (entry === undefined || isDeepStrictEqual(entry.identities[era], identity)) return;
      entry.identities = { ...entry.identities, [era]: identity };
      const has = Object.values(entry.identities).flatMap((each) => listsOf(each.capabilities));
      entry.lists = only(entry.lists, (name) => has.includes(name));
      changed(entry);
      deps.onIdentity?.();
    },
    noteList,
    markStale: (whose, name) => {
      const entry = find(whose);
      const list = entry?.lists[name];
      if (entry !== undefined && list !== undefined)
        entry.lists = { ...entry.lists, [name]: { ...list, stale: true } };
    },
    noteOwner: (key, label) => {
      const text = keyText(key);
      const owner = createHash('sha256').update(label).digest('hex');
      const before = owners.get(text) ?? entries.get(text)?.owner;
      if (before !== undefined && before !== owner) forget(key);
      owners.set(text, owner);
      const entry = entries.get(text);
      if (entry === undefined || entry.owner === owner) return;
      entry.owner = owner;
      changed(entry);
    },
    keepOnly: (keys) => {
      const texts = new Set(keys.map(keyText));
      for (const { key } of [...entries.values()]) if (!texts.has(keyText(key))) forget(key);
    },
    forget,
    close: async () => {
      for (const text of [...due.keys()]) {
        const entry = entries.get(text);
        if (entry !== undefined) write(entry.key);
      }
      await Promise.all(writes);
    },
  };
};

const freshEntry = (key: AccountKey, url: string, owner: string | undefined): Live => ({
  ...{ key, url, owner },
  identities: {},
  lists: {},
});

const only = (lists: Kept['lists'], wanted: (name: ListName) => boolean): Kept['lists'] =>
  Object.fromEntries(Object.entries(lists).filter(([name]) => wanted(name as ListName)));

const toText = ({ url, owner, identities, lists }: Live): string => {
  const kept = Object.entries(lists).map(
    ([name, { items, at }]) => `${JSON.stringify(name)}:{"at":${at},"items":${items}}`,
  );
  const head = JSON.stringify({ format: 1, url, owner, identities });
  return `${head.slice(0, -1)},"lists":{${kept.join(',')}}}\n`;
};

const fromText = (key: AccountKey, text: string): Live | undefined => {
  const { data } = Entry.safeParse(parseJson(text));
  if (data === undefined) return undefined;
  const { url, owner, identities, lists } = data;
  return {
    ...{ key, url, owner },
    identities: {
      ...(identities.legacy === undefined ? {} : { legacy: identities.legacy }),
      ...(identities.modern === undefined ? {} : { modern: identities.modern }),
    },
    lists: Object.fromEntries(
      Object.entries(lists).map(([name, { items, at }]) => [
        name,
        { items: JSON.stringify(items), at, stale: false },
      ]),
    ),
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is just another way of not being of the schema.
    return undefined;
  }
};
