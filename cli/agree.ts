/** Asking a person to agree to what has been shown to them (F13). */
import { ProblemError } from '../shared/contract/problems.ts';
import { ask, canAsk } from './ask.ts';

/** Rejects with `bad-usage` where nobody can be asked, and with `without` as its words where the person says no. */
export const agree = async (question: string, without: string): Promise<void> => {
  if (!canAsk())
    throw new ProblemError('bad-usage', 'there is no terminal to ask on whether this is wanted', {
      hint: 'say so with --yes',
    });
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new ProblemError('bad-usage', without);
};
