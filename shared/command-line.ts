/** A command as a person reads it before agreeing to it: all of it, and nothing in it that hides (F13). */
import type { LocalCommand } from './contract/local-server.ts';

type Shown = Pick<LocalCommand, 'program' | 'args'>;
type Whole = Pick<LocalCommand, 'program' | 'args' | 'folder' | 'env'>;

/** The program and its arguments in one line, each of them as one word. */
export const commandLine = ({ program, args }: Shown): string =>
  [program, ...args].map(asWord).join(' ');

/** A variable with its value, in the same manner. */
export const assignment = (name: string, value: string): string => `${name}=${asWord(value)}`;

/** All that a person agrees to: the command, where it starts and what it is given. */
export const described = (
  { program, args, folder, env }: Whole,
  secrets: readonly string[] = [],
): readonly string[] => [
  commandLine({ program, args }),
  ...(folder === undefined ? [] : [`in ${asWord(folder)}`]),
  ...Object.entries(env).map(([name, value]) => `with ${assignment(name, value)}`),
  ...secrets.map((name) => `with ${name} from the vault`),
];

/** The words of a command as a shell would part them: quotes keep together, and a backslash counts before a space or a quote. */
export const wordsIn = (text: string): string[] => {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    const next = text.charAt(at + 1);
    if (letter === '\\' && quote !== "'" && /[\s"']/.test(next)) {
      word = (word ?? '') + next;
      at += 1;
    } else if (quote !== undefined ? letter === quote : letter === '"' || letter === "'") {
      quote = quote === undefined ? letter : undefined;
      word ??= '';
    } else if (quote === undefined && /\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + letter;
    }
  }
  return word === undefined ? words : [...words, word];
};

const isPlain = /^[\p{L}\p{N}_@%+=:,./\\~^-]+$/u;

/** In quotes where it could be read otherwise; what does not show, or turns text around, by its number. */
const asWord = (text: string): string => (isPlain.test(text) ? text : `"${visible(text)}"`);

const visible = (text: string): string =>
  text
    .replace(/["\\$`]/g, '\\$&')
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]|(?! )\p{Zs}/gu,
      (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`,
    );
