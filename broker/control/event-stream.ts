/** Snapshots as server-sent events: the whole present one first, then each new one. */
import type { Snapshot } from '../../shared/contract/snapshot.ts';

/** A stream that ends when `signal` aborts. A reader that falls behind misses snapshots, never the newest. */
export const eventStream = (
  snapshot: () => Snapshot,
  subscribe: (listener: (snapshot: Snapshot) => void) => () => void,
  signal: AbortSignal,
): Response => {
  const encoder = new TextEncoder();
  let newest: Snapshot | undefined = snapshot();
  let stop = (): void => undefined;

  const flush = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (newest === undefined || (controller.desiredSize ?? 0) <= 0) return;
    const event = `id: ${newest.revision}\ndata: ${JSON.stringify(newest)}\n\n`;
    newest = undefined;
    controller.enqueue(encoder.encode(event));
  };

  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      const unsubscribe = subscribe((next) => {
        newest = next;
        flush(controller);
      });
      const end = (): void => {
        stop();
        controller.close();
      };
      signal.addEventListener('abort', end, { once: true });
      stop = () => {
        unsubscribe();
        signal.removeEventListener('abort', end);
      };
      // The reader may have left before the answer began, and its signal says so only once.
      if (signal.aborted) end();
    },
    pull: flush,
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
};
