/** Log lines that cannot hold a secret: Secrets print as such, and known values are cut out of any text. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';
import type { Secret } from '../vault/secret.ts';

type Level = 'info' | 'warn' | 'error';
/** None of them may take the place of what every line has. */
type Fields = Readonly<Record<string, unknown>> & {
  readonly [Own in 'at' | 'level' | 'event']?: never;
};

export interface Logger {
  readonly info: (event: string, fields?: Fields) => void;
  readonly warn: (event: string, fields?: Fields) => void;
  readonly error: (event: string, fields?: Fields) => void;
  /** From now on this value is cut out of every line, whatever text it turns up in. */
  readonly conceal: (secret: Secret) => void;
  /** It is worth nothing any more, and must not take the place of another one. */
  readonly letGo: (secret: Secret) => void;
}

export interface Redaction {
  /** Any text without the values that are concealed, for what is kept elsewhere. */
  readonly clean: (text: string) => string;
}

/** Shorter values would cut ordinary words out of the log, and no token is that short. */
const SHORTEST_SECRET = 8;
/** Enough for every live grant and what it replaced; the oldest are forgotten first. */
const MOST_SECRETS = 500;

/** A logger that writes one JSON object a line: `at` (ISO time), `level`, `event`, then the fields. */
export const createLogger = (write: (line: string) => void, clock: Clock): Logger & Redaction => {
  const concealed = new Map<string, readonly string[]>();
  const log = (level: Level, event: string, fields: Fields = {}): void => {
    const at = new Date(clock.now()).toISOString();
    const line = JSON.stringify({ at, level, event, ...fields }, (_key, value: unknown) =>
      value instanceof Error ? describeError(value) : value,
    );
    write(cutOut(line, concealed.values()));
  };
  return {
    info: (event, fields) => log('info', event, fields),
    warn: (event, fields) => log('warn', event, fields),
    error: (event, fields) => log('error', event, fields),
    clean: (text) => cutOut(text, concealed.values()),
    letGo: (secret) => void concealed.delete(secret.reveal()),
    conceal: (secret) => {
      const value = secret.reveal();
      if (value.length < SHORTEST_SECRET) return;
      // Said again it is the newest once more.
      concealed.delete(value);
      concealed.set(value, spellings(value));
      if (concealed.size > MOST_SECRETS) {
        const [oldest] = concealed.keys();
        if (oldest !== undefined) concealed.delete(oldest);
      }
    },
  };
};

const cutOut = (line: string, concealed: Iterable<readonly string[]>): string => {
  let clean = line;
  for (const values of concealed) {
    for (const value of values)
      if (clean.includes(value)) clean = clean.replaceAll(value, '[secret]');
  }
  return clean;
};

/** A value as it may stand in a line: in text, in JSON inside text, in a URL, in a form. For most tokens all are one. */
export const spellings = (value: string): readonly string[] => {
  const inText = asJson(value);
  const inForm = new URLSearchParams({ '': value }).toString().slice(1);
  return [...new Set([asJson(inText), inText, encodeURIComponent(value), inForm])];
};

const asJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Foreign error messages can quote what a server sent, so of them only the name, the code and where it happened are kept. */
const describeError = (error: Error): object =>
  error instanceof ProblemError
    ? { code: error.code, message: error.message, ...causeOf(error) }
    : {
        name: error.name,
        ...('code' in error ? { code: String(error.code) } : {}),
        at: placeOf(error),
        ...causeOf(error),
      };

const causeOf = ({ cause }: Error): object => (cause instanceof Error ? { cause } : {});

/** The first row below the message, which may itself have rows that look like places. */
const placeOf = ({ stack, message }: Error): string | undefined =>
  stack
    ?.replace(message, () => '')
    .split('\n')
    .find((row) => row.trimStart().startsWith('at '))
    ?.trim();
