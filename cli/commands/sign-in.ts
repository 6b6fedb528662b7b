/** `drawbridge sign-in <server>` */
import type { ControlClient } from '../../shared/contract/client.ts';
import { type AccountKey, DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import { ProblemError, problemError } from '../../shared/contract/problems.ts';
import type { AccountView, SignInStep, Snapshot } from '../../shared/contract/snapshot.ts';
import { accountOption, type Command, Interrupted } from '../command.ts';
import { inMemoryOnly, oneLine } from '../terminal.ts';

export const signIn: Command = {
  usage: 'sign-in <server>',
  summary: 'sign in to a server in the browser',
  help: [
    '',
    '  --account <id>  which account, when the server has several',
    '  --no-browser    only show the address to open',
    '',
    'Ctrl-C cancels the sign-in, unless it was started elsewhere.',
    'With --no-browser --json the address comes first, on a line of its own: {"link": "..."}.',
  ],
  words: [1, 1],
  options: { ...accountOption, 'no-browser': { type: 'boolean' } },
  run: async ({ words: [server = ''], option, flag, terminal, control }) => {
    const client = await control();
    const key = { server, account: option('account') ?? DEFAULT_ACCOUNT };
    const openBrowser = !flag('no-browser');
    const joined = accountIn(await client.snapshot(), key)?.signIn !== undefined;
    // One that another window or command has started is theirs: Ctrl-C then only ends this command.
    const interrupt = joined ? new AbortController().signal : interruptSignal();
    await client.signIn(key, { openBrowser });
    const showLink = client.signInLink(key).then(
      ({ link }) => {
        if (openBrowser) terminal.say(`if no browser opens: ${link}`);
        else if (flag('json')) terminal.facts('', { link });
        else terminal.say(`open this address on this machine:\n${link}`);
      },
      // Why it ended is told by the account's state, below.
      () => undefined,
    );
    const tell = (step: SignInStep): void => {
      if (openBrowser || step !== 'opening-browser') terminal.say(steps[step]);
    };
    const { account, vault } = await follow(client, key, tell, interrupt);
    await showLink;
    terminal.facts(
      `signed in to ${server}${account.label === undefined ? '' : ` as ${oneLine(account.label)}`}`,
      account,
    );
    if (vault.kind === 'memory') terminal.say(inMemoryOnly);
  },
};

const steps: Readonly<Record<SignInStep, string>> = {
  discovering: 'asking the server where to sign in ...',
  registering: 'registering Drawbridge there ...',
  'opening-browser': 'opening the browser ...',
  'waiting-for-browser': 'waiting for you in the browser ...',
  exchanging: 'fetching the tokens ...',
  saving: 'saving ...',
};

/** Aborted by the first Ctrl-C. A second one finds nobody listening, and ends the process at once. */
const interruptSignal = (): AbortSignal => {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  return interrupt.signal;
};

interface Ended {
  readonly account: AccountView;
  readonly vault: Snapshot['vault'];
}

/** Tells each step and ends with the sign-in: with the account, or with why there is none. */
const follow = async (
  client: ControlClient,
  key: AccountKey,
  tell: (step: SignInStep) => void,
  interrupt: AbortSignal,
): Promise<Ended> => {
  const done = new AbortController();
  let told: SignInStep | undefined;
  try {
    for await (const snapshot of client.snapshots(AbortSignal.any([done.signal, interrupt]))) {
      const account = accountIn(snapshot, key);
      if (account === undefined) throw new ProblemError('not-found', `${key.server} was removed`);
      if (account.signIn === undefined) return { account: outcome(account), vault: snapshot.vault };
      if (account.signIn.step !== told) tell(account.signIn.step);
      told = account.signIn.step;
    }
    throw new ProblemError('not-running', 'Drawbridge stopped before the sign-in was done');
  } catch (error) {
    if (!interrupt.aborted) throw error;
    await client.cancelSignIn(key);
    throw new Interrupted('sign-in-cancelled', 'cancelled');
  } finally {
    done.abort();
  }
};

const accountIn = (snapshot: Snapshot, key: AccountKey): AccountView | undefined =>
  snapshot.servers
    .find(({ id }) => id === key.server)
    ?.accounts.find(({ id }) => id === key.account);

const outcome = (account: AccountView): AccountView => {
  if (account.problem !== undefined) throw problemError(account.problem);
  if (account.state === 'needs-sign-in')
    throw new ProblemError('sign-in-cancelled', 'the sign-in was cancelled');
  return account;
};
