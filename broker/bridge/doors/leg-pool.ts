/** Legs kept for AI clients of the modern era, which say nothing of a session and need one where the server has them. */
import { keyText } from '../../../shared/contract/ids.ts';
import type { Leg, OpenLeg } from '../leg.ts';
import type { Visitor } from './door-sessions.ts';

export interface LegPool {
  /** The visitor's leg, opened when there is none. */
  readonly of: (visitor: Visitor, open: OpenLeg) => Leg;
  readonly close: () => void;
}

/** Longer than a call waits for answers to what its server asked, ms. */
const IDLE_MS = 15 * 60 * 1000;

interface Entry {
  readonly leg: Leg;
  open: number;
  cancelIdle: () => void;
}

export const createLegPool = (after: (ms: number, deed: () => void) => () => void): LegPool => {
  const entries = new Map<string, Entry>();

  const rest = (key: string, entry: Entry): void => {
    entry.cancelIdle();
    if (entry.open > 0 || entries.get(key) !== entry) return;
    entry.cancelIdle = after(IDLE_MS, () => {
      entries.delete(key);
      entry.leg.close();
    });
  };

  return {
    of: ({ aiClient, target }, open) => {
      // Never another's: what a server asks one AI client is not for the next.
      const key = `${aiClient}\n${keyText(target.upstream.key)}`;
      const entry = entries.get(key) ?? { leg: open(nothing), open: 0, cancelIdle: nothing };
      entries.set(key, entry);
      return {
        ...entry.leg,
        say: (message, hearer) => {
          entry.open += 1;
          let over = false;
          const end = (): void => {
            if (over) return;
            over = true;
            entry.open -= 1;
            rest(key, entry);
          };
          const giveUp = entry.leg.say(message, {
            message: hearer.message,
            done: (outcome) => {
              end();
              hearer.done(outcome);
            },
          });
          return () => {
            end();
            giveUp();
          };
        },
      };
    },
    close: () => {
      for (const { leg, cancelIdle } of entries.values()) {
        cancelIdle();
        leg.close();
      }
      entries.clear();
    },
  };
};

const nothing = (): void => undefined;
