/** One keychain call in a Node process of its own, ended when it has answered or taken too long. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Clock, KeychainReply, Ports } from '../broker/ports.ts';

const Reply = z.union([z.strictObject({ value: z.string().nullable() }), z.strictObject({ failure: z.string() })]);

export const createKeychain =
  (clock: Clock): Ports['keychain'] =>
  async (request, timeoutMs) => {
    const { promise, resolve, reject } = Promise.withResolvers<KeychainReply>();
    const child = fork(fileURLToPath(new URL('../keychain-child.cjs', import.meta.url)), { stdio: 'ignore' });
    const cancel = clock.after(timeoutMs, () => reject(new Error('the keychain did not answer in time')));
    child.once('message', (message: unknown) => {
      const reply = Reply.safeParse(message);
      if (reply.success) resolve(reply.data);
      else reject(new Error('the keychain process answered in an unknown form'));
    });
    child.once('error', () => reject(new Error('the keychain process could not be started')));
    child.once('exit', () => reject(new Error('the keychain process ended without an answer')));
    // As a message: arguments and environment of a process can be read by others.
    child.send(request);
    try {
      return await promise;
    } finally {
      cancel();
      // A pending keychain prompt keeps its process from exiting by itself, even on SIGTERM with a handler.
      child.kill('SIGKILL');
    }
  };
