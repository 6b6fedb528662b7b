/** What all surfaces say of the requests of AI clients, and how they are written down. */
import type { ActivityEntry, ActivityOutcome } from './contract/activity.ts';

export const outcomeWords: Readonly<Record<ActivityOutcome, string>> = {
  answered: 'answered',
  'tool-error': 'tool error',
  error: 'error',
  cancelled: 'cancelled',
  gone: 'gone',
};

/** The outcomes that mean that something went wrong. */
export const failures: readonly ActivityOutcome[] = ['tool-error', 'error'];

/** What became of a request, with the code of its error. */
export const outcomeOf = ({ outcome, code }: Pick<ActivityEntry, 'outcome' | 'code'>): string =>
  code === undefined ? outcomeWords[outcome] : `${outcomeWords[outcome]} ${code}`;

/** "850 ms", "2.4 s", "3 min", "5 h". */
export const durationText = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 2 * HOUR ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / HOUR)} h`;
};

/** "850 B", "2.4 kB", "3.1 MB". */
export const bytesText = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000
    ? `${(bytes / 1_000).toFixed(1)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
};

const HOUR = 60 * 60_000;

const columns: Readonly<Record<string, (entry: ActivityEntry) => string | number>> = {
  time: ({ at }) => new Date(at).toISOString(),
  ai_client: ({ aiClient }) => aiClient,
  door: ({ door }) => door,
  server: ({ server }) => server,
  account: ({ account }) => account,
  method: ({ method }) => method,
  name: ({ name = '' }) => name,
  outcome: ({ outcome }) => outcome,
  code: ({ code = '' }) => code,
  duration_ms: ({ durationMs }) => durationMs,
  bytes_in: ({ bytesIn }) => bytesIn,
  bytes_out: ({ bytesOut }) => bytesOut,
};

/** The first line of `csvLine`s. */
export const csvHead = Object.keys(columns).join(',');

/** One entry as a line of comma-separated values. */
export const csvLine = (entry: ActivityEntry): string =>
  Object.values(columns)
    .map((cell) => csvCell(cell(entry)))
    .join(',');

/** Spreadsheets run what begins like a formula, and AI clients choose their names: an apostrophe makes it text again. */
const csvCell = (value: string | number): string => {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
