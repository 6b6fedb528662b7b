/** What each state is called on a screen, and whether it asks something of the person. */
import { isOfVault, type Problem } from './contract/problems.ts';
import type { AccountState, AccountView, ServerView, Snapshot } from './contract/snapshot.ts';

interface StateWords {
  readonly text: string;
  /** calm: nothing to do; busy: passing; attention: the person can mend it; */
  readonly mood: 'calm' | 'busy' | 'attention';
  /** The deed to offer first. */
  readonly deed?: 'sign-in' | 'cancel-sign-in';
}

export const stateWords: Readonly<Record<AccountState, StateWords>> = {
  open: { text: 'open, no sign-in needed', mood: 'calm' },
  'signed-in': { text: 'signed in', mood: 'calm' },
  'signing-in': { text: 'signing in', mood: 'busy', deed: 'cancel-sign-in' },
  renewing: { text: 'renewing', mood: 'busy' },
  retrying: { text: 'renewal failed, trying again', mood: 'busy' },
  'needs-sign-in': { text: 'needs sign-in', mood: 'attention', deed: 'sign-in' },
  offline: { text: 'offline', mood: 'busy' },
  'cannot-save': { text: 'cannot save the sign-in', mood: 'attention' },
  'needs-setup': { text: 'needs setting up', mood: 'attention' },
  'does-not-run': { text: 'does not run', mood: 'attention' },
};

/** The same of a server whose credential is got without a person: nobody signs in, or can. */
const sourceWords: Partial<Readonly<Record<AccountState, string>>> = {
  'signed-in': 'credential in place',
  retrying: 'no credential, trying again',
  'needs-setup': 'no credential to be had',
};

type Account = Pick<AccountView, 'state' | 'problem'>;
type HowItSignsIn = Pick<ServerView, 'signIn' | 'source' | 'command'>;

/** Whether the person had better sign in anew while the sign-in still holds: it ends before long, and cannot be renewed. */
export const isEnding = ({ state, endsSoon }: Pick<AccountView, 'state' | 'endsSoon'>): boolean =>
  state === 'signed-in' && endsSoon === true;

/** The deed to offer first; none where no deed of the person's helps. */
export const deedOf = (
  { source }: Pick<ServerView, 'source'>,
  account: Pick<AccountView, 'state' | 'endsSoon'>,
): StateWords['deed'] => {
  if (source !== undefined) return undefined;
  return isEnding(account) ? 'sign-in' : stateWords[account.state].deed;
};

/** Whether nobody can tell about this account before the vault is open. */
export const waitsForVault = ({ state, problem }: Account): boolean =>
  state === 'offline' && problem !== undefined && isOfVault(problem.code);

/** What the state of an account on a server is called. */
export const wordsOf = ({ signIn, source, command }: HowItSignsIn, account: Account): string => {
  if (waitsForVault(account)) return 'waiting for the vault';
  const ofSource = source === undefined ? undefined : sourceWords[account.state];
  if (ofSource !== undefined) return ofSource;
  if (account.state === 'open' && command !== undefined) return 'runs when it is asked';
  return account.state === 'open' && signIn?.idTokenFile !== undefined
    ? 'signed in by a file on this computer'
    : stateWords[account.state].text;
};

/**
 * What tells an account from the others of its server: who the server says it is, else what the person calls it.
 * Undefined where there are no others.
 */
export const accountName = (
  { accounts }: Pick<ServerView, 'accounts'>,
  { id, label }: Pick<AccountView, 'id' | 'label'>,
): string | undefined => {
  if (accounts.length < 2) return undefined;
  const isShared = accounts.some((other) => other.id !== id && other.label === label);
  return label === undefined || isShared ? id : label;
};

/** A server by its title, with the account where it has several. */
export const titleOf = (
  server: Pick<ServerView, 'title' | 'accounts'>,
  account: Pick<AccountView, 'id' | 'label'>,
): string => {
  const name = accountName(server, account);
  return name === undefined ? server.title : `${server.title} (${name})`;
};

/** Who has called the account in vain, for a screen; undefined where nobody has. */
export const wantedWords = ({ wanted }: Pick<AccountView, 'wanted'>): string | undefined => {
  if (wanted === undefined) return undefined;
  const [first = 'an AI client', ...others] = wanted.by;
  if (others.length === 0) return `${first} wants to use it`;
  const rest = others.length === 1 ? others[0] : `${others.length} others`;
  return `${first} and ${rest} want to use it`;
};

type Vault = Pick<Snapshot['vault'], 'state' | 'problem'>;

/** Why the vault is closed, once that is known and needs the person. */
export const vaultTrouble = ({ state, problem }: Vault): Problem | undefined =>
  state === 'closed' && problem?.code !== 'vault-opening' ? (problem ?? closed) : undefined;

const closed: Problem = { code: 'vault-locked', message: 'saved sign-ins cannot be opened' };
