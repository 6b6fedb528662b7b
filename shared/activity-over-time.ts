/** How many requests there were over an hour, a day or a week, how many of them failed, and how long they took. */
import { failures } from './activity.ts';
import type {
  ActivityEntry,
  ActivityOutcome,
  ActivityReply,
  ActivitySpan,
  ActivitySum,
} from './contract/activity.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Into how many pieces a span is cut, and how long each is, ms. */
export const pieces: Readonly<
  Record<ActivitySpan, { readonly count: number; readonly ms: number }>
> = {
  hour: { count: 30, ms: 2 * MINUTE },
  day: { count: 24, ms: HOUR },
  week: { count: 28, ms: 6 * HOUR },
};

type Counted = Pick<ActivityEntry, 'at' | 'outcome' | 'durationMs'>;

/** What these requests come to over a span of the clock, as a whole and in each of its pieces, the present one last. */
export const overTime = (
  entries: readonly Counted[],
  span: ActivitySpan,
  now: number,
): Pick<ActivityReply, 'total' | 'pieces'> => {
  const { count, ms } = pieces[span];
  const first = Math.floor(now / ms) - count + 1;
  const parts = Array.from({ length: count }, (): Counted[] => []);
  for (const entry of entries) parts[Math.floor(entry.at / ms) - first]?.push(entry);
  return {
    total: sumOf(parts.flat()),
    pieces: parts.map((part, index) => ({ at: (first + index) * ms, ...sumOf(part) })),
  };
};

/** What has been answered, by the tool or by its refusal: only that says how long answers take. */
const answers: readonly ActivityOutcome[] = ['answered', 'tool-error'];

const sumOf = (entries: readonly Counted[]): ActivitySum => {
  const durations = entries
    .filter(({ outcome }) => answers.includes(outcome))
    .map(({ durationMs }) => durationMs)
    .sort((one, other) => one - other);
  const medianMs = atShare(durations, 0.5);
  const p95Ms = atShare(durations, 0.95);
  return {
    calls: entries.length,
    failed: entries.filter(({ outcome }) => failures.includes(outcome)).length,
    ...(medianMs === undefined ? {} : { medianMs }),
    ...(p95Ms === undefined ? {} : { p95Ms }),
  };
};

/** The least of these, in their order, that this share of them does not exceed. */
const atShare = (sorted: readonly number[], share: number): number | undefined =>
  sorted[Math.ceil(sorted.length * share) - 1];
