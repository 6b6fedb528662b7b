/** Plain settings: one schema-checked file without secrets, kept by `conf`. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import Conf from 'conf';
import type { z } from 'zod';
import { type Problem, ProblemError } from '../../shared/contract/problems.ts';
import { setAside } from './atomic-file.ts';
import { keepPrivate } from './private.ts';

export interface Settings<T> {
  readonly all: () => T;
  /** Replaces one entry, durable when it returns. Throws `cannot-save` when the disk refuses. */
  readonly set: <K extends keyof T & string>(name: K, value: T[K]) => void;
  /** What to tell the person when the file found could not be used, or was changed while we ran. */
  readonly notice: Problem | undefined;
}

/**
 * Opens `settings.json` in `folder`. The schema must fill in defaults, so that an empty file is a valid one.
 *
 * A file that is not of the schema is set aside under another name, never overwritten, and reported as a notice; so
 * is one that somebody else changed between two of our writes. Entries that the schema does not know are kept: they
 * are a newer Drawbridge's. Rejects with `settings-unreadable` or `not-yours` when nobody can tell what is in it.
 */
export const openSettings = async <S extends z.ZodObject>(
  folder: string,
  schema: S,
  now: () => number,
): Promise<Settings<z.output<S>>> => {
  const file = path.join(folder, 'settings.json');
  /** What lies in the file as far as we know. */
  let known = await readOwn(file);
  let notice: Problem | undefined;
  if (known !== undefined && !schema.safeParse(parseJson(known)).success) {
    notice = damaged(setAside(file, now()));
    known = undefined;
  }

  const conf = new Conf<Record<string, unknown>>({
    cwd: folder,
    configName: 'settings',
    configFileMode: 0o600,
    clearInvalidConfig: false,
    accessPropertiesByDotNotation: false,
  });
  let current = schema.parse(conf.store);
  const others = Object.fromEntries(
    Object.entries(conf.store).filter(([name]) => !(name in schema.shape)),
  );

  const write = (next: z.output<S>): void => {
    const found = read(file);
    if (found !== undefined && found !== known) notice = replaced(setAside(file, now()));
    assertWritable(file);
    conf.store = { ...others, ...next };
    known = read(file);
  };
  return {
    all: () => current,
    set: (name, value) => {
      const next = schema.parse({ ...current, [name]: value });
      try {
        write(next);
      } catch (cause) {
        throw new ProblemError('cannot-save', 'the settings could not be saved', {
          hint: `check that there is room on the disk and that settings.json in ${folder} is yours to write`,
          cause,
        });
      }
      current = next;
    },
    get notice() {
      return notice;
    },
  };
};

/** Undefined when there is none. A folder in its place is text of no schema. */
const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (isCode(error, 'EISDIR')) return '';
    throw error;
  }
};

const readOwn = async (file: string): Promise<string | undefined> => {
  try {
    await keepPrivate(file);
    return read(file);
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError('settings-unreadable', 'the settings file cannot be read', {
      hint: `see that you may read ${file}, or move it away to start without it`,
      cause,
    });
  }
};

/** A file made read-only is so on purpose, and a write that renames another over it would not even notice. */
const assertWritable = (file: string): void => {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found !== undefined && (found.mode & 0o200) === 0) throw new Error('read-only');
};

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is just another way of not being of the schema.
    return undefined;
  }
};

const damaged = (aside: string): Problem => ({
  code: 'settings-damaged',
  message: 'the settings file could not be read, so Drawbridge started without it',
  hint: `it is kept as ${path.basename(aside)} in the data folder`,
});

const replaced = (aside: string): Problem => ({
  code: 'settings-replaced',
  message:
    'the settings file was changed by another program while Drawbridge ran, and its own were kept',
  hint: `what was found is kept as ${path.basename(aside)} in the data folder; stop Drawbridge before you change settings by hand`,
});
