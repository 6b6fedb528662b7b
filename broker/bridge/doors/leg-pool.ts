/** Legs kept for AI clients of the modern era, which say nothing of a session and need one where the server has them. */
import type { DoorKeyId } from '../../../shared/contract/door-keys.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { Leg, OpenLeg } from '../leg.ts';
import { createOutbox } from '../outbox.ts';
import { ownerOf, type Visitor } from './door-sessions.ts';

export interface LegPool {
  /**
   * The visitor's leg for one request, opened when there is none. Others share it, for several AI clients may have one key:
   * who reads slowly holds up nobody else.
   */
  readonly of: (visitor: Visitor, open: OpenLeg) => Leg;
  /** Closes those of a key. */
  readonly end: (keyId: DoorKeyId) => void;
  readonly close: () => void;
}

/** Longer than a call waits for answers to what its server asked, ms. */
const IDLE_MS = 15 * 60 * 1000;

interface Entry {
  readonly keyId: DoorKeyId;
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

  const end = (isOver: (entry: Entry) => boolean): void => {
    for (const [key, entry] of [...entries].filter(([, one]) => isOver(one))) {
      entries.delete(key);
      entry.cancelIdle();
      entry.leg.close();
    }
  };

  return {
    of: (visitor, open) => {
      // Never another's: what a server asks one AI client is not for the next.
      const key = ownerOf(visitor);
      const { keyId } = visitor;
      const entry = entries.get(key) ?? { keyId, leg: open(nothing), open: 0, cancelIdle: nothing };
      entries.set(key, entry);
      let overflow = nothing;
      const outbox = createOutbox(() => overflow());
      return {
        pause: outbox.pause,
        resume: outbox.resume,
        close: entry.leg.close,
        say: (message, hearer) => {
          entry.open += 1;
          let over = false;
          let isGone = false;
          const leave = (): void => {
            if (over) return;
            over = true;
            entry.open -= 1;
            rest(key, entry);
          };
          const put = (size: number, deed: () => void): void =>
            outbox.put(size, () => {
              if (!isGone) deed();
            });
          const giveUp = entry.leg.say(message, {
            message: (json, peeked) => put(json.length, () => hearer.message(json, peeked)),
            done: (end) => {
              leave();
              put(0, () => hearer.done(end));
            },
          });
          overflow = () => {
            leave();
            giveUp();
            put(0, () => hearer.done({ problem: notRead() }));
          };
          return () => {
            isGone = true;
            leave();
            giveUp();
          };
        },
      };
    },
    end: (keyId) => end((entry) => entry.keyId === keyId),
    close: () => end(() => true),
  };
};

const notRead = (): ProblemError =>
  new ProblemError('server-too-slow', 'what the server said was not read in time', {
    hint: 'other AI clients with the same key must not wait for this one',
  });

const nothing = (): void => undefined;
