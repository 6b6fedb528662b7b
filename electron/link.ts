/** The ways to a broker: one of our own, a running daemon's, or none for the moment. */

import type { Broker } from '../broker/broker.ts';
import type { Ports } from '../broker/ports.ts';
import { type Answer, createControlClient } from '../shared/contract/client.ts';
import { isForBroker } from '../shared/contract/icons.ts';
import { type Problem, problemCodes, toProblem } from '../shared/contract/problems.ts';
import type { Snapshot } from '../shared/contract/snapshot.ts';

/** What the shell needs of a broker in its own process. */
export type OwnBroker = Pick<Broker, 'desktop' | 'snapshot' | 'subscribe' | 'stop'>;

export interface Link {
  readonly answer: Answer;
  /** Tells every snapshot until the link is lost or the signal aborts, and has cleaned up when it settles. */
  readonly follow: (tell: (snapshot: Snapshot) => void, signal: AbortSignal) => Promise<void>;
}

/** Ours: it is lost only when we stop it. */
export const linkToOwn = (broker: OwnBroker): Link => ({
  answer: broker.desktop,
  follow: async (tell, signal) => {
    tell(broker.snapshot());
    const stopTelling = broker.subscribe(tell);
    await aborted(signal);
    stopTelling();
    await broker.stop();
  },
});

/** A daemon's: its control plane under our own window. It is told what the machine tells us, for nobody tells it. */
export const linkToDaemon = (
  control: Answer,
  { windowFiles, onPowerEvent, onTrouble }: DaemonParts,
): Link => ({
  answer: async (request) => {
    if (!isForControl(request)) return windowFiles(request);
    return control(request).catch((error: unknown) => refuse(toProblem(error)));
  },
  follow: async (tell, signal) => {
    const daemon = createControlClient(control);
    const stopTelling = onPowerEvent((event) => {
      daemon.powerEvent({ event }).catch(onTrouble);
    });
    try {
      for await (const snapshot of daemon.snapshots(signal)) tell(snapshot);
    } catch (error) {
      // That it breaks off when we end it is no trouble.
      if (!signal.aborted) throw error;
    } finally {
      stopTelling();
    }
  },
});

export interface DaemonParts {
  readonly windowFiles: Answer;
  readonly onPowerEvent: Ports['onPowerEvent'];
  /** Told of what the daemon could not be told. */
  readonly onTrouble: (error: unknown) => void;
}

/** Nobody's: the window opens all the same and can say so. */
export const noLink = (windowFiles: Answer): Link => ({
  answer: async (request) => (isForControl(request) ? refuse(notRunning()) : windowFiles(request)),
  follow: async () => undefined,
});

const isForControl = (request: Request): boolean => isForBroker(new URL(request.url).pathname);

const refuse = (problem: Problem): Response =>
  Response.json({ error: problem }, { status: problemCodes[problem.code].status });

const notRunning = (): Problem => ({
  code: 'not-running',
  message: 'the background service does not answer',
  hint: 'Drawbridge tries again by itself',
});

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
};
