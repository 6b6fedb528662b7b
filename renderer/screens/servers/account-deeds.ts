/** What a person can do with an account in each state. */
import { isEnding } from '../../../shared/account-words.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { AccountState, AccountView, ServerView } from '../../../shared/contract/snapshot.ts';
import { signIn } from '../../sign-in.ts';
import { strings } from '../../strings.ts';

export interface Deed {
  readonly words: string;
  readonly kind: 'primary' | 'plain';
  readonly deed: (
    client: ControlClient,
    key: AccountKey,
    here: true | undefined,
  ) => Promise<unknown>;
}

const signingIn: Deed = {
  words: strings.account.signIn,
  kind: 'primary',
  deed: (client, key, here) => signIn(client, key, here),
};
const cancel: Deed = {
  words: strings.account.cancel,
  kind: 'plain',
  deed: (client, key) => client.cancelSignIn(key),
};
const tryNow: Deed = {
  words: strings.account.tryNow,
  kind: 'plain',
  deed: (client, key) => client.renew(key),
};

/** While it still holds there is time. */
const signingInAgain: Deed = { ...signingIn, words: strings.account.signInAgain, kind: 'plain' };

/** Of an account that a person signs in to. */
const firstDeeds: Readonly<Partial<Record<AccountState, Deed>>> = {
  'needs-sign-in': signingIn,
  // What has to be set up is said beside it; the sign-in alone would fail again.
  'needs-setup': { ...signingIn, kind: 'plain' },
  'signing-in': cancel,
  retrying: tryNow,
  offline: tryNow,
};

/** Of one whose credential is got without a person. */
const firstOfSource: Readonly<Partial<Record<AccountState, Deed>>> = {
  'needs-setup': tryNow,
  retrying: tryNow,
  offline: tryNow,
};

/** The deed offered first, besides signing out. */
export const firstDeed = (
  { source }: Pick<ServerView, 'source'>,
  account: Pick<AccountView, 'state' | 'endsSoon'>,
): Deed | undefined => {
  if (source !== undefined) return firstOfSource[account.state];
  return isEnding(account) ? signingInAgain : firstDeeds[account.state];
};

/** The states in which there is a sign-in, or a credential. */
export const hasCredential: ReadonlySet<AccountState> = new Set([
  'signed-in',
  'renewing',
  'retrying',
  'offline',
  'cannot-save',
]);

/** Whether there is a sign-in that can be ended. */
export const canSignOut = ({ source }: Pick<ServerView, 'source'>, state: AccountState): boolean =>
  source === undefined && hasCredential.has(state);

export const signOut = (client: ControlClient, key: AccountKey) =>
  client.remove({ what: 'sign-in', ...key });

/** Runs whichever deed it is handed, so that one action follows a button whose deed changes. */
export const runDeed = (
  client: ControlClient,
  { deed }: Deed,
  key: AccountKey,
  here: true | undefined,
) => deed(client, key, here);

/** Ends the sign-in that waits for a browser, and begins one with a code. */
export const codeInstead = async (client: ControlClient, key: AccountKey): Promise<void> => {
  await client.cancelSignIn(key);
  await client.signIn(key, { onDevice: true });
};
