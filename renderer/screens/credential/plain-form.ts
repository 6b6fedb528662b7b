/** How what a source says is written in a field, and read from it again. */
import { wordsIn } from '../../../shared/command-line.ts';
import type { PlainForm } from './rows.ts';

interface Form {
  readonly write: (value: never) => string;
  /** Throws where the text does not have this form. */
  readonly read: (text: string) => unknown;
}

const spaced = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** As `wordsIn` parts them again, whatever is in them. */
const quoted = (word: string): string =>
  /^[^\s"'\\]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;

export const plainForms: Readonly<Record<PlainForm, Form>> = {
  text: { write: String, read: (text) => text },
  choice: { write: String, read: (text) => text },
  id: { write: String, read: (text) => (/^\d+$/.test(text) ? Number(text) : text) },
  number: { write: String, read: Number },
  list: { write: (words: readonly string[]) => words.join(' '), read: spaced },
  command: { write: (words: readonly string[]) => words.map(quoted).join(' '), read: wordsIn },
  json: { write: (value: unknown) => JSON.stringify(value, null, 2), read: JSON.parse },
};
