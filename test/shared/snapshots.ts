/** Snapshots for tests of what is shown and said. */
import type { ApprovalView } from '../../shared/contract/rules.ts';
import type { AccountView, ServerView, Snapshot } from '../../shared/contract/snapshot.ts';

type Account = Partial<AccountView> & Pick<AccountView, 'state'>;

/** A server called like its id, with an account "default", "second", ... for each given. */
export const aServer = (id: string, ...accounts: Account[]): ServerView => ({
  id,
  kind: 'mcp',
  title: `The ${id}`,
  url: `https://${id}.example/mcp`,
  accounts: accounts.map((account, n) => ({
    id: n === 0 ? 'default' : `account-${n}`,
    since: 0,
    ...account,
  })),
  defaultAccount: 'default',
});

export const aSnapshot = (...servers: ServerView[]): Snapshot => ({
  revision: 1,
  version: '0.0.0-test',
  servers,
  vault: { kind: 'keychain', state: 'open' },
  doors: {},
  notices: [],
});

/** A call that waits for the person. */
export const anApproval = (id: string, more: Partial<ApprovalView> = {}): ApprovalView => ({
  ...{ id, server: 'a', account: 'default', aiClient: 'Cursor', tool: 'delete_file' },
  ...{ askedAt: 0, endsAt: 300_000, ...more },
});
