/** How does an AI client learn that a call which waits for a person is not lost? By progress, where it asked to hear of it. */
import type { Hearer, Message } from '../leg.ts';

/** Often enough for those that give up after a minute without any. */
const EVERY_MS = 15_000;

/**
 * Tells it from now on, in these words. Returns a function that stops it.
 *
 * Progress has to increase with every notification, and those of the server itself may follow, from 0 on: ours come ever
 * closer to 0 from below.
 */
export const tellStillWaiting = (
  { envelope }: Message,
  hearer: Hearer,
  message: string,
  after: (ms: number, deed: () => void) => () => void,
): (() => void) => {
  const progressToken = envelope.params?._meta?.['progressToken'];
  if (typeof progressToken !== 'string' && typeof progressToken !== 'number')
    return () => undefined;
  let count = 0;
  const wait = (): (() => void) =>
    after(EVERY_MS, () => {
      count += 1;
      stop = wait();
      const method = 'notifications/progress';
      const params = { progressToken, progress: -1 / count, message };
      hearer.message(JSON.stringify({ jsonrpc: '2.0', method, params }), { id: undefined, method });
    });
  let stop = wait();
  return () => stop();
};
