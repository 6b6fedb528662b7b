/** What the tray shows, as plain data: the shell only draws it. */
import {
  deedOf,
  isEnding,
  stateWords,
  titleOf,
  vaultTrouble,
  waitsForVault,
  wordsOf,
} from './account-words.ts';
import { approvalLine } from './approval-words.ts';
import type { AccountView, ServerView, Snapshot } from './contract/snapshot.ts';
import { timeLeft } from './expiry.ts';
import { pauseWords } from './pause-words.ts';
import { clipped, copyMenu, folded, pauseMenu, type TrayItem, type TrayRow } from './tray-items.ts';

export interface TrayModel {
  readonly icon: 'well' | 'renewing' | 'needs-you' | 'offline' | 'paused';
  /** How much needs the person; with none of it, `needs-you` is about Drawbridge as a whole. */
  readonly count: number;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

interface Row {
  readonly server: ServerView;
  readonly account: AccountView;
  readonly mood: (typeof stateWords)[AccountView['state']]['mood'];
}

const deedLabels = { 'sign-in': 'Sign in to', 'cancel-sign-in': 'Cancel sign-in to' } as const;

/** The tray for a snapshot at a time in ms. What needs the person comes first: calls that wait, then servers. */
export const trayModel = (snapshot: Snapshot, now: number): TrayModel => {
  const rows = snapshot.servers.flatMap((server) =>
    server.accounts.map((account): Row => {
      return { server, account, mood: stateWords[account.state].mood };
    }),
  );
  const waiting = rows.filter(({ mood }) => mood === 'attention');
  const others = rows.filter(({ mood }) => mood !== 'attention');
  const { approvals = [] } = snapshot;
  return {
    icon: iconOf(snapshot, rows),
    count: waiting.length + approvals.length,
    tooltip: `Drawbridge: ${summary(snapshot, rows)}`,
    items: [
      ...pauseItems(snapshot, now),
      ...folded(approvals.map((approval) => approvalRow(approvalLine(approval, snapshot)))),
      ...vaultItems(snapshot),
      ...captureItems(snapshot),
      ...folded(waiting.map((row) => rowItems(row, now))),
      ...folded(others.map((row) => rowItems(row, now))),
      ...(rows.length === 0 ? [{ kind: 'text' as const, label: 'No servers yet' }] : []),
      { kind: 'separator' },
      ...deedsForAll(snapshot, rows),
      { kind: 'command', label: 'Open Drawbridge', command: 'open-window' },
      { kind: 'command', label: 'Quit', command: 'quit' },
    ],
  };
};

/** A pause is the person's own deed, and forgotten the most easily: nothing hides it. */
const iconOf = (snapshot: Snapshot, rows: readonly Row[]): TrayModel['icon'] => {
  const { approvals = [], pause, vault } = snapshot;
  if (pause !== undefined) return 'paused';
  const isWanted = approvals.length > 0 || rows.some(({ mood }) => mood === 'attention');
  if (isWanted || vaultTrouble(vault) !== undefined) return 'needs-you';
  if (rows.some(({ account, mood }) => mood === 'busy' && account.state !== 'offline'))
    return 'renewing';
  return rows.some(isOffline) ? 'offline' : 'well';
};

const isOffline = ({ account }: Row): boolean =>
  account.state === 'offline' && !waitsForVault(account);

const summary = (snapshot: Snapshot, rows: readonly Row[]): string => {
  const { approvals = [], pause, vault } = snapshot;
  const waiting = rows.filter(({ mood }) => mood === 'attention').length;
  const offline = rows.filter(isOffline).length;
  const wanted = waiting === 0 ? undefined : `${waiting} of ${rows.length} need you`;
  if (pause !== undefined) return wanted === undefined ? 'paused' : `paused; ${wanted}`;
  if (approvals.length > 0)
    return `${approvals.length} ${approvals.length === 1 ? 'call waits' : 'calls wait'} for you`;
  if (vaultTrouble(vault) !== undefined) return 'the vault is closed';
  if (rows.length === 0) return 'no servers yet';
  if (wanted !== undefined) return wanted;
  if (offline > 0)
    return offline === rows.length ? 'offline' : `${offline} of ${rows.length} offline`;
  const retrying = rows.filter(({ account }) => account.state === 'retrying').length;
  return retrying === 0 ? 'all well' : `${retrying} of ${rows.length} trying again`;
};

const pauseItems = ({ pause }: Snapshot, now: number): TrayItem[] =>
  pause === undefined
    ? []
    : [
        { kind: 'text', label: pauseWords(pause, now) },
        { kind: 'command', label: 'Resume', command: 'resume' },
      ];

const approvalRow = (line: string): TrayRow => ({
  name: line,
  items: [{ kind: 'command', label: `${line}…`, command: 'open-window' }],
});

const vaultItems = ({ vault }: Snapshot): TrayItem[] => {
  const trouble = vaultTrouble(vault);
  return trouble === undefined
    ? []
    : [{ kind: 'text', label: `The vault is closed: ${trouble.message}` }];
};

const captureItems = ({ capture }: Snapshot): TrayItem[] =>
  capture === undefined || capture.running.length === 0
    ? []
    : [{ kind: 'text', label: 'Keeping what is said, for a while' }];

const rowItems = ({ server, account }: Row, now: number): TrayRow => {
  const name = clipped(titleOf(server, account));
  const deed = deedOf(server, account);
  const place = { kind: 'server', server: server.id } as const;
  return {
    name,
    items: [
      { ...place, label: `${name}: ${wordsOf(server, account)}${left(account, now)}` },
      ...(account.state === 'needs-setup' ? [{ ...place, label: `Set up ${name}…` }] : []),
      ...(deed === undefined
        ? []
        : [
            {
              kind: 'deed' as const,
              label: isEnding(account) ? `Sign in again to ${name}` : `${deedLabels[deed]} ${name}`,
              deed,
              key: { server: server.id, account: account.id },
            },
          ]),
    ],
  };
};

const left = ({ state, expiresAt }: AccountView, now: number): string =>
  state === 'signed-in' && expiresAt !== undefined ? `, ${timeLeft(expiresAt, now)}` : '';

const deedsForAll = (snapshot: Snapshot, rows: readonly Row[]): TrayItem[] => {
  if (rows.length === 0) return [];
  const canRenew = rows.some(({ account }) => account.renewable === true);
  return [
    copyMenu(snapshot),
    ...(canRenew
      ? [{ kind: 'command' as const, label: 'Renew all sign-ins', command: 'renew-all' as const }]
      : []),
    ...(snapshot.pause === undefined ? [pauseMenu] : []),
    { kind: 'separator' },
  ];
};
