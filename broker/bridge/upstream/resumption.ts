/** May a stream that broke off be taken up again, when, and from where? (T17, T18) */
import type { ProblemError } from '../../../shared/contract/problems.ts';
import type { Listener } from './exchanges.ts';

/** How long a stream stays closed before it is opened again, unless the server says. */
export const REOPEN_MS = 1_000;
/** Whatever it says: a server must not make us busy, nor make us wait for a day. */
const LEAST_REOPEN_MS = 500;
const MOST_REOPEN_MS = 60_000;
/** A stream that breaks again and again before anything new was heard is given up. */
const MOST_RESUMPTIONS = 5;
/** An id that no header can carry would end the stream before it begins, again and again. */
export const headerSafe = /^[\x20-\x7e]*$/;

/** How far the stream of one request has come. */
export interface Stream {
  /** The id of the last event. */
  place: string | undefined;
  retryMs: number;
  /** Since something new was heard. */
  resumptions: number;
}

export const newStream = (): Stream => ({
  place: undefined,
  retryMs: REOPEN_MS,
  resumptions: 0,
});

/** The server's wish for the pause before a stream is opened again, within bounds, ms. */
export const reopenAfter = (ms: number): number =>
  Math.min(MOST_REOPEN_MS, Math.max(ms, LEAST_REOPEN_MS));

/** Keeps up with a stream as it is heard. */
export const noting = (stream: Stream): Pick<Listener, 'place' | 'retry'> => ({
  place: (eventId) => {
    if (headerSafe.test(eventId)) stream.place = eventId;
    stream.resumptions = 0;
  },
  retry: (ms) => (stream.retryMs = reopenAfter(ms)),
});

/** Whether one that ended so before the answer is worth another try. */
export const mayResume = (
  { place, resumptions }: Stream,
  problem: ProblemError | undefined,
): boolean =>
  place !== undefined &&
  resumptions < MOST_RESUMPTIONS &&
  // That would come again.
  problem?.code !== 'answer-too-large';
