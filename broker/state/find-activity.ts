/** Which of the remembered requests are wished for, and what they come to over time. */
import { overTime } from '../../shared/activity-over-time.ts';
import type { ActivityEntry, ActivityReply, ActivityWish } from '../../shared/contract/activity.ts';

/** Of `entries`, the oldest of which is the first, the page that is wished for at the time `now`. */
export const findActivity = (
  entries: readonly ActivityEntry[],
  { server, aiClient, name = '', outcomes, since, after, upTo, skip, limit, span }: ActivityWish,
  now: number,
): Omit<ActivityReply, 'last' | 'captured'> => {
  const part = name.toLowerCase();
  const whose = entries.filter(
    (entry) =>
      (server === undefined || entry.server === server) &&
      (aiClient === undefined || entry.aiClient === aiClient) &&
      (part === '' || hasIn(entry, part)),
  );
  const all = whose.filter(
    ({ outcome, at, id }) =>
      (outcomes === undefined || outcomes.includes(outcome)) &&
      (since === undefined || at >= since) &&
      (after === undefined || id > after),
  );
  const found = upTo === undefined ? all : all.filter(({ id }) => id <= upTo);
  const end = Math.max(0, found.length - skip);
  return {
    entries: found.slice(Math.max(0, end - limit), end).toReversed(),
    found: found.length,
    newer: all.length - found.length,
    aiClients: [...new Set(entries.map((entry) => entry.aiClient))].sort(),
    ...overTime(whose, span, now),
  };
};

const hasIn = ({ method, name = '' }: ActivityEntry, part: string): boolean =>
  method.toLowerCase().includes(part) || name.toLowerCase().includes(part);
