/** `drawbridge vault <open|new-key|passphrase>` */
import type { ControlClient } from '../../shared/contract/client.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { VaultView } from '../../shared/contract/snapshot.ts';
import type { Command, Invocation } from '../command.ts';
import {
  askForPassphrase,
  passphraseHelp,
  passphraseOptions,
  readPassphrase,
} from '../passphrase.ts';
import { inMemoryOnly } from '../terminal.ts';

interface Deed {
  /** The options it takes. */
  readonly options: readonly string[];
  readonly run: (client: ControlClient, invocation: Invocation) => Promise<VaultView>;
  readonly done: string;
}

const deeds: Readonly<Record<string, Deed>> = {
  open: {
    options: ['accept-older', ...Object.keys(passphraseOptions)],
    run: async (client, invocation) => {
      const passphrase = await readPassphrase(invocation);
      const acceptOlder = invocation.flag('accept-older');
      return client.openVault({ acceptOlder, ...(passphrase !== undefined && { passphrase }) });
    },
    done: 'the vault is open',
  },
  'new-key': {
    options: [],
    run: (client) => client.sealVault({ kind: 'keychain' }),
    done: 'the vault is sealed with a new key in the keychain',
  },
  passphrase: {
    options: Object.keys(passphraseOptions),
    run: async (client, invocation) => {
      const passphrase =
        (await readPassphrase(invocation, { isNew: true })) ?? (await askForPassphrase(true));
      return client.sealVault({ kind: 'passphrase', passphrase });
    },
    done: 'the vault is sealed with the new passphrase\nhint: Drawbridge needs it at its next start: drawbridge serve --passphrase-file <file>',
  },
};

export const vault: Command = {
  usage: 'vault <what>',
  summary: 'open the vault, or change its key: open, new-key, passphrase',
  help: [
    '',
    '  open                       try again to open it, after the keychain was unlocked, say',
    '    --accept-older           although the file is older than the one that was open last',
    ...passphraseHelp('open it with').map((line) => `  ${line}`),
    '  new-key                    seal it with a new key in the keychain, and remove the old one',
    '  passphrase                 seal it with a passphrase instead, asked for twice on the terminal',
    ...passphraseHelp('or take').map((line) => `  ${line}`),
    '',
    'A vault in memory is kept on the disk from then on.',
  ],
  words: [1, 1],
  options: { ...passphraseOptions, 'accept-older': { type: 'boolean' } },
  run: async (invocation) => {
    const { words, control, terminal } = invocation;
    const deed = deedOf(words[0] ?? '');
    assertItsOptions(deed, invocation);
    const client = await control();
    const view = await deed.run(client, invocation);
    const [fact = '', ...hints] = deed.done.split('\n');
    terminal.facts(fact, view);
    for (const hint of hints) terminal.say(hint);
    if (view.problem !== undefined) terminal.warn(view.problem);
    if (view.kind === 'memory') terminal.say(inMemoryOnly);
  },
};

const deedOf = (name: string): Deed => {
  const deed = Object.hasOwn(deeds, name) ? deeds[name] : undefined;
  if (deed !== undefined) return deed;
  throw new ProblemError('bad-usage', `a vault has no ${JSON.stringify(name)}`, {
    hint: `one of: ${Object.keys(deeds).join(', ')}`,
  });
};

/** A passphrase given to another deed would be read by nobody, and the person believe it set. */
const assertItsOptions = ({ options }: Deed, { option, flag }: Invocation): void => {
  const foreign = [...Object.keys(passphraseOptions), 'accept-older'].find(
    (name) => (flag(name) || option(name) !== undefined) && !options.includes(name),
  );
  if (foreign === undefined) return;
  throw new ProblemError('bad-usage', `--${foreign} has no meaning here`, {
    hint: 'drawbridge vault --help',
  });
};
