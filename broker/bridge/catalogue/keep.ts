/** The catalogue of a running broker: around every leg, read anew when an account can be used, forgotten with it. */
import { type AccountKey, keyText } from '../../../shared/contract/ids.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports.ts';
import type { OpenLeg } from '../leg.ts';
import type { Legs } from '../legs.ts';
import type { Era } from '../session.ts';
import type { Target } from '../target.ts';
import type { ListName } from './lists.ts';
import { createRefresh } from './refresh.ts';
import { type Kept, openCatalogue } from './store.ts';
import { type UsableDeps, watchUsable } from './usable.ts';
import { type News, withCatalogue } from './with-catalogue.ts';

export interface KeptCatalogue {
  /** The same legs with the catalogue around them. */
  readonly around: (legs: Legs) => Legs;
  /** Reads what is usable, now and whenever an account comes to be. */
  readonly follow: (accounts: Pick<UsableDeps, 'snapshot' | 'subscribe'>) => void;
  /** Whether the account can be used, as far as is known. */
  readonly isUsable: (key: AccountKey) => boolean;
  /** Calls back whenever it comes to be so, after the legs have heard of it; returns a function that stops it. */
  readonly onUsable: (key: AccountKey, deed: () => void) => () => void;
  /** The network may be back. */
  readonly again: () => void;
  readonly forget: (key: AccountKey) => void;
  /** What the account was last told; a list is the same text as long as it is the same. */
  readonly known: (target: Target) => Kept | undefined;
  /** Resolves once all is saved. */
  readonly close: () => Promise<void>;
}

export interface KeepDeps {
  readonly folder: string;
  /** Undefined when there is no such account. */
  readonly find: (key: AccountKey) => Target | undefined;
  /** A server says something else of itself than before. */
  readonly onIdentity: () => void;
  /** For the bridge's own reading. */
  readonly legs: Legs['own'];
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

/** Opens the catalogue in `folder`. Never rejects: without it servers answer for themselves. */
export const keepCatalogue = async (deps: KeepDeps): Promise<KeptCatalogue> => {
  const { find, clock, log } = deps;
  const catalogue = await openCatalogue({
    ...{ folder: deps.folder, clock, log, onIdentity: deps.onIdentity },
    isThere: (key, url) => {
      const target = find(key);
      return target !== undefined && (url === undefined || target.upstream.url.href === url.href);
    },
  });
  const listeners = new Map<string, Set<News>>();
  const newsOf = (key: AccountKey): Set<News> => {
    const news = listeners.get(keyText(key)) ?? new Set();
    listeners.set(keyText(key), news);
    return news;
  };
  const listen = (key: AccountKey, news: News): (() => void) => {
    newsOf(key).add(news);
    return () => void listeners.get(keyText(key))?.delete(news);
  };
  let isUsable = (_key: AccountKey): boolean => false;
  let again = (): void => undefined;
  let stopWatching = (): void => undefined;
  const refresh = createRefresh({
    ...{ find, catalogue, clock, log, legs: deps.legs, version: deps.version },
    isUsable: (key) => isUsable(key),
    onRead: (key: AccountKey, changed: ReadonlySet<ListName>) => {
      for (const { read } of [...newsOf(key)]) read(changed);
    },
  });

  const answering = (target: Target, era: Era, open: OpenLeg): OpenLeg =>
    withCatalogue(open, era, {
      ...{ target, catalogue, clock },
      refresh: () => refresh.soon(target.upstream.key),
      onNews: (news) => listen(target.upstream.key, news),
    });

  return {
    around: (legs) => ({
      ...legs,
      to: (target, era) => answering(target, era, legs.to(target, era)),
    }),
    follow: ({ snapshot, subscribe }) => {
      const usable = watchUsable({
        ...{ snapshot, subscribe },
        onUsable: (key, { label }) => {
          if (label !== undefined) catalogue.noteOwner(key, label);
          for (const news of [...newsOf(key)]) news.usable();
          refresh.soon(key);
        },
        onAccounts: catalogue.keepOnly,
      });
      isUsable = usable.is;
      again = usable.again;
      stopWatching = usable.stop;
    },
    isUsable: (key) => isUsable(key),
    onUsable: (key, deed) => listen(key, { usable: deed, read: () => undefined }),
    again: () => again(),
    forget: catalogue.forget,
    known: ({ upstream }) => catalogue.of(upstream),
    close: async () => {
      stopWatching();
      refresh.stop();
      await catalogue.close();
    },
  };
};
