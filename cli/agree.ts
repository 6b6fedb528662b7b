/** What a person agrees to before a program may run: all that is told of it, as they can judge it (F13). */
import { assignment, commandLine } from '../shared/command-line.ts';
import type { LocalCommand } from '../shared/contract/local-server.ts';
import { ProblemError } from '../shared/contract/problems.ts';
import { ask, canAsk } from './ask.ts';

type Program = Pick<LocalCommand, 'program' | 'args' | 'folder' | 'env'>;

/** The command, where it starts and what it is given, quoted where it could be read otherwise. */
export const described = (
  { program, args, folder, env }: Program,
  secrets: readonly string[] = [],
): readonly string[] => [
  commandLine({ program, args }),
  ...(folder === undefined ? [] : [`in ${commandLine({ program: folder, args: [] })}`]),
  ...Object.entries(env).map(([name, value]) => `with ${assignment(name, value)}`),
  ...secrets.map((name) => `with ${name} from the vault`),
];

/** Rejects with `bad-usage` where nobody can be asked, and with `without` as its words where the person says no. */
export const agree = async (question: string, without: string): Promise<void> => {
  if (!canAsk())
    throw new ProblemError('bad-usage', 'there is no terminal to ask on whether this may run', {
      hint: 'say so with --yes',
    });
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new ProblemError('bad-usage', without);
};
