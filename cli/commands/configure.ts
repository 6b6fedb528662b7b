/** `drawbridge configure <server>` */
import { ProblemError } from '../../shared/contract/problems.ts';
import { SignInWish } from '../../shared/contract/sign-in-settings.ts';
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
    'What is named is replaced, the rest stays. It counts from the next sign-in on.',
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
    if (certificate !== undefined || flag('no-client-cert')) {
      const { server: changed } = await (await control()).configureCertificate(
        { server },
        certificate === undefined ? {} : { clientCertificate: certificate },
      );
      return terminal.facts(`changed ${changed.id}`, { server: changed });
    }
    const source = await readSource(invocation);
    if (source !== undefined || flag('no-source')) {
      const { server: changed } = await (await control()).configureSource(
        { server },
        source === undefined ? {} : { source },
      );
      return terminal.facts(`changed ${changed.id}`, { server: changed });
    }
    const set = await readSignInWish(invocation);
    const unset = options('unset').map(nameOf);
    if (Object.keys(set).length + unset.length === 0) {
      throw new ProblemError('bad-usage', 'nothing to change was named', {
        hint: 'drawbridge configure --help',
      });
    }
    const client = await control();
    const { server: changed } = await client.configureSignIn({ server }, { set, unset });
    terminal.facts(`changed ${changed.id}`, { server: changed });
  },
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
