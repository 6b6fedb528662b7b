/** Waiting on the clock port, until it is called off. */
import type { Clock } from './ports.ts';

/** Resolves after `ms`. Rejects, and leaves no timer behind, once `over` is aborted: what was to follow must not. */
export const pause = (clock: Clock, ms: number, over: AbortSignal): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = (): void => reject(new Error('nobody waits for it any more'));
  if (over.aborted) end();
  const stop = over.aborted ? () => undefined : clock.after(ms, resolve);
  over.addEventListener('abort', end);
  return promise.finally(() => {
    stop();
    over.removeEventListener('abort', end);
  });
};

/** Runs `deed` every `ms`, the first time after `ms`; returns a function that stops it. */
export const every = (clock: Clock, ms: number, deed: () => void): (() => void) => {
  const run = (): void => {
    stop = clock.after(ms, run);
    deed();
  };
  let stop = clock.after(ms, run);
  return () => stop();
};

/** What comes of `what`, or undefined after `ms`; leaves no timer behind. Rejects like `what`. */
export const atMost = async <T>(
  clock: Clock,
  ms: number,
  what: Promise<T>,
): Promise<T | undefined> => {
  const over = new AbortController();
  const patience = pause(clock, ms, over.signal).then(
    () => undefined,
    () => undefined,
  );
  return Promise.race([what, patience]).finally(() => over.abort());
};
