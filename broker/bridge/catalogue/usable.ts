/** When an account can be used that could not: told once, at the moment it comes to be so. */
import { type AccountKey, keyText } from '../../../shared/contract/ids.ts';
import type { AccountState, AccountView, Snapshot } from '../../../shared/contract/snapshot.ts';

export interface Usable {
  readonly is: (key: AccountKey) => boolean;
  /** The network may be back: every account that counts as usable is told of again. */
  readonly again: () => void;
  readonly stop: () => void;
}

export interface UsableDeps {
  readonly snapshot: () => Snapshot;
  readonly subscribe: (listener: (snapshot: Snapshot) => void) => () => void;
  /** Those that need no sign-in come first. */
  readonly onUsable: (key: AccountKey, account: AccountView) => void;
  /** The accounts there are; whenever they may have changed. */
  readonly onAccounts: (keys: readonly AccountKey[]) => void;
}

/** Whether calls can be made in a state; a renewal, which comes and goes, changes nothing. */
const verdicts: Readonly<Record<AccountState, boolean | 'as before'>> = {
  open: true,
  'signed-in': true,
  'cannot-save': true,
  renewing: 'as before',
  'signing-in': false,
  retrying: false,
  'needs-sign-in': false,
  offline: false,
  'needs-setup': false,
  'does-not-run': false,
};

/** Watches from now on, and tells of those that are usable already. */
export const watchUsable = ({ snapshot, subscribe, onUsable, onAccounts }: UsableDeps): Usable => {
  let usable = new Set<string>();

  const look = (now: Snapshot): void => {
    const before = usable;
    const accounts = accountsOf(now);
    usable = new Set(
      accounts
        .map(({ key, account }) => ({ text: keyText(key), verdict: verdicts[account.state] }))
        .filter(({ text, verdict }) => (verdict === 'as before' ? before.has(text) : verdict))
        .map(({ text }) => text),
    );
    onAccounts(accounts.map(({ key }) => key));
    for (const { key, account } of accounts)
      if (usable.has(keyText(key)) && !before.has(keyText(key))) onUsable(key, account);
  };

  const stop = subscribe(look);
  look(snapshot());
  return {
    is: (key) => usable.has(keyText(key)),
    again: () => {
      for (const { key, account } of accountsOf(snapshot()))
        if (usable.has(keyText(key))) onUsable(key, account);
    },
    stop,
  };
};

/** Of MCP servers: identity providers list nothing. */
const accountsOf = ({ servers }: Snapshot): { key: AccountKey; account: AccountView }[] =>
  servers
    .filter(({ kind }) => kind !== 'identity-provider')
    .flatMap(({ id, accounts }) =>
      accounts.map((account) => ({ key: { server: id, account: account.id }, account })),
    )
    .toSorted((a, b) => Number(b.account.state === 'open') - Number(a.account.state === 'open'));
