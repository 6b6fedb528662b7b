/** Which changes are worth interrupting a person for, as plain data: the shell only shows it. */
import { titleOf, vaultTrouble, waitsForVault } from './account-words.ts';
import { approvalPlace, approvalTitle } from './approval-words.ts';
import type { AccountKey } from './contract/ids.ts';
import { keyText } from './contract/ids.ts';
import type { Problem } from './contract/problems.ts';
import type { ApprovalId } from './contract/rules.ts';
import type { NoticeTopic } from './contract/shell.ts';
import type { AccountState, AccountView, Snapshot } from './contract/snapshot.ts';
import { createNoticeGroups, type NoticeKind, type Said } from './notice-groups.ts';
import { topicOf } from './notice-topics.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** The account that a click on it is about; absent when it is about Drawbridge as a whole. */
  readonly key?: AccountKey;
  /** The waiting call that it is about. */
  readonly approval?: ApprovalId;
  /** It stands for several: in the place of what was said of these accounts; `isMore` where it has been shown with fewer. */
  readonly group?: {
    readonly kind: NoticeKind;
    readonly instead: readonly string[];
    readonly isMore: boolean;
  };
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
  'does-not-run': (title, account) => ({
    title: `${title} does not run`,
    body: account.problem?.message ?? 'Open Drawbridge to see why.',
  }),
};

/** What is worth a notice though the state is a good one: it tells of what will come. */
const ahead: readonly {
  readonly kind: NoticeKind;
  readonly holds: (account: AccountView) => boolean;
  readonly say: (title: string) => Omit<Notice, 'key'>;
}[] = [
  {
    kind: 'will-not-renew',
    holds: ({ renewable, state, endsSoon }) =>
      renewable === false && state === 'signed-in' && endsSoon !== true,
    say: (title) => ({
      title: `${title}: this sign-in will not renew itself`,
      body: 'The server gave nothing to renew it with. You will be told before it ends.',
    }),
  },
  {
    kind: 'ends-soon',
    holds: ({ endsSoon }) => endsSoon === true,
    say: (title) => ({
      title: `${title}: the sign-in ends soon`,
      body: 'Click to sign in again before it does.',
    }),
  },
];

/** What lasted shorter than this is no trouble that a person has to be told the end of. ms. */
const TROUBLE_MS = 10 * 60_000;
/** Troubles whose end nobody brings about by signing in; those that were told of count however short they were. */
const troubles: Partial<Record<AccountState, 'told' | 'untold'>> = {
  'cannot-save': 'told',
  'does-not-run': 'told',
  offline: 'untold',
  retrying: 'untold',
};

/** The same want, of an account that comes and goes, is told once in this time. ms. */
const WANTED_AGAIN_MS = 10 * 60_000;

/**
 * Makes the notices for one snapshot after the other, and remembers what was told: also that an AI client has called an
 * account in vain, once until somebody has signed in, and not where a notice has said already that it needs a sign-in.
 * Nothing is said of what the person does not want to be told of.
 */
export const createNotices = (
  isWanted: (topic: NoticeTopic) => boolean = () => true,
): ((after: Snapshot) => Notice[]) => {
  let before: Snapshot | undefined;
  /** Of accounts: since when the state was that was told of last, and since when the want was. */
  const toldStates = new Map<string, number>();
  const toldWants = new Map<string, number>();

  /** Of accounts: since when there is trouble that has not been told the end of. */
  const troubled = new Map<string, { readonly since: number; readonly wasTold: boolean }>();
  const grouped = createNoticeGroups();
  const isTold = ({ kind }: Pick<Said, 'kind'>): boolean => isWanted(topicOf[kind]);

  const backNotices = (after: Snapshot): Said[] =>
    accountsOf(after).flatMap(({ server, account, key }) => {
      const { state, since } = account;
      const name = keyText(key);
      const trouble = waitsForVault(account) ? undefined : troubles[state];
      const was = troubled.get(name);
      if (trouble !== undefined) {
        const isNews = trouble === 'told' && before !== undefined;
        const wasTold = was?.wasTold === true || (isNews && isTold({ kind: state as NoticeKind }));
        troubled.set(name, { since: was?.since ?? since, wasTold });
        return [];
      }
      // It passes through this on its way out, or back.
      if (was === undefined || state === 'renewing') return [];
      troubled.delete(name);
      const isWell = state === 'signed-in' || state === 'open';
      if (!isWell || (!was.wasTold && since - was.since < TROUBLE_MS)) return [];
      const title = titleOf(server, account);
      const notice = { title: `${title} works again`, body: 'There is nothing to do.', key };
      return [{ kind: 'back', name, title, at: since, notice }];
    });

  const wantNotices = (after: Snapshot): Notice[] =>
    accountsOf(after).flatMap(({ server, account, key }) => {
      const { wanted, state, since } = account;
      const name = keyText(key);
      const last = toldWants.get(name);
      const isToldAlready = last !== undefined && (wanted?.since ?? 0) - last < WANTED_AGAIN_MS;
      if (wanted === undefined || state !== 'needs-sign-in' || isToldAlready) return [];
      toldWants.set(name, wanted.since);
      // With the first snapshot nothing is news, and one notice is enough for one account.
      if (before === undefined || toldStates.get(name) === since) return [];
      const [who = 'An AI client'] = wanted.by;
      const title = titleOf(server, account);
      return [
        { title: `${who} wants to use ${title}`, body: 'It needs a sign-in: click to begin.', key },
      ];
    });

  return (after) => {
    const said = accountNotices(before, after).filter(isTold);
    for (const { name, at } of said) toldStates.set(name, at);
    const notices = [
      ...(isWanted('approvals') ? approvalNotices(before, after) : []),
      ...(isWanted('not-saved') ? vaultNotices(before, after) : []),
      ...grouped([...said, ...backNotices(after).filter(isTold)]),
      ...wantNotices(after).filter(() => isWanted('needs-you')),
    ];
    before = after;
    return notices;
  };
};

const accountsOf = ({ servers }: Snapshot) =>
  servers.flatMap((server) =>
    server.accounts.map((account) => ({
      server,
      account,
      key: { server: server.id, account: account.id },
    })),
  );

/**
 * The notices that a change from one snapshot to the next calls for, the first one having none before it.
 *
 * A closed vault is one notice, however many accounts it hides; one that is only slow may be showing its own prompt.
 * A new server is not news, nor is a sign-in the person has just cancelled or signed out of: they were there.
 */
export const noticesFor = (before: Snapshot | undefined, after: Snapshot): Notice[] => [
  ...approvalNotices(before, after),
  ...vaultNotices(before, after),
  ...accountNotices(before, after).map(({ notice }) => notice),
];

const approvalNotices = (before: Snapshot | undefined, after: Snapshot): Notice[] => {
  const known = new Set(before?.approvals?.map(({ id }) => id));
  return (after.approvals ?? [])
    .filter(({ id }) => !known.has(id))
    .map((approval) => ({
      title: approvalTitle(approval),
      body: `At ${approvalPlace(approval, after.servers)}. Click to allow or deny it.`,
      approval: approval.id,
    }));
};

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

const accountNotices = (before: Snapshot | undefined, after: Snapshot): Said[] => {
  const known = new Map(
    (before === undefined ? [] : accountsOf(before)).map(
      ({ key, account }) => [keyText(key), account] as const,
    ),
  );
  return accountsOf(after).flatMap(({ server, account, key }) => {
    const was = known.get(keyText(key));
    if (was === undefined) return [];
    const title = titleOf(server, account);
    const said = stateNotice(title, was, account) ?? aheadNotice(title, was, account);
    if (said === undefined) return [];
    const { kind, words } = said;
    const at = account.since;
    return [{ kind, name: keyText(key), title, at, notice: { ...words, key } }];
  });
};

type Told = { readonly kind: NoticeKind; readonly words: Omit<Notice, 'key'> } | undefined;

const stateNotice = (title: string, was: AccountView, account: AccountView): Told => {
  const byThePerson = was.state === 'signing-in' && account.state === 'needs-sign-in';
  const signedOut = account.state === 'needs-sign-in' && account.problem === undefined;
  if (was.state === account.state || byThePerson || signedOut) return undefined;
  const words = worth[account.state]?.(title, account);
  return words === undefined ? undefined : { kind: account.state as NoticeKind, words };
};

const aheadNotice = (title: string, was: AccountView, account: AccountView): Told => {
  const found = ahead.find(({ holds }) => holds(account) && !holds(was));
  return found && { kind: found.kind, words: found.say(title) };
};
