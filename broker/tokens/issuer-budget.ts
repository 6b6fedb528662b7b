/** How often one authorization server may be asked for tokens, whatever happens here: nobody likes a storm. */
import { pause } from '../pause.ts';
import type { Clock } from '../ports.ts';

export interface IssuerBudget {
  /** Resolves when one more request may be made; in the order asked. Rejects once it was stopped. */
  readonly turn: (issuer: string) => Promise<void>;
  readonly stop: () => void;
}

/** So many at once, and after that one in each interval. */
const BURST = 20;
const INTERVAL_MS = 2_000;

export const createIssuerBudget = (clock: Clock): IssuerBudget => {
  /** When the request after the last one would be due if there were no burst, Unix ms. */
  const due = new Map<string, number>();
  const stopped = new AbortController();
  return {
    turn: (issuer) => {
      const now = clock.now();
      const burst = now - BURST * INTERVAL_MS;
      // A clock set back would make everybody wait for it to catch up.
      const last = Math.min(due.get(issuer) ?? burst, now + BURST * INTERVAL_MS);
      const mine = Math.max(last + INTERVAL_MS, burst + INTERVAL_MS);
      due.set(issuer, mine);
      return mine <= now ? Promise.resolve() : pause(clock, mine - now, stopped.signal);
    },
    stop: () => stopped.abort(),
  };
};
