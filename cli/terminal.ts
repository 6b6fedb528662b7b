/** How a command speaks: facts on stdout, everything else on stderr, problems with what to do next. */
import type { Problem } from '../shared/contract/problems.ts';

export interface Terminal {
  /** Facts as a person reads them, or as JSON where `--json` was given. */
  readonly facts: (text: string, json: unknown) => void;
  /** Progress and prompts. */
  readonly say: (text: string) => void;
  /** What is wrong beside the facts: on stderr only. */
  readonly warn: (problem: Problem) => void;
  /** What the command failed with: its one fact. */
  readonly problem: (problem: Problem) => void;
}

export const createTerminal = (json: boolean): Terminal => {
  const warn = ({ code, message, hint }: Problem): void => {
    process.stderr.write(`drawbridge: ${message} (${code})\n`);
    if (hint !== undefined) process.stderr.write(`hint: ${hint}\n`);
  };
  return {
    facts: (text, value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
      else if (text !== '') process.stdout.write(`${text}\n`);
    },
    say: (text) => void process.stderr.write(`${text}\n`),
    warn,
    problem: (problem) => {
      if (json) process.stdout.write(`${JSON.stringify({ error: problem })}\n`);
      warn(problem);
    },
  };
};
