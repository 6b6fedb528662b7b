/** Whose broker the shell shows: its own, or, while another process holds the data folder, that one's. */
import type { Clock } from '../broker/ports.ts';
import type { Answer } from '../shared/contract/client.ts';
import { ProblemError } from '../shared/contract/problems.ts';
import type { Snapshot } from '../shared/contract/snapshot.ts';
import {
  type DaemonParts,
  type Link,
  linkToDaemon,
  linkToOwn,
  noLink,
  type OwnBroker,
} from './link.ts';

export interface Host {
  /** The control plane and the window's files. */
  readonly answer: Answer;
  /** Undefined while no broker answers. */
  readonly snapshot: () => Snapshot | undefined;
  readonly onSnapshot: (listener: (snapshot: Snapshot | undefined) => void) => () => void;
  /** Ends our own broker, or only looks away from the other. Runs once however often it is called. */
  readonly stop: () => Promise<void>;
}

interface HostParts extends DaemonParts {
  readonly startBroker: () => Promise<OwnBroker>;
  readonly reachBroker: () => Promise<Answer>;
  readonly clock: Clock;
}

/** The first pause leaves a restarting daemon the time to take its data folder back. */
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 30_000;

/**
 * A host, once its first broker is started or found.
 *
 * A daemon that goes away is waited for, and replaced by a broker of our own if it does not come back: AI clients
 * should not lose their servers while the tray runs. Rejects with whatever else keeps the first broker from starting.
 */
export const openHost = async (parts: HostParts): Promise<Host> => {
  const { startBroker, reachBroker, windowFiles, clock, onTrouble } = parts;
  const listeners = new Set<(snapshot: Snapshot | undefined) => void>();
  const ending = new AbortController();
  const nobody = noLink(windowFiles);
  let link = nobody;
  let latest: Snapshot | undefined;

  const tell = (snapshot: Snapshot | undefined): void => {
    latest = snapshot;
    for (const listener of listeners) listener(snapshot);
  };

  const join = async (): Promise<Link> => {
    try {
      return linkToOwn(await startBroker());
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'already-running') throw error;
    }
    try {
      return linkToDaemon(await reachBroker(), parts);
    } catch (error) {
      onTrouble(error);
      return nobody;
    }
  };

  const live = async (): Promise<void> => {
    let pause = FIRST_PAUSE;
    const hear = (snapshot: Snapshot): void => {
      pause = FIRST_PAUSE;
      tell(snapshot);
    };
    for (;;) {
      // Also when the end has come meanwhile: following is what stops a broker of our own.
      await link.follow(hear, ending.signal).catch(onTrouble);
      link = nobody;
      if (ending.signal.aborted) return;
      tell(undefined);
      await wait(clock, pause, ending.signal);
      if (ending.signal.aborted) return;
      pause = Math.min(2 * pause, LONGEST_PAUSE);
      link = await join().catch((error: unknown) => {
        onTrouble(error);
        return nobody;
      });
    }
  };

  link = await join();
  const life = live();
  return {
    answer: (request) => link.answer(request),
    snapshot: () => latest,
    onSnapshot: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => {
      ending.abort();
      return life;
    },
  };
};

const wait = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const over = (): void => resolve();
  const cancel = clock.after(ms, over);
  signal.addEventListener('abort', over);
  await promise;
  signal.removeEventListener('abort', over);
  cancel();
};
