/** Starting a sign-in: Drawbridge opens the browser, or this page does where Drawbridge has none. */
import type { ControlClient } from '../shared/contract/client.ts';
import type { AccountKey } from '../shared/contract/ids.ts';
import { pageAddress } from './words.ts';

/** `pageOpens` is the snapshot's `noBrowser`. Must be called from a click: browsers block tabs that open unasked. */
export const signIn = async (
  client: ControlClient,
  key: AccountKey,
  pageOpens: true | undefined,
): Promise<void> => {
  if (pageOpens === undefined) {
    await client.signIn(key, {});
    return;
  }
  // Opened at once and filled later: by the time the address is known, the click is too long ago.
  const tab = window.open('about:blank');
  try {
    await client.signIn(key, { openBrowser: false });
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
