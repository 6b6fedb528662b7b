/** What the tray shows, as plain data: the shell only draws it. */
import { deedOf, stateWords, titleOf, vaultTrouble, wordsOf } from './account-words.ts';
import { approvalLine } from './approval-words.ts';
import type { AccountKey } from './contract/ids.ts';
import type { AccountView, ServerView, Snapshot } from './contract/snapshot.ts';
import { timeLeft } from './expiry.ts';

export interface TrayModel {
  readonly icon: 'well' | 'busy' | 'attention';
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

export type TrayItem =
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'separator' }
  | {
      readonly kind: 'deed';
      readonly label: string;
      readonly deed: 'sign-in' | 'cancel-sign-in';
      readonly key: AccountKey;
    }
  | { readonly kind: 'command'; readonly label: string; readonly command: 'open-window' | 'quit' };

const VAULT = 'The vault is closed';

const deedLabels = { 'sign-in': 'Sign in to', 'cancel-sign-in': 'Cancel sign-in to' } as const;

/** The tray for a snapshot at a time in ms. What needs the person comes first: calls that wait, then servers. */
export const trayModel = (snapshot: Snapshot, now: number): TrayModel => {
  const rows = snapshot.servers.flatMap((server) =>
    server.accounts.map((account) => ({
      ...{ server, account, words: stateWords[account.state] },
      deed: deedOf(server, account.state),
    })),
  );
  const waiting = rows.filter((row) => row.words.mood === 'attention');
  const busy = rows.some((row) => row.words.mood === 'busy');
  const trouble = vaultTrouble(snapshot.vault);
  const { approvals = [] } = snapshot;
  const ordered = [...waiting, ...rows.filter((row) => row.words.mood !== 'attention')];
  return {
    icon:
      waiting.length + approvals.length > 0 || trouble !== undefined
        ? 'attention'
        : busy
          ? 'busy'
          : 'well',
    tooltip:
      approvals.length > 0
        ? `Drawbridge: ${approvals.length} ${approvals.length === 1 ? 'call waits' : 'calls wait'} for you`
        : trouble === undefined
          ? tooltip(rows.length, waiting.length)
          : 'Drawbridge: the vault is closed',
    items: [
      ...approvals.map(
        (approval): TrayItem => ({
          kind: 'command',
          label: `${approvalLine(approval, snapshot)}…`,
          command: 'open-window',
        }),
      ),
      ...(trouble === undefined
        ? []
        : [{ kind: 'text' as const, label: `${VAULT}: ${trouble.message}` }]),
      ...(snapshot.capture === undefined || snapshot.capture.running.length === 0
        ? []
        : [{ kind: 'text' as const, label: 'Keeping what is said, for a while' }]),
      ...ordered.flatMap(({ server, account, deed }): TrayItem[] => [
        { kind: 'text', label: line(server, account, now) },
        ...(deed === undefined
          ? []
          : [
              {
                kind: 'deed' as const,
                label: `${deedLabels[deed]} ${titleOf(server, account)}`,
                deed,
                key: { server: server.id, account: account.id },
              },
            ]),
      ]),
      ...(rows.length === 0 ? [{ kind: 'text' as const, label: 'No servers yet' }] : []),
      { kind: 'separator' },
      { kind: 'command', label: 'Open Drawbridge', command: 'open-window' },
      { kind: 'command', label: 'Quit', command: 'quit' },
    ],
  };
};

const tooltip = (all: number, waiting: number): string => {
  if (all === 0) return 'Drawbridge: no servers yet';
  return waiting === 0 ? 'Drawbridge: all well' : `Drawbridge: ${waiting} of ${all} need you`;
};

const line = (server: ServerView, account: AccountView, now: number): string => {
  const left =
    account.state === 'signed-in' && account.expiresAt !== undefined
      ? `, ${timeLeft(account.expiresAt, now)}`
      : '';
  return `${titleOf(server, account)}: ${wordsOf(server, account)}${left}`;
};
