/** One keychain call in a process of its own, whichever way a shell starts processes. */
import { z } from 'zod';
import type { Clock, Ports } from '../ports.ts';

/** A started `keychain-child`, as a shell sees it. */
export interface KeychainProcess {
  /** As a message: arguments and environment of a process can be read by others. */
  readonly send: (request: unknown) => void;
  readonly onMessage: (listener: (message: unknown) => void) => void;
  /** It could not be started, or is gone. */
  readonly onEnd: (listener: () => void) => void;
  /** Without asking: a pending keychain prompt keeps its process from ending by itself. */
  readonly kill: () => void;
}

const Reply = z.union([
  z.strictObject({ value: z.string().nullable() }),
  z.strictObject({ failure: z.string(), afterMs: z.number().optional() }),
]);

/** The keychain port over `start`: asks, and ends the process when it has answered or its time is over. */
export const keychainOver =
  (clock: Clock, start: () => KeychainProcess): Ports['keychain'] =>
  async (request, timeoutMs) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const child = start();
    const cancel = clock.after(timeoutMs, () =>
      reject(new DOMException('the keychain process did not answer in time', 'TimeoutError')),
    );
    child.onMessage(resolve);
    child.onEnd(() => reject(new Error('the keychain process ended without an answer')));
    try {
      child.send(request);
      const reply = Reply.safeParse(await promise);
      if (reply.success) return reply.data;
      throw new Error('the keychain process answered in an unknown form');
    } finally {
      cancel();
      child.kill();
    }
  };
