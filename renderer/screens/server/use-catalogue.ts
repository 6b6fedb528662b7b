/** What a server is known to have, and that there is news of it: the broker learns that behind the window's back. */
import { useEffect, useMemo } from 'react';
import type { CatalogueReply, CatalogueWish } from '../../../shared/contract/catalogue-view.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { useSurroundings } from '../../state/surroundings.ts';
import { useAsked } from '../../state/use-asked.ts';

export interface CatalogueNews {
  readonly about: CatalogueReply['about'];
  /** Undefined until they are known. */
  readonly lists: CatalogueReply['lists'] | undefined;
}

/**
 * After so long it is looked whether there is something else to leaf through, ms, and then ever more seldom: a page that
 * somebody has left open must not keep its session alive for good.
 */
const FIRST_LOOK = 2_000;
const LOOKS = 9;

interface Asked {
  readonly account: AccountKey;
  readonly wish: RouteBody<'catalogue'>;
}

const page = (client: ControlClient, { account, wish }: Asked): Promise<CatalogueReply> =>
  client.catalogue(account, wish);

/** An identity provider has nothing to leaf through. */
const news = async (
  client: ControlClient,
  account: AccountKey | undefined,
): Promise<CatalogueNews> => {
  if (account === undefined) return { about: undefined, lists: [] };
  const { about, lists } = await client.catalogue(account, { list: 'templates', limit: 1 });
  return { about, lists };
};

export const useCatalogueNews = (server: ServerView, account: AccountKey): CatalogueNews => {
  const { clock } = useSurroundings();
  const state = server.accounts.find(({ id }) => id === account.account)?.state;
  const whose = server.kind === 'identity-provider' ? undefined : account;
  const { reply, askAgain } = useAsked(news, whose, state);
  useEffect(() => {
    // Gone, and with each other state there may be news.
    if (state === undefined) return undefined;
    let cancel = (): void => undefined;
    const plan = (look: number): void => {
      cancel();
      if (look === LOOKS) return;
      cancel = clock.after(FIRST_LOOK * 2 ** look, () => {
        askAgain();
        plan(look + 1);
      });
    };
    const comeBack = (): void => {
      askAgain();
      plan(0);
    };
    plan(0);
    addEventListener('focus', comeBack);
    return () => {
      removeEventListener('focus', comeBack);
      cancel();
    };
  }, [clock, askAgain, state]);
  return { about: reply?.about, lists: reply?.lists };
};

/** A page of one list, anew when there is news of it. */
export const useCatalogue = (
  account: AccountKey,
  { list, query, offset }: Pick<CatalogueWish, 'list' | 'query' | 'offset'>,
  { lists = [] }: CatalogueNews,
) => {
  const asked = useMemo(
    () => ({ account, wish: { list, query, offset } }),
    [account, list, query, offset],
  );
  return useAsked(page, asked, JSON.stringify(lists.find((one) => one.list === list) ?? ''));
};
