/** `drawbridge secret <name>`, `drawbridge secrets` and `drawbridge remove-secret <name>` */
import { ProblemError } from '../../shared/contract/problems.ts';
import { SecretName } from '../../shared/contract/token-sources.ts';
import { askUnseen, canAsk } from '../ask.ts';
import type { Command } from '../command.ts';
import { readSecretFile, readSecretLines } from '../read-secret.ts';

export const secret: Command = {
  usage: 'secret <name>',
  summary: 'keep a secret in the vault, for token sources to refer to',
  help: [
    '',
    '  --file <file>  all of this file, a private key for instance (default: it is asked for, or all that comes through a pipe)',
    '',
    'A token source then names it as ${vault:<name>}. One of that name is replaced.',
  ],
  words: [1, 1],
  options: { file: { type: 'string' } },
  run: async ({ words: [text = ''], option, terminal, control }) => {
    const name = nameIn(text);
    const file = option('file');
    const value =
      file === undefined
        ? canAsk()
          ? await askUnseen(`${name}: `)
          : await readPipe()
        : await readSecretFile(file, terminal);
    await (await control()).keepSecret({ name, value });
    terminal.facts(`kept ${name}`, { kept: name });
  },
};

/** All that comes: a private key has many lines, and the first one of it alone would be kept without a word. */
const readPipe = async (): Promise<string> => {
  const text = (await readSecretLines(0, MOST_LINES)).join('\n').replace(/\n+$/, '');
  if (text !== '') return text;
  throw new ProblemError('bad-usage', 'nothing came through the pipe');
};
const MOST_LINES = 10_000;

export const secrets: Command = {
  usage: 'secrets',
  summary: 'show the names of the secrets in the vault that token sources refer to',
  help: [],
  words: [0, 0],
  options: {},
  run: async ({ terminal, control }) => {
    const reply = await (await control()).secrets();
    const none = 'there are none: drawbridge secret <name>';
    terminal.facts(reply.names.length === 0 ? none : reply.names.join('\n'), reply);
  },
};

export const removeSecret: Command = {
  usage: 'remove-secret <name>',
  summary: 'remove a secret from the vault',
  help: ['', 'Token sources that name it say so from then on.'],
  words: [1, 1],
  options: {},
  run: async ({ words: [text = ''], terminal, control }) => {
    const name = nameIn(text);
    await (await control()).removeSecret({ name });
    terminal.facts(`removed ${name}`, { removed: name });
  },
};

const nameIn = (text: string): SecretName => {
  const { data } = SecretName.safeParse(text);
  if (data !== undefined) return data;
  throw new ProblemError('bad-usage', 'this cannot be the name of a secret', {
    hint: 'letters, digits, dots, hyphens and underscores, 64 at most',
  });
};
