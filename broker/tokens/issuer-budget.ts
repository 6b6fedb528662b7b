/** How often one authorization server may be asked for tokens, whatever happens here: nobody likes a storm. */
import { pause } from '../pause.ts';
import type { Clock } from '../ports.ts';

export interface IssuerBudget {
  /** Resolves when one more request may be made; in the order asked. Rejects once it was stopped. */
  readonly turn: (issuer: string) => Promise<void>;
  readonly stop: () => void;
}

interface Bucket {
  left: number;
  readonly waiting: PromiseWithResolvers<void>[];
  filling: boolean;
}

/** So many at once, and after that one in each interval. */
const BURST = 20;
const INTERVAL_MS = 2_000;

/** Counted by timers and not by the clock on the wall: one that is set back must make nobody wait for it. */
export const createIssuerBudget = (clock: Clock): IssuerBudget => {
  const buckets = new Map<string, Bucket>();
  const stopped = new AbortController();

  const bucketOf = (issuer: string): Bucket => {
    const known = buckets.get(issuer);
    if (known !== undefined) return known;
    const full: Bucket = { left: BURST, waiting: [], filling: false };
    buckets.set(issuer, full);
    return full;
  };

  const fill = async (bucket: Bucket): Promise<void> => {
    if (bucket.filling) return;
    bucket.filling = true;
    try {
      while (bucket.left < BURST) {
        await pause(clock, INTERVAL_MS, stopped.signal);
        const next = bucket.waiting.shift();
        if (next === undefined) bucket.left += 1;
        else next.resolve();
      }
    } finally {
      bucket.filling = false;
    }
  };

  return {
    turn: (issuer) => {
      const bucket = bucketOf(issuer);
      const mine = Promise.withResolvers<void>();
      if (bucket.left > 0) {
        bucket.left -= 1;
        mine.resolve();
      } else {
        bucket.waiting.push(mine);
      }
      fill(bucket).catch((over: unknown) => {
        for (const { reject } of bucket.waiting) reject(over);
      });
      return mine.promise;
    },
    stop: () => stopped.abort(),
  };
};
