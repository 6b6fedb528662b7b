/** Snapshots for tests of what the shell draws. */
import type { AccountView, ServerView, Snapshot } from '../../shared/contract/snapshot.ts';

export const aServer = (id: string, account: Partial<AccountView>): ServerView => ({
  id,
  kind: 'mcp',
  title: id[0]?.toUpperCase() + id.slice(1),
  url: `https://${id}.example/mcp`,
  accounts: [{ id: 'default', state: 'signed-in', since: 0, ...account } satisfies AccountView],
  defaultAccount: 'default',
});

export const aSnapshot = (...servers: Snapshot['servers']): Snapshot => ({
  revision: 1,
  version: '0.0.0-test',
  servers,
  vault: { kind: 'memory', state: 'open' },
  doors: {},
  notices: [],
});

/** A sign-in that ended by itself, which is worth a notice. */
export const ended = {
  state: 'needs-sign-in',
  problem: { code: 'needs-sign-in', message: 'the sign-in has ended' },
} as const satisfies Partial<AccountView>;
