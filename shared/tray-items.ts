/** What lines and submenus of the tray are made of, as plain data. */
import { aiClients, anyClient } from './ai-clients.ts';
import type { AccountKey, ServerId } from './contract/ids.ts';
import type { ServerView, Snapshot } from './contract/snapshot.ts';
import { plainText } from './plain-text.ts';

export type TrayItem =
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'separator' }
  /** Opens the window on the page of a server. */
  | { readonly kind: 'server'; readonly label: string; readonly server: ServerId }
  | { readonly kind: 'menu'; readonly label: string; readonly items: readonly TrayItem[] }
  | {
      readonly kind: 'deed';
      readonly label: string;
      readonly deed: 'sign-in' | 'cancel-sign-in';
      readonly key: AccountKey;
    }
  | {
      readonly kind: 'command';
      readonly label: string;
      readonly command: 'open-window' | 'renew-all' | 'resume' | 'quit';
    }
  /** Without a time until the person resumes. */
  | { readonly kind: 'pause'; readonly label: string; readonly forMs?: number }
  | ({ readonly kind: 'copy'; readonly label: string } & CopiedEntry);

/** Which entry for an AI client is copied: of a server, or of all of them as one. */
export interface CopiedEntry {
  /** As `aiClients` knows it; absent for the form that most read. */
  readonly aiClient?: string;
  readonly server?: ServerId;
}

/** As long as a line of a menu bears. */
const LONGEST = 60;
/** What is shown by itself; the rest is folded. */
const MOST_IN_SIGHT = 12;
/** Of a submenu, which has to fit on a screen. */
const MOST_IN_A_FOLD = 25;

/** Text that others chose, as a part of a line. */
export const clipped = (text: string, most = LONGEST): string => {
  const plain = plainText(text, most + 1);
  return plain.length > most ? `${plain.slice(0, most - 1).trimEnd()}…` : plain;
};

/** What belongs to one row: its lines, and what it is called in the name of a fold. */
export interface TrayRow {
  readonly name: string;
  readonly items: readonly TrayItem[];
}

/** The first of the rows as they are, and the others in submenus of a size that fits on a screen. */
export const folded = (rows: readonly TrayRow[], most = MOST_IN_SIGHT): TrayItem[] => {
  const isFew = rows.length <= most;
  const inSight = isFew ? rows : rows.slice(0, most);
  const rest = isFew ? [] : rows.slice(most);
  return [
    ...inSight.flatMap(({ items }) => items),
    ...chunks(rest).map((fold): TrayItem => {
      const [first, last] = [fold[0], fold.at(-1)].map((row) => clipped(row?.name ?? '', 20));
      const names = fold.length === 1 ? first : `${first} to ${last}`;
      return {
        kind: 'menu',
        label: `${fold.length} more: ${names}`,
        items: fold.flatMap(({ items }) => items),
      };
    }),
  ];
};

const chunks = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / MOST_IN_A_FOLD) }, (_, n) =>
    all.slice(n * MOST_IN_A_FOLD, (n + 1) * MOST_IN_A_FOLD),
  );

const HOUR = 60 * 60_000;

/** The ways to pause. */
export const pauseMenu: TrayItem = {
  kind: 'menu',
  label: 'Pause all calls',
  items: [
    { kind: 'pause', label: 'For 30 minutes', forMs: HOUR / 2 },
    { kind: 'pause', label: 'For an hour', forMs: HOUR },
    { kind: 'pause', label: 'For 8 hours', forMs: 8 * HOUR },
    { kind: 'pause', label: 'Until I resume' },
  ],
};

/** For each AI client, the entries that it can be given. */
export const copyMenu = ({ servers }: Pick<Snapshot, 'servers'>): TrayItem => {
  const mine = servers.filter(({ kind }) => kind !== 'identity-provider');
  const of = (title: string, aiClient?: string): TrayItem => ({
    kind: 'menu',
    label: title,
    items: entriesOf(mine, aiClient === undefined ? {} : { aiClient }),
  });
  return {
    kind: 'menu',
    label: 'Copy entry for an AI client',
    items: [
      ...Object.entries(aiClients).map(([name, { title }]) => of(title, name)),
      of(anyClient.title),
    ],
  };
};

/** Hundreds of servers in each of them would be a menu of thousands. */
const entriesOf = (
  servers: readonly ServerView[],
  to: Pick<CopiedEntry, 'aiClient'>,
): TrayItem[] => [
  { kind: 'copy', label: 'All servers as one', ...to },
  ...(servers.length > MOST_IN_A_FOLD
    ? [{ kind: 'text' as const, label: 'A single one: drawbridge connect <server>' }]
    : servers.map(
        ({ id, title }): TrayItem => ({ kind: 'copy', label: clipped(title), ...to, server: id }),
      )),
];
