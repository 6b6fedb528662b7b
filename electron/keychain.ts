/** One keychain call in a utility process of its own, ended when it has answered or taken too long. */
import { utilityProcess } from 'electron';
import { z } from 'zod';
import type { Clock, KeychainReply, Ports } from '../broker/ports.ts';

const Reply = z.union([
  z.strictObject({ value: z.string().nullable() }),
  z.strictObject({ failure: z.string() }),
]);

export const createKeychain =
  (clock: Clock, childFile: string): Ports['keychain'] =>
  async (request, timeoutMs) => {
    const { promise, resolve, reject } = Promise.withResolvers<KeychainReply>();
    const child = utilityProcess.fork(childFile, [], {
      serviceName: 'Drawbridge keychain',
      stdio: 'ignore',
    });
    const cancel = clock.after(timeoutMs, () =>
      reject(new Error('the keychain did not answer in time')),
    );
    child.once('message', (message: unknown) => {
      const reply = Reply.safeParse(message);
      if (reply.success) resolve(reply.data);
      else reject(new Error('the keychain process answered in an unknown form'));
    });
    // Without a listener Electron would throw it into the main process.
    child.once('error', () => reject(new Error('the keychain process crashed')));
    child.once('exit', () => reject(new Error('the keychain process ended without an answer')));
    // As a message: arguments and environment of a process can be read by others.
    child.postMessage(request);
    try {
      return await promise;
    } finally {
      cancel();
      // Also after an answer: a pending keychain call keeps its process from exiting by itself.
      child.kill();
    }
  };
