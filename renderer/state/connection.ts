/** The one link to the broker: follows its event stream and tells how things stand. */
import type { ControlClient } from '../../shared/contract/client.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { backOff } from './back-off.ts';
import type { Clock } from './clock.ts';
import { withSameParts } from './same-parts.ts';

export interface Standing {
  /** lost: tried again after a while. no-session: tried again when the person comes back to the page. */
  readonly link: 'connecting' | 'live' | 'lost' | 'no-session';
  /** The latest there was, which while `lost` may be out of date. */
  readonly snapshot?: Snapshot;
}

export interface Connection {
  readonly standing: () => Standing;
  readonly subscribe: (listener: () => void) => () => void;
  /** Follows the stream from now on, and returns a function that stops it. */
  readonly start: () => () => void;
  /** Ends a wait for the next try. Does nothing while the stream is up. */
  readonly retryNow: () => void;
  /** To be called when an answer said that this page has no session any more. */
  readonly sessionEnded: () => void;
}

export const createConnection = (client: ControlClient, clock: Clock): Connection => {
  const listeners = new Set<() => void>();
  let standing: Standing = { link: 'connecting' };
  let attempt = new AbortController();
  let wake = (): void => undefined;

  const show = (next: Standing): void => {
    standing = next;
    for (const listener of listeners) listener();
  };

  /** Shows snapshots until the stream ends, for whatever reason, and tells whether it was refused. */
  const listen = async (onSnapshot: () => void): Promise<'dropped' | 'refused'> => {
    attempt = new AbortController();
    const { signal } = attempt;
    try {
      for await (const snapshot of client.snapshots(signal)) {
        onSnapshot();
        show({ link: 'live', snapshot: withSameParts(standing.snapshot, snapshot) });
      }
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'no-session') return 'refused';
      // Anything else, be it the network, a restart or a stream we cannot read, is mended by a new stream.
    }
    return signal.aborted ? 'refused' : 'dropped';
  };

  const pause = (ms: number | undefined): Promise<void> =>
    new Promise((resolve) => {
      const takeBack = ms === undefined ? undefined : clock.after(ms, resolve);
      wake = () => {
        takeBack?.();
        resolve();
      };
    });

  const follow = async (stopped: AbortSignal): Promise<void> => {
    let failures = 0;
    while (!stopped.aborted) {
      const end = await listen(() => {
        failures = 0;
      });
      if (stopped.aborted) return;
      if (end === 'refused') show({ link: 'no-session' });
      else show({ ...standing, link: 'lost' });
      await pause(end === 'refused' ? undefined : backOff(failures++));
    }
  };

  return {
    standing: () => standing,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => {
      const stop = new AbortController();
      void follow(stop.signal);
      return () => {
        stop.abort();
        attempt.abort();
        wake();
      };
    },
    retryNow: () => wake(),
    sessionEnded: () => attempt.abort(),
  };
};
