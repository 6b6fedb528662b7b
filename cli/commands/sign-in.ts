/** `drawbridge sign-in <server>` */
import { createInterface } from 'node:readline';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { AccountKey } from '../../shared/contract/ids.ts';
import {
  type Problem,
  type ProblemCode,
  ProblemError,
  problemError,
  toProblem,
} from '../../shared/contract/problems.ts';
import { signInExceptions } from '../../shared/contract/sign-in-settings.ts';
import type { AccountView, SignInStep, Snapshot } from '../../shared/contract/snapshot.ts';
import { accountKey } from '../account-key.ts';
import { accountOption, type Command, Interrupted } from '../command.ts';
import { interruptSignal } from '../interrupt.ts';
import { inMemoryOnly, oneLine, type Terminal } from '../terminal.ts';

export const signIn: Command = {
  usage: 'sign-in <server>',
  summary: 'sign in to a server in the browser',
  help: [
    '',
    '  --account <id>  which account, when the server has several',
    '  --switch        as somebody else than before: the server lets you choose who',
    '  --no-browser    only show the address to open on this machine',
    '  --paste         for a browser on another machine: show the address, and take the one it ends at',
    '  --device        with a code to type in on any other device, where the server offers that',
    '  --scope <scope> ask for this as well; may be repeated',
    '',
    'Ctrl-C cancels the sign-in, unless it was started elsewhere.',
    'With --no-browser --json the address comes first, on a line of its own: {"link": "..."}.',
  ],
  words: [1, 1],
  options: {
    ...accountOption,
    switch: { type: 'boolean' },
    'no-browser': { type: 'boolean' },
    paste: { type: 'boolean' },
    device: { type: 'boolean' },
    scope: { type: 'string', multiple: true },
  },
  run: async ({ words: [server = ''], option, options, flag, terminal, control }) => {
    if (flag('device') && flag('paste')) {
      throw new ProblemError('bad-usage', '--device and --paste are two ways: choose one');
    }
    const client = await control();
    const key = await accountKey(client, server, option('account'));
    const before = await client.snapshot();
    const settled = before.servers.find(({ id }) => id === key.server)?.signIn;
    const openBrowser =
      !flag('no-browser') && !flag('paste') && !flag('device') && settled?.noBrowser !== true;
    const joined = accountIn(before, key)?.signIn !== undefined;
    // One that another window or command has started is theirs: Ctrl-C then only ends this command.
    const interrupt = joined ? new AbortController().signal : interruptSignal();
    const { onDevice } = await client.signIn(key, {
      ...{ openBrowser, onDevice: flag('device') },
      chooseAccount: flag('switch'),
      moreScopes: [...options('scope')],
    });
    if (joined) {
      if (onDevice === true && flag('paste')) throw nothingToPaste();
      terminal.say(`a sign-in to ${server} is under way already; this one joins it`);
    }
    const showLink = client.signInLink(key).then(
      ({ link }) => {
        if (!openBrowser && flag('json')) terminal.facts('', { link });
        // With the code in it or without: the code itself is told with its step.
        else if (onDevice === true) terminal.say(`or open this address on any device:\n${link}`);
        else if (openBrowser) terminal.say(`if no browser opens: ${link}`);
        else if (flag('paste')) terminal.say(howToPaste(link));
        else terminal.say(`open this address on this machine:\n${link}`);
      },
      // Why it ended is told by the account's state, below.
      () => undefined,
    );
    const tell = ({ step, device }: Running): void => {
      if (device !== undefined && step === 'waiting-for-browser') {
        terminal.say(
          `on any device, open ${device.address} and type in: ${oneLine(device.userCode)}`,
        );
      } else if (openBrowser || step !== 'opening-browser') terminal.say(steps[step]);
    };
    using _lines = flag('paste') ? takePasted(client, key, terminal) : undefined;
    const { account, vault } = await follow(client, key, tell, interrupt);
    await showLink;
    terminal.facts(
      `signed in to ${server}${account.label === undefined ? '' : ` as ${oneLine(account.label)}`}`,
      account,
    );
    if (vault.kind === 'memory') terminal.say(inMemoryOnly);
  },
};

type Running = NonNullable<AccountView['signIn']>;

const nothingToPaste = (): ProblemError =>
  new ProblemError(
    'sign-in-running',
    'a sign-in with a code is under way, which ends at no address',
    {
      hint: 'finish or cancel that one, then begin again',
    },
  );

const howToPaste = (link: string): string =>
  `open this address in any browser:\n${link}\nat its end the browser cannot show a page; copy that address from it, paste it here and press Enter:`;

/** Hands each line typed to the sign-in, until it ends. */
const takePasted = (client: ControlClient, key: AccountKey, terminal: Terminal): Disposable => {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (address) => {
    if (address.trim() === '') return;
    client
      .pasteCallback(key, { address })
      .catch((error: unknown) => terminal.warn(toProblem(error)));
  });
  return { [Symbol.dispose]: () => lines.close() };
};

const steps: Readonly<Record<SignInStep, string>> = {
  discovering: 'asking the server where to sign in ...',
  registering: 'registering Drawbridge there ...',
  'opening-browser': 'opening the browser ...',
  'waiting-for-browser': 'waiting for you in the browser ...',
  exchanging: 'fetching the tokens ...',
  saving: 'saving ...',
};

interface Ended {
  readonly account: AccountView;
  readonly vault: Snapshot['vault'];
}

/** Tells each step and ends with the sign-in: with the account, or with why there is none. */
const follow = async (
  client: ControlClient,
  key: AccountKey,
  tell: (running: Running) => void,
  interrupt: AbortSignal,
): Promise<Ended> => {
  const done = new AbortController();
  let told: SignInStep | undefined;
  try {
    for await (const snapshot of client.snapshots(AbortSignal.any([done.signal, interrupt]))) {
      const account = accountIn(snapshot, key);
      if (account === undefined) throw new ProblemError('not-found', `${key.server} was removed`);
      if (account.signIn === undefined)
        return { account: outcome(account, key.server), vault: snapshot.vault };
      if (account.signIn.step !== told) tell(account.signIn);
      told = account.signIn.step;
    }
    throw new ProblemError('not-running', 'Drawbridge stopped before the sign-in was done');
  } catch (error) {
    if (!interrupt.aborted) throw error;
    await client.cancelSignIn(key);
    const { servers, vault } = await client.snapshot();
    const account = accountIn({ servers }, key);
    // Too late to cancel: what was saved by then is saved.
    if (account !== undefined && isSignedIn(account)) return { account, vault };
    throw new Interrupted('sign-in-cancelled', 'cancelled');
  } finally {
    done.abort();
  }
};

const accountIn = (
  { servers }: Pick<Snapshot, 'servers'>,
  key: AccountKey,
): AccountView | undefined =>
  servers.find(({ id }) => id === key.server)?.accounts.find(({ id }) => id === key.account);

const isSignedIn = ({ lastSignIn }: AccountView): boolean =>
  lastSignIn !== undefined && lastSignIn.problem === undefined;

/** Of this sign-in alone: an older one may have left tokens that are still good. */
const outcome = (account: AccountView, server: string): AccountView => {
  if (isSignedIn(account)) return account;
  const problem = account.lastSignIn?.problem;
  if (problem !== undefined) throw problemError(withCommand(problem, server));
  throw new ProblemError('sign-in-cancelled', 'the sign-in was cancelled');
};

/** What only the operator of a server can help with. */
const needsOperator: ReadonlySet<ProblemCode> = new Set([
  'registration-unavailable',
  'registration-refused',
  'redirect-unwelcome',
]);

/** With the command that settles it: whoever is at a terminal has no settings of the window before them. */
const withCommand = (problem: Problem, server: string): Problem => {
  const { code, exception } = problem;
  const configure = `drawbridge configure ${server}`;
  const commands = [
    ...(needsOperator.has(code)
      ? [`that is: ${configure} --client-id <id> --redirect <address>`]
      : []),
    ...(exception === undefined
      ? []
      : [
          `to go on all the same: ${configure} --allow ${exception} (${signInExceptions[exception].risk})`,
        ]),
  ];
  if (commands.length === 0) return problem;
  const { hint } = problem;
  return { ...problem, hint: [...(hint === undefined ? [] : [hint]), ...commands].join('; ') };
};
