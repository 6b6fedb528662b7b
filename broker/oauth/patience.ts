/** Waiting for a person: for so long, or until they cancel. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';
import { cancelled } from './words.ts';

/** How long a person may take. Machines have limits of their own, in the fetch. */
const PERSON_MS = 10 * 60_000;

export interface Waiting {
  readonly clock: Clock;
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal;
  /** How long the person may take; 10 minutes where nobody has said. */
  readonly patienceMs?: number | undefined;
}

/** `what` in the person's time, and within `mostMs`; else rejects with `sign-in-timed-out`, or `sign-in-cancelled`. */
export const withinPatience = async <T>(
  { clock, signal, patienceMs = PERSON_MS }: Waiting,
  what: Promise<T>,
  mostMs: number = Number.POSITIVE_INFINITY,
): Promise<T> => {
  const limitMs = Math.min(patienceMs, mostMs);
  const ended = Promise.withResolvers<never>();
  const stop = clock.after(limitMs, () =>
    ended.reject(
      new ProblemError('sign-in-timed-out', `nobody signed in within ${inWords(limitMs)}`, {
        hint: 'sign in again when you are ready',
      }),
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

/** Codes for another device may live for less than a minute. */
const inWords = (ms: number): string =>
  ms < 2 * 60_000 ? counted(ms / 1000, 'second') : counted(ms / 60_000, 'minute');

const counted = (amount: number, unit: string): string => {
  const whole = Math.max(1, Math.round(amount));
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
};
