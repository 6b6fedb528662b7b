/** `drawbridge configure <server>` */
import type { ControlClient } from '../../shared/contract/client.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { SignInWish } from '../../shared/contract/sign-in-settings.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import { certificateHelp, certificateOptions, readCertificate } from '../certificate-options.ts';
import type { Command } from '../command.ts';
import { readSignInWish, signInHelp, signInOptions, wishNames } from '../sign-in-options.ts';
import { readSource, sourceHelp, sourceOptions } from '../source-options.ts';

type Name = keyof SignInWish;
const names = SignInWish.keyof().options;
const optionNames = Object.keys(wishNames) as (keyof typeof wishNames)[];

export const configure: Command = {
  usage: 'configure <server>',
  summary: 'change what is settled for signing in to a server',
  help: [
    '',
    ...signInHelp,
    '',
    ...sourceHelp,
    '  --no-source                  take that back: the server is asked anew what it wants',
    '',
    ...certificateHelp,
    '  --no-client-cert             show it none any more',
    '',
    `  --unset <name>               take it back; may be repeated: ${optionNames.join(', ')}`,
    '',
    'What is named is replaced, the rest stays. It counts from the next sign-in on. A sign-in, a credential without one and',
    'a certificate are changed one at a time.',
  ],
  words: [1, 1],
  options: {
    ...signInOptions,
    ...sourceOptions,
    ...certificateOptions,
    'no-source': { type: 'boolean' },
    'no-client-cert': { type: 'boolean' },
    unset: { type: 'string', multiple: true },
  },
  run: async (invocation) => {
    const {
      words: [server = ''],
      flag,
      options,
      terminal,
      control,
    } = invocation;
    const certificate = readCertificate(invocation);
    const source = await readSource(invocation);
    const set = await readSignInWish(invocation);
    const unset = options('unset').map(nameOf);
    const ways: readonly Way[] = [
      {
        by: '--client-cert',
        isSaid: certificate !== undefined,
        change: (client) =>
          client.configureCertificate({ server }, { clientCertificate: certificate }),
      },
      {
        by: '--no-client-cert',
        isSaid: flag('no-client-cert'),
        change: (client) => client.configureCertificate({ server }, {}),
      },
      {
        by: 'a credential without a sign-in',
        isSaid: source !== undefined,
        change: (client) => client.configureSource({ server }, { source }),
      },
      {
        by: '--no-source',
        isSaid: flag('no-source'),
        change: (client) => client.configureSource({ server }, {}),
      },
      {
        by: 'settings of a sign-in',
        isSaid: Object.keys(set).length + unset.length > 0,
        change: (client) => client.configureSignIn({ server }, { set, unset }),
      },
    ];
    const { change } = theOne(ways.filter(({ isSaid }) => isSaid));
    const { server: changed } = await change(await control());
    terminal.facts(`changed ${changed.id}`, { server: changed });
  },
};

/** One deed of the control plane, and what asks for it. */
interface Way {
  readonly by: string;
  readonly isSaid: boolean;
  readonly change: (client: ControlClient) => Promise<{ readonly server: ServerView }>;
}

/** Of several, one could fail after another was done: half of what was asked for. */
const theOne = (said: readonly Way[]): Way => {
  const [way, ...others] = said;
  if (way === undefined)
    throw new ProblemError('bad-usage', 'nothing to change was named', {
      hint: 'drawbridge configure --help',
    });
  if (others.length === 0) return way;
  const all = said.map(({ by }) => by).join(' and ');
  throw new ProblemError('bad-usage', `${all} do not go together`, {
    hint: 'drawbridge configure changes one of them at a time: say it once for each',
  });
};

/** By the name of the option that sets it, or as `list --json` calls it. */
const nameOf = (text: string): Name => {
  const option = optionNames.find((candidate) => candidate === text);
  const name = option === undefined ? names.find((one) => one === text) : wishNames[option];
  if (name !== undefined) return name;
  throw new ProblemError('bad-usage', `there is nothing called ${JSON.stringify(text)} to unset`, {
    hint: `one of: ${optionNames.join(', ')}`,
  });
};
