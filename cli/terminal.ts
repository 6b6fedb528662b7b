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

/** What whoever signs in must know while the vault is of kind `memory`. */
export const inMemoryOnly = 'sign-ins are kept in memory only and end when Drawbridge stops';

export const createTerminal = (json: boolean): Terminal => {
  const say = (text: string): void => void process.stderr.write(`${harmless(text)}\n`);
  const warn = ({ code, message, hint }: Problem): void => {
    say(`drawbridge: ${oneLine(message)} (${code})`);
    if (hint !== undefined) say(`hint: ${oneLine(hint)}`);
  };
  return {
    facts: (text, value) => {
      if (json) process.stdout.write(`${harmlessJson(value)}\n`);
      else if (text !== '') process.stdout.write(`${harmless(text)}\n`);
    },
    say,
    warn,
    problem: (problem) => {
      if (json) process.stdout.write(`${harmlessJson({ error: problem })}\n`);
      warn(problem);
    },
  };
};

/** Foreign text for a place inside a line of ours: its own line breaks would let it forge the lines after it. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();

/**
 * Terminal escape injection: a server chooses its title, its labels and parts of messages, and control characters in
 * them would move the cursor, set the clipboard or turn text around. The line breaks are ours.
 */
const harmless = (text: string): string => text.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, '');

/** JSON leaves the controls beyond ASCII as they are; escaped, they are the same text to whoever parses it. */
const harmlessJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\p{Cc}\p{Cf}]/gu, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
