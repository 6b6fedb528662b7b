/** Which changes are worth interrupting a person for, as plain data: the shell only shows it. */
import { titleOf, vaultTrouble } from './account-words.ts';
import type { AccountKey } from './contract/ids.ts';
import { keyText } from './contract/ids.ts';
import type { Problem } from './contract/problems.ts';
import type { AccountState, AccountView, Snapshot } from './contract/snapshot.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** The account that a click on it is about; absent when it is about Drawbridge as a whole. */
  readonly key?: AccountKey;
}

/** The states worth a notice when an account enters them, and what to say. */
const worth: Partial<
  Record<AccountState, (title: string, account: AccountView) => Omit<Notice, 'key'>>
> = {
  'needs-sign-in': (title) => ({ title: `${title} needs a sign-in`, body: 'Click to sign in.' }),
  'cannot-save': (title, account) => ({
    title: `${title}: the sign-in cannot be saved`,
    body: account.problem?.hint ?? 'It works until Drawbridge stops.',
  }),
  'needs-setup': (title, account) => ({
    title: `${title} needs setting up`,
    body: account.problem?.message ?? 'Open Drawbridge to see what is missing.',
  }),
};

/** What is worth a notice though the state is a good one: it tells of what will come. */
const ahead: readonly {
  readonly holds: (account: AccountView) => boolean;
  readonly say: (title: string) => Omit<Notice, 'key'>;
}[] = [
  {
    holds: ({ renewable, state, endsSoon }) =>
      renewable === false && state === 'signed-in' && endsSoon !== true,
    say: (title) => ({
      title: `${title}: this sign-in will not renew itself`,
      body: 'The server gave nothing to renew it with. You will be told before it ends.',
    }),
  },
  {
    holds: ({ endsSoon }) => endsSoon === true,
    say: (title) => ({
      title: `${title}: the sign-in ends soon`,
      body: 'Click to sign in again before it does.',
    }),
  },
];

/**
 * The notices that a change from one snapshot to the next calls for, the first one having none before it.
 *
 * A closed vault is one notice, however many accounts it hides; one that is only slow may be showing its own prompt.
 * A new server is not news, nor is a sign-in the person has just cancelled or signed out of: they were there.
 */
export const noticesFor = (before: Snapshot | undefined, after: Snapshot): Notice[] => [
  ...vaultNotices(before, after),
  ...accountNotices(before, after),
];

const vaultNotices = (before: Snapshot | undefined, after: Snapshot): Notice[] => {
  const was = before && settledTrouble(before);
  const is = settledTrouble(after);
  if (is === undefined || was !== undefined) return [];
  const body = is.hint === undefined ? is.message : `${is.message}: ${is.hint}`;
  return [{ title: 'Drawbridge cannot open the saved sign-ins', body }];
};

const settledTrouble = ({ vault }: Snapshot): Problem | undefined => {
  const trouble = vaultTrouble(vault);
  return trouble?.code === 'vault-slow' ? undefined : trouble;
};

const accountNotices = (before: Snapshot | undefined, after: Snapshot): Notice[] => {
  const known = new Map(
    (before?.servers ?? []).flatMap(({ id, accounts }) =>
      accounts.map((account) => [keyText({ server: id, account: account.id }), account] as const),
    ),
  );
  return after.servers.flatMap((server) =>
    server.accounts.flatMap((account) => {
      const key = { server: server.id, account: account.id };
      const was = known.get(keyText(key));
      if (was === undefined) return [];
      const title = titleOf(server, account);
      const said = stateNotice(title, was, account) ?? aheadNotice(title, was, account);
      return said === undefined ? [] : [{ ...said, key }];
    }),
  );
};

type Told = Omit<Notice, 'key'> | undefined;

const stateNotice = (title: string, was: AccountView, account: AccountView): Told => {
  const byThePerson = was.state === 'signing-in' && account.state === 'needs-sign-in';
  const signedOut = account.state === 'needs-sign-in' && account.problem === undefined;
  if (was.state === account.state || byThePerson || signedOut) return undefined;
  return worth[account.state]?.(title, account);
};

const aheadNotice = (title: string, was: AccountView, account: AccountView): Told =>
  ahead.find(({ holds }) => holds(account) && !holds(was))?.say(title);
