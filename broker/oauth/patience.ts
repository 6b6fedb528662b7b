/** Waiting for a person: for so long, or until they cancel. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';
import { cancelled } from './words.ts';

/** How long a person may take. Machines have limits of their own, in the fetch. */
export const PERSON_MS = 10 * 60_000;

export interface Waiting {
  readonly clock: Clock;
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal;
}

/** `what` in its time; else rejects with `sign-in-timed-out`, or `sign-in-cancelled`. */
export const withinPatience = async <T>(
  { clock, signal }: Waiting,
  what: Promise<T>,
  limitMs: number = PERSON_MS,
): Promise<T> => {
  const ended = Promise.withResolvers<never>();
  const stop = clock.after(limitMs, () =>
    ended.reject(
      new ProblemError(
        'sign-in-timed-out',
        `nobody signed in within ${Math.round(limitMs / 60_000)} minutes`,
        { hint: 'sign in again when you are ready' },
      ),
    ),
  );
  const cancel = (): void => ended.reject(cancelled());
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await Promise.race([what, ended.promise]);
  } finally {
    stop();
    signal.removeEventListener('abort', cancel);
  }
};
