/** From the records of an older vault to those of today. */
import { z } from 'zod';

export const Records = z.record(z.string(), z.unknown());
export type Records = z.infer<typeof Records>;

/** From the records of one format to those of the next. */
export type Migration = (records: Records) => Records;

/** The first step leads from format 1 to format 2, and so on. None is ever taken out. */
export const migrations: readonly Migration[] = [];

/** The format that these steps lead to. */
export const newestFormat = (steps: readonly Migration[]): number => steps.length + 1;

/** Records as the newest format has them. `format` is the one they were sealed in. */
export const migrate = (records: Records, format: number, steps: readonly Migration[]): Records =>
  steps.slice(format - 1).reduce((older, step) => step(older), records);
