/** `drawbridge sign-in <server>` */
import type { ControlClient } from '../../shared/contract/client.ts';
import { type AccountKey, DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import { ProblemError, problemError } from '../../shared/contract/problems.ts';
import type { AccountView, SignInStep } from '../../shared/contract/snapshot.ts';
import { accountOption, type Command } from '../command.ts';
import type { Terminal } from '../terminal.ts';

export const signIn: Command = {
  usage: 'sign-in <server>',
  summary: 'sign in to a server in the browser',
  help: [
    '',
    '  --account <id>  which account, when the server has several',
    '  --no-browser    only show the address to open',
    '',
    'With --no-browser --json the address comes first, on a line of its own: {"link": "..."}.',
  ],
  words: [1, 1],
  options: { ...accountOption, 'no-browser': { type: 'boolean' } },
  run: async ({ words: [server = ''], option, flag, terminal, control }) => {
    const client = await control();
    const key = { server, account: option('account') ?? DEFAULT_ACCOUNT };
    const openBrowser = !flag('no-browser');
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
    const account = await follow(client, key, terminal);
    await showLink;
    terminal.facts(
      `signed in to ${server}${account.label === undefined ? '' : ` as ${account.label}`}`,
      account,
    );
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

/** Tells each step and ends with the sign-in: with the account, or with why there is none. */
const follow = async (
  client: ControlClient,
  key: AccountKey,
  terminal: Terminal,
): Promise<AccountView> => {
  const done = new AbortController();
  let told: SignInStep | undefined;
  try {
    for await (const snapshot of client.snapshots(done.signal)) {
      const account = snapshot.servers
        .find(({ id }) => id === key.server)
        ?.accounts.find(({ id }) => id === key.account);
      if (account === undefined) throw new ProblemError('not-found', `${key.server} was removed`);
      if (account.signIn === undefined) return outcome(account);
      if (account.signIn.step !== told) terminal.say(steps[account.signIn.step]);
      told = account.signIn.step;
    }
    throw new ProblemError('not-running', 'Drawbridge stopped before the sign-in was done');
  } finally {
    done.abort();
  }
};

const outcome = (account: AccountView): AccountView => {
  if (account.problem !== undefined) throw problemError(account.problem);
  if (account.state === 'needs-sign-in')
    throw new ProblemError('sign-in-cancelled', 'the sign-in was cancelled');
  return account;
};
