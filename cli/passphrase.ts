/** The passphrase of the vault, from wherever the person keeps it; never from an argument, which everybody can read. */
import type { ParseArgsOptionsConfig } from 'node:util';
import { ProblemError } from '../shared/contract/problems.ts';
import { askUnseen, canAsk } from './ask.ts';
import type { Invocation } from './command.ts';
import { readSecretFrom, readSecretLine } from './read-secret.ts';

const VARIABLE = 'DRAWBRIDGE_PASSPHRASE';

export const passphraseOptions = {
  'passphrase-file': { type: 'string' },
  'passphrase-fd': { type: 'string' },
  'passphrase-prompt': { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

/** Help lines for the options, around what the passphrase is for. */
export const passphraseHelp = (before: string, after = ''): readonly string[] => [
  `  --passphrase-file <file>   ${before} the first line of this file${after}`,
  '  --passphrase-fd <number>   the same from an open file descriptor, which is closed then',
  '  --passphrase-prompt        ask for it on the terminal',
];

/** What the environment holds, which is taken out of it: children would inherit it. */
export const takeFromEnvironment = (env: NodeJS.ProcessEnv): string | undefined => {
  const passphrase = env[VARIABLE];
  delete env[VARIABLE];
  return passphrase;
};

interface Ways {
  readonly inEnvironment?: string | undefined;
  /** Asked for twice: nobody sees what is typed. */
  readonly isNew?: boolean;
}

/**
 * The passphrase, or undefined where none is given in any way.
 *
 * Rejects with `bad-usage` for more than one way, since nobody could tell which of them counts.
 */
export const readPassphrase = async (
  { option, flag, terminal }: Pick<Invocation, 'option' | 'flag' | 'terminal'>,
  { inEnvironment, isNew = false }: Ways = {},
): Promise<string | undefined> => {
  const file = option('passphrase-file');
  const descriptor = option('passphrase-fd');
  const ways: readonly (readonly [name: string, given: boolean, read: () => Promise<string>])[] = [
    ['--passphrase-file', file !== undefined, () => readSecretLine(file ?? '', terminal)],
    ['--passphrase-fd', descriptor !== undefined, () => readSecretFrom(numberOf(descriptor ?? ''))],
    ['--passphrase-prompt', flag('passphrase-prompt'), () => askForPassphrase(isNew)],
    [VARIABLE, inEnvironment !== undefined, async () => notEmpty(inEnvironment ?? '')],
  ];
  const [first, ...others] = ways.filter(([, given]) => given);
  if (others.length === 0) return first?.[2]();
  const names = [first, ...others].map((way) => way?.[0]).join(', ');
  throw new ProblemError('bad-usage', `the passphrase is given in more than one way: ${names}`, {
    hint: 'give it in one way only',
  });
};

/** Rejects with `bad-usage` where nobody can be asked. */
export const askForPassphrase = async (isNew: boolean): Promise<string> => {
  if (!canAsk())
    throw new ProblemError('bad-usage', 'there is no terminal to ask for the passphrase on', {
      hint: 'give it with --passphrase-file or --passphrase-fd',
    });
  const passphrase = notEmpty(await askUnseen(isNew ? 'New passphrase: ' : 'Passphrase: '));
  if (isNew && (await askUnseen('The same once more: ')) !== passphrase)
    throw new ProblemError('bad-usage', 'these were two different passphrases');
  return passphrase;
};

const notEmpty = (passphrase: string): string => {
  if (passphrase !== '') return passphrase;
  throw new ProblemError('bad-usage', 'the passphrase is empty');
};

const numberOf = (text: string): number => {
  // 1 and 2 are what a command speaks through.
  if (/^\d{1,6}$/.test(text) && text !== '1' && text !== '2') return Number(text);
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} is no descriptor to read from`, {
    hint: 'for instance: --passphrase-fd 3 3< <(pass show drawbridge)',
  });
};
