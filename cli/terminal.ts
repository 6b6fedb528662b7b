/** How a command speaks: facts on stdout, everything else on stderr, problems with what to do next. */
import type { Problem } from '../shared/contract/problems.ts';

export interface Terminal {
  /** Facts as a person reads them, or as JSON where `--json` was given. */
  readonly facts: (text: string, json: unknown) => void;
  /** Progress and prompts. */
  readonly say: (text: string) => void;
  readonly problem: (problem: Problem) => void;
}

export const createTerminal = (json: boolean): Terminal => ({
  facts: (text, value) => {
    if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    else if (text !== '') process.stdout.write(`${text}\n`);
  },
  say: (text) => void process.stderr.write(`${text}\n`),
  problem: (problem) => {
    if (json) process.stdout.write(`${JSON.stringify({ error: problem })}\n`);
    process.stderr.write(`drawbridge: ${problem.message} (${problem.code})\n`);
    if (problem.hint !== undefined) process.stderr.write(`hint: ${problem.hint}\n`);
  },
});
