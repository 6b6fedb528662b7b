/** Which way worked for AI clients of an era to a server: remembered with its date, so that it need not be found out each time (T5). */
import { z } from 'zod';
import type { Era } from '../session.ts';

export const Verdict = z.object({
  url: z.string(),
  /** Of the AI client. */
  era: z.enum(['legacy', 'modern']),
  /** `old` is HTTP+SSE, and translated as well where the AI client is a modern one. */
  way: z.enum(['direct', 'translated', 'old']),
  /** Unix ms. */
  at: z.number(),
});
export type Verdict = z.infer<typeof Verdict>;
export type Way = Verdict['way'];

export interface Verdicts {
  readonly of: (url: string, era: Era) => Way | undefined;
  readonly note: (url: string, era: Era, way: Way) => void;
  readonly forget: (url: string, era: Era) => void;
}

export interface VerdictStore {
  readonly read: () => readonly Verdict[];
  readonly write: (all: readonly Verdict[]) => void;
}

/** Servers learn new versions: any other way than the direct one is questioned again after so long, ms. */
const DETOUR_FOR_MS = 7 * 24 * 60 * 60 * 1000;
/** More servers than anybody has; the oldest go first. */
const MOST = 500;

/** The verdicts in `store`, which nobody else writes to. */
export const createVerdicts = (store: VerdictStore, now: () => number): Verdicts => {
  let all = store.read();
  const keep = (next: readonly Verdict[]): void => {
    all = next;
    try {
      store.write(next);
    } catch {
      // An AI client is being answered, and must be on a full disk as well: after the next start it is found out again.
    }
  };
  const others = (url: string, era: Era): Verdict[] =>
    all.filter((verdict) => verdict.url !== url || verdict.era !== era);
  return {
    of: (url, era) => {
      const known = all.find((verdict) => verdict.url === url && verdict.era === era);
      const age = known === undefined ? 0 : now() - known.at;
      const isOld =
        known !== undefined && known.way !== 'direct' && (age < 0 || age > DETOUR_FOR_MS);
      return isOld ? undefined : known?.way;
    },
    note: (url, era, way) =>
      keep([{ url, era, way, at: now() }, ...others(url, era)].slice(0, MOST)),
    forget: (url, era) => keep(others(url, era)),
  };
};
