/** What did a program say last on its error output? A few lines, without any secret that is known or looks like one. */

import { plainText } from '../../shared/plain-text.ts';
import type { Secret } from '../vault/secret.ts';
import { spellings } from './logger.ts';
import { mask } from './mask.ts';

export interface LastWords {
  readonly push: (chunk: Buffer) => void;
  /** A whole line from elsewhere. */
  readonly note: (line: string) => void;
  /** The lines that are left, the oldest first. */
  readonly lines: () => readonly string[];
  /** The line that most likely says what went wrong. */
  readonly telling: () => string | undefined;
}

const MOST_LINES = 30;
const MOST_SHOWN = 300;
/** What is looked at of one line; the rest of it is left out. Far more than is shown, so that no secret is cut in two there. */
const MOST_HELD = 64 * 1024;

/** Keeps the last words of a program that was given these secrets. `clean` takes out the values that the log knows. */
export const createLastWords = (
  secrets: Iterable<Secret>,
  clean: (text: string) => string,
): LastWords => {
  const hidden = [...secrets]
    .flatMap((secret) => [secret.reveal(), ...secret.reveal().split(/[\r\n]+/)])
    .filter((value) => value.trim() !== '')
    .flatMap((value) => [value, ...spellings(value)])
    .toSorted((one, other) => other.length - one.length);
  let lines: string[] = [];
  let pending = '';

  const note = (line: string): void => {
    let rest = line;
    for (const value of hidden) rest = rest.replaceAll(value, '[secret]');
    const shown = plainText(mask(rest, clean), MOST_SHOWN);
    if (shown !== '') lines = [...lines, shown].slice(-MOST_LINES);
  };

  return {
    note,
    push: (chunk) => {
      // Of a flood, only the end is worth reading.
      const [first = '', ...rest] = chunk
        .toString('utf8')
        .split(/\r?\n/)
        .slice(-MOST_LINES - 1);
      pending = (pending + first).slice(0, MOST_HELD);
      for (const part of rest) {
        note(pending);
        pending = part.slice(0, MOST_HELD);
      }
    },
    lines: () => {
      if (pending !== '') note(pending);
      pending = '';
      return lines;
    },
    telling() {
      const said = this.lines();
      return (
        said.findLast((line) => /error|exception|fatal|cannot|failed/i.test(line)) ?? said.at(-1)
      );
    },
  };
};
