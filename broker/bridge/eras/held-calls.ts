/** Calls that wait for an AI client to come back with what the server asked: how many, for how long, and whose they are. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../ports.ts';
import { type Asking, digestOf } from './modern-request.ts';
import type { StateSeal } from './request-state.ts';

/** A person may have to type something, or to look something up. */
const HOLD_MS = 10 * 60_000;
/** An AI client that never comes back must not fill the server with calls that wait. */
const MOST_HELD = 64;

/** A call as it is held. */
export interface Holdable {
  /** Ends it, here and at the server. */
  readonly cancel: () => void;
}

export interface HeldCalls<Call extends Holdable> {
  /** Holds a call that `asking` began or went on with; returns what its retry must show. */
  readonly hold: (call: Call, asking: Asking) => string;
  /** The call that a retry goes on with, or why there is none. It is held no longer. */
  readonly take: (requestState: unknown, asking: Asking) => Call | string;
  /** Forgets a call that was ended. */
  readonly forget: (call: Call) => void;
}

interface Held<Call> {
  readonly call: Call;
  readonly stopTimer: () => void;
}

/** Holds the calls of one AI client; the oldest one is cancelled when there are too many. */
export const createHeldCalls = <Call extends Holdable>(
  stateSeal: StateSeal,
  clock: Pick<Clock, 'steady' | 'after'>,
  holdMs = HOLD_MS,
): HeldCalls<Call> => {
  const held = new Map<string, Held<Call>>();

  const drop = (key: string): void => {
    held.get(key)?.stopTimer();
    held.delete(key);
  };

  const cancel = (key: string): void => {
    const call = held.get(key)?.call;
    drop(key);
    call?.cancel();
  };

  return {
    hold: (call, asking) => {
      // Drawn anew each round, so that what an earlier round was given opens nothing any more.
      const key = randomUUID();
      held.set(key, { call, stopTimer: clock.after(holdMs, () => cancel(key)) });
      const [oldest] = held.keys();
      if (held.size > MOST_HELD && oldest !== undefined) cancel(oldest);
      return stateSeal.seal({
        call: key,
        digest: digestOf(asking),
        expiresAt: clock.steady() + holdMs,
      });
    },
    take: (requestState, asking) => {
      const state = typeof requestState === 'string' ? stateSeal.open(requestState) : undefined;
      if (state === undefined) return 'requestState is not one that was given out here';
      if (state.digest !== digestOf(asking)) return 'requestState belongs to another request';
      if (state.expiresAt <= clock.steady())
        return 'requestState has expired: send the request anew';
      const call = held.get(state.call)?.call;
      if (call === undefined) {
        return 'the call that requestState belongs to waits no longer: send the request anew';
      }
      drop(state.call);
      return call;
    },
    forget: (call) => {
      for (const [key, entry] of held) if (entry.call === call) drop(key);
    },
  };
};
