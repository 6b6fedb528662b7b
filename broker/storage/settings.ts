/** Plain settings: one schema-checked file without secrets, kept by `conf`. */
import path from 'node:path';
import Conf from 'conf';
import type { z } from 'zod';
import { type Problem, ProblemError } from '../../shared/contract/problems.ts';
import { readIfPresent, setAside } from './atomic-file.ts';

export interface Settings<T> {
  readonly all: () => T;
  /** Replaces one entry, durable when it returns. Throws `cannot-save` when the disk refuses. */
  readonly set: <K extends keyof T & string>(name: K, value: T[K]) => void;
  /** What to tell the person when the file found could not be used. */
  readonly notice: Problem | undefined;
}

/**
 * Opens `settings.json` in `folder`. The schema must fill in defaults, so that an empty file is a valid one.
 *
 * A file that is not of the schema is set aside under another name, never overwritten, and reported as a notice.
 */
export const openSettings = async <S extends z.ZodObject>(
  folder: string,
  schema: S,
  now: number,
): Promise<Settings<z.output<S>>> => {
  const file = path.join(folder, 'settings.json');
  const found = await readIfPresent(file);
  const usable = found === undefined || schema.safeParse(parseJson(found.toString('utf8'))).success;
  const notice = usable ? undefined : damagedNotice(await setAside(file, now));

  const conf = new Conf<Record<string, unknown>>({
    cwd: folder,
    configName: 'settings',
    configFileMode: 0o600,
    clearInvalidConfig: false,
    accessPropertiesByDotNotation: false,
  });
  let current = schema.parse(conf.store);
  return {
    all: () => current,
    set: (name, value) => {
      const next = schema.parse({ ...current, [name]: value });
      try {
        conf.store = next;
      } catch (cause) {
        throw new ProblemError('cannot-save', 'the settings could not be saved', {
          hint: `check that there is room on the disk and that ${folder} is yours to write`,
          cause,
        });
      }
      current = next;
    },
    notice,
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is just another way of not being of the schema.
    return undefined;
  }
};

const damagedNotice = (aside: string): Problem => ({
  code: 'settings-damaged',
  message: 'the settings file could not be read, so Drawbridge started without it',
  hint: `it is kept as ${path.basename(aside)} in the data folder`,
});
