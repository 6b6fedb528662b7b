/** Which changes are worth interrupting a person for, as plain data: the shell only shows it. */
import type { AccountKey } from './contract/ids.ts';
import { keyText } from './contract/ids.ts';
import type { AccountState, AccountView, Snapshot } from './contract/snapshot.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** What a click on it does. */
  readonly key: AccountKey;
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

/**
 * The notices that a change from one snapshot to the next calls for.
 *
 * A new server is not news, nor is a sign-in the person has just cancelled or signed out of: they were there.
 */
export const noticesFor = (before: Snapshot, after: Snapshot): Notice[] => {
  const states = new Map(
    before.servers.flatMap(({ id, accounts }) =>
      accounts.map(
        (account) => [keyText({ server: id, account: account.id }), account.state] as const,
      ),
    ),
  );
  return after.servers.flatMap((server) =>
    server.accounts.flatMap((account) => {
      const key = { server: server.id, account: account.id };
      const was = states.get(keyText(key));
      const say = worth[account.state];
      const byThePerson = was === 'signing-in' && account.state === 'needs-sign-in';
      const signedOut = account.state === 'needs-sign-in' && account.problem === undefined;
      if (
        was === undefined ||
        was === account.state ||
        say === undefined ||
        byThePerson ||
        signedOut
      )
        return [];
      return [{ ...say(server.title, account), key }];
    }),
  );
};
