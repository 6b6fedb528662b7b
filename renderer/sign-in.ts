/** Starting a sign-in: Drawbridge opens the browser, or this page does where Drawbridge has none. */
import type { ControlClient } from '../shared/contract/client.ts';
import type { AccountKey } from '../shared/contract/ids.ts';
import type { RouteBody } from '../shared/contract/routes.ts';
import type { ServerView, Snapshot } from '../shared/contract/snapshot.ts';
import { pageAddress } from './words.ts';

/** Whether this page has to open the page to sign in at: not for a sign-in that needs nobody. */
export const pageOpens = (
  { noBrowser }: Pick<Snapshot, 'noBrowser'>,
  kind: NonNullable<ServerView['signIn']>['kind'] = 'person',
): true | undefined => (kind === 'person' ? noBrowser : undefined);

/** The account that a deed of the whole server is about. */
export const defaultAccount = (server: ServerView): AccountKey => ({
  server: server.id,
  account: server.defaultAccount,
});

/**
 * `here` is what `pageOpens` says. `before` is done first, and when it fails nothing is started. Must be called from a
 * click: browsers block tabs that open unasked.
 */
export const signIn = async (
  client: ControlClient,
  key: AccountKey,
  here: true | undefined,
  before: () => Promise<unknown> = async () => undefined,
  choice: RouteBody<'signIn'> = {},
): Promise<void> => {
  if (here === undefined) {
    await before();
    await client.signIn(key, choice);
    return;
  }
  // Opened at once and filled later: by the time the address is known, the click is too long ago.
  const tab = window.open('about:blank');
  try {
    await before();
    await client.signIn(key, { ...choice, openBrowser: false });
    const { link } = await client.signInLink(key);
    const address = pageAddress(link);
    if (tab === null || address === undefined) return;
    // The page there must not be able to steer this one.
    tab.opener = null;
    tab.location.replace(address);
  } catch (error) {
    tab?.close();
    throw error;
  }
};

/** Settles something for a server and signs in with it. */
export const signInWith = async (
  client: ControlClient,
  key: AccountKey,
  change: RouteBody<'configureSignIn'>,
  here: true | undefined,
): Promise<true> => {
  await signIn(client, key, here, () => client.configureSignIn({ server: key.server }, change));
  return true;
};

/** Signs in as somebody else than the account is now. */
export const signInAsAnother = async (
  client: ControlClient,
  key: AccountKey,
  here: true | undefined,
): Promise<true> => {
  await signIn(client, key, here, undefined, { chooseAccount: true });
  return true;
};

/** Adds an account and signs in to it. */
export const signInToNew = async (
  client: ControlClient,
  { server, account }: AccountKey,
  here: true | undefined,
): Promise<true> => {
  await signIn(client, { server, account }, here, () => client.addAccount({ server }, { account }));
  return true;
};
