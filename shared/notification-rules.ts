/** Which changes are worth interrupting a person for, as plain data: the shell only shows it. */
import { titleOf, vaultTrouble, waitsForVault } from './account-words.ts';
import { approvalPlace, approvalTitle } from './approval-words.ts';
import type { AccountKey } from './contract/ids.ts';
import { keyText } from './contract/ids.ts';
import type { Problem } from './contract/problems.ts';
import type { ApprovalId, ApprovalView } from './contract/rules.ts';
import type { NoticeTopic } from './contract/shell.ts';
import type { AccountState, AccountView, ServerView, Snapshot } from './contract/snapshot.ts';
import { createNoticeGroups, type NoticeKind, type Said } from './notice-groups.ts';
import { topicOf } from './notice-topics.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** The account that a click on it is about; absent when it is about Drawbridge as a whole. */
  readonly key?: AccountKey;
  /** The waiting call that it is about. */
  readonly approval?: ApprovalId;
  /** It stands for several: in the place of what was said of these accounts or calls; `isMore` where it has been shown with fewer. */
  readonly group?: {
    readonly kind: NoticeKind;
    readonly instead: readonly string[];
    readonly isMore: boolean;
  };
}

type Words = Omit<Notice, 'key'>;

/** The states worth a notice when an account enters them, and what to say. */
const worth: Readonly<
  Record<AccountState & NoticeKind, (title: string, account: AccountView) => Words>
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
const isWorth = (kind: AccountState | NoticeKind): kind is keyof typeof worth => kind in worth;

/** What is worth a notice though the state is a good one: it tells of what will come. */
const ahead: readonly {
  readonly kind: NoticeKind;
  readonly holds: (account: AccountView) => boolean;
  readonly say: (title: string) => Words;
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

/** Troubles whose end nobody brings about by signing in. */
const troubles: ReadonlySet<AccountState> = new Set([
  'cannot-save',
  'does-not-run',
  'offline',
  'retrying',
]);
/** What lasted shorter than this, and was not told of, is no trouble that a person has to be told the end of. ms. */
const TROUBLE_MS = 10 * 60_000;

/** The same of the same account is told once in this time, however often it comes and goes. ms. */
const AGAIN_MS = 15 * 60_000;

/**
 * Makes the notices for one snapshot after the other, and remembers of each account how it was and what was told.
 *
 * A new account is not news, nor is a sign-in the person has just cancelled or signed out of: they were there. So with the
 * first snapshot nothing is news but a closed vault, which is one notice however many accounts it hides, and calls that wait.
 * That an AI client has called an account in vain is told once until somebody has signed in, and not where a notice has said
 * already that it needs a sign-in. Nothing is said of what the person does not want to be told of.
 */
export const createNotices = (
  isWanted: (topic: NoticeTopic) => boolean = () => true,
): ((after: Snapshot) => Notice[]) => {
  let accounts = new Map<string, Known>();
  let calls = new Set<string>();
  let isVaultShut = false;
  const grouped = createNoticeGroups();
  const isTold = (kind: NoticeKind): boolean => isWanted(topicOf[kind]);

  const vaultNotices = ({ vault }: Snapshot): Notice[] => {
    const trouble = settledTrouble(vault);
    const wasShut = isVaultShut;
    // While it is tried again nothing is known that was not before: only an open one is the end of it.
    isVaultShut = trouble !== undefined || (wasShut && vault.state === 'closed');
    if (trouble === undefined || wasShut || !isWanted('not-saved')) return [];
    const body =
      trouble.hint === undefined ? trouble.message : `${trouble.message}: ${trouble.hint}`;
    return [{ title: 'Drawbridge cannot open the saved sign-ins', body }];
  };

  const callsSaid = (after: Snapshot): Said[] => {
    const { approvals = [], servers } = after;
    const known = calls;
    calls = new Set(approvals.map(({ id }) => id));
    return isTold('call-waits')
      ? approvals.filter(({ id }) => !known.has(id)).map((call) => callSaid(call, servers))
      : [];
  };

  const accountsSaid = (after: Snapshot, at: number): Said[] => {
    const before = accounts;
    // Only accounts that are still there are remembered: one removed and added again begins anew.
    accounts = new Map();
    return placesIn(after).flatMap((place) => {
      const { said, known } = lookAt(place, before.get(place.name), { at, isTold });
      if (known !== undefined) accounts.set(place.name, known);
      return said;
    });
  };

  return (after) => {
    const at = latestMoment(after);
    const said = [...callsSaid(after), ...accountsSaid(after, at)];
    return [...vaultNotices(after), ...grouped(said, at, stillSoIn(after))];
  };
};

/** What is remembered of an account. */
interface Known {
  /** What the next look is compared with: not how it was while it waited for the vault, or was owed a notice. */
  readonly view: AccountView;
  /** A notice has said that it is in this state. */
  readonly isStateTold: boolean;
  /** When each kind was told last, Unix time in ms. */
  readonly told: ReadonlyMap<NoticeKind, number>;
  /** Since when an AI client has wanted it, the last time that one did. */
  readonly wantedSince: number | undefined;
  /** What has not been told the end of. */
  readonly trouble: Trouble | undefined;
}

interface Trouble {
  readonly since: number;
  readonly wasTold: boolean;
}

interface Place {
  readonly name: string;
  readonly key: AccountKey;
  readonly title: string;
  readonly account: AccountView;
}

interface Found {
  readonly kind: NoticeKind;
  readonly words: Words;
}

interface Look {
  readonly said: readonly Said[];
  /** Undefined as long as nobody can tell how it is. */
  readonly known: Known | undefined;
}

/** What is to be said of one account, and to be remembered of it. */
const lookAt = (
  { name, key, title, account }: Place,
  was: Known | undefined,
  { at, isTold }: { readonly at: number; readonly isTold: (kind: NoticeKind) => boolean },
): Look => {
  // It is compared again, with how it was before, once anybody can tell how it is.
  if (waitsForVault(account)) return { said: [], known: was && { ...was, trouble: undefined } };
  if (was === undefined) return { said: [], known: atFirst(account) };

  const said: Said[] = [];
  const told = new Map(was.told);
  /** Gives whether it would have been said, but for having been said a short while ago. */
  const say = (found: Found | undefined): boolean => {
    if (found === undefined || !isTold(found.kind)) return false;
    const last = told.get(found.kind);
    // What was told in the future was told before the clock was set back.
    if (last !== undefined && Math.abs(at - last) <= AGAIN_MS) return true;
    told.set(found.kind, at);
    said.push({ kind: found.kind, name, title, notice: { ...found.words, key } });
    return false;
  };

  const change = stateChange(title, was.view, account);
  // What has stayed so will be told: "works again" may be what was said last, or the notice may be gone.
  const isOwed = say(change ?? newAhead(title, was.view, account)) && change !== undefined;
  const isStateTold =
    said.some(({ kind }) => kind === account.state) ||
    (was.isStateTold && was.view.state === account.state);

  const trouble = troubleOf(account, was.trouble, isStateTold);
  if (trouble === undefined) say(endOf(was.trouble, title, account));
  // One notice is enough for one account.
  if (!isStateTold && !isOwed) say(newWish(was.wantedSince, title, account));

  const view = isOwed ? was.view : account;
  const wantedSince = account.wanted?.since ?? was.wantedSince;
  return { said, known: { view, isStateTold, told, wantedSince, trouble } };
};

const atFirst = (account: AccountView): Known => ({
  view: account,
  isStateTold: false,
  told: new Map(),
  wantedSince: account.wanted?.since,
  trouble: troubleOf(account, undefined, false),
});

const stateChange = (title: string, was: AccountView, account: AccountView): Found | undefined => {
  const { state, problem } = account;
  const byThePerson = was.state === 'signing-in' && state === 'needs-sign-in';
  const signedOut = state === 'needs-sign-in' && problem === undefined;
  if (was.state === state || byThePerson || signedOut || !isWorth(state)) return undefined;
  return { kind: state, words: worth[state](title, account) };
};

const newAhead = (title: string, was: AccountView, account: AccountView): Found | undefined => {
  const found = ahead.find(({ holds }) => holds(account) && !holds(was));
  return found && { kind: found.kind, words: found.say(title) };
};

const troubleOf = (
  { state, since }: AccountView,
  was: Trouble | undefined,
  isTold: boolean,
): Trouble | undefined => {
  // It passes through this on its way out, or back.
  if (state === 'renewing') return was;
  if (!troubles.has(state)) return undefined;
  return { since: was?.since ?? since, wasTold: was?.wasTold === true || isTold };
};

const endOf = (
  trouble: Trouble | undefined,
  title: string,
  { state, since }: AccountView,
): Found | undefined => {
  const isWell = state === 'signed-in' || state === 'open';
  if (trouble === undefined || !isWell) return undefined;
  if (!trouble.wasTold && since - trouble.since < TROUBLE_MS) return undefined;
  return {
    kind: 'back',
    words: { title: `${title} works again`, body: 'There is nothing to do.' },
  };
};

const newWish = (
  lastSince: number | undefined,
  title: string,
  { wanted, state }: AccountView,
): Found | undefined => {
  if (wanted === undefined || wanted.since === lastSince || state !== 'needs-sign-in')
    return undefined;
  const [who = 'An AI client'] = wanted.by;
  return {
    kind: 'wanted',
    words: {
      title: `${who} wants to use ${title}`,
      body: 'It needs a sign-in: click to begin.',
    },
  };
};

const callSaid = (call: ApprovalView, servers: readonly ServerView[]): Said => ({
  kind: 'call-waits',
  name: call.id,
  title: call.tool,
  notice: {
    title: approvalTitle(call),
    body: `At ${approvalPlace(call, servers)}. Click to allow or deny it.`,
    approval: call.id,
  },
});

/** One that is only slow may be showing its own prompt. */
const settledTrouble = (vault: Snapshot['vault']): Problem | undefined => {
  const trouble = vaultTrouble(vault);
  return trouble?.code === 'vault-slow' ? undefined : trouble;
};

const placesIn = ({ servers }: Snapshot): Place[] =>
  servers.flatMap((server) =>
    server.accounts.map((account) => {
      const key = { server: server.id, account: account.id };
      return { name: keyText(key), key, title: titleOf(server, account), account };
    }),
  );

/** Whether what was said of an account or a call is so in this snapshot; of what will come or is over, that it is there. */
const stillSoIn = (after: Snapshot): ((kind: NoticeKind, name: string) => boolean) => {
  const states = new Map(placesIn(after).map(({ name, account }) => [name, account.state]));
  const waiting = new Set<string>(after.approvals?.map(({ id }) => id));
  return (kind, name) => {
    if (kind === 'call-waits') return waiting.has(name);
    return isWorth(kind) ? states.get(name) === kind : states.has(name);
  };
};

/** The last thing that a snapshot tells the time of: what is new in it is hardly older. */
const latestMoment = (after: Snapshot): number =>
  Math.max(
    after.activity?.lastAt ?? 0,
    ...(after.approvals ?? []).map(({ askedAt }) => askedAt),
    ...placesIn(after).map(({ account: { since, wanted } }) =>
      Math.max(since, wanted?.since ?? since),
    ),
  );
