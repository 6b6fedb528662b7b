/** What keeps this process alive, counted before and after: whatever is left over was forgotten. */
import { setTimeout as sleep } from 'node:timers/promises';

export type Resources = Readonly<Record<string, number>>;

/** Sockets, listeners, child processes and timers; not what reads files in the meantime. */
const counted = /TCP|Pipe|Process|Timeout|Immediate/;

export const countResources = (): Resources => {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo().filter((name) => counted.test(name)))
    counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** What there is more of than before, once there is nothing left to wait for; an empty list where nothing was forgotten. */
export const forgottenSince = async (before: Resources, withinMs = 10_000): Promise<string[]> => {
  const end = Date.now() + withinMs;
  for (;;) {
    const now = Object.entries(countResources());
    const more = now
      .map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
      .filter(([, count]) => count > 0);
    if (more.length === 0 || Date.now() > end)
      return more.map(([kind, count]) => `${count} more ${kind}`);
    await sleep(50);
  }
};
