/** Keychain calls in Node processes of their own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock, Ports } from '../broker/ports.ts';
import { keychainOver } from '../broker/vault/keychain-process.ts';

export const createKeychain = (clock: Clock): Ports['keychain'] =>
  keychainOver(clock, () => {
    const child = fork(fileURLToPath(new URL('../keychain-child.cjs', import.meta.url)), {
      stdio: 'ignore',
    });
    return {
      send: (request) => void child.send(request as object),
      onMessage: (listener) => void child.once('message', listener),
      // Kept: a child that cannot start reports twice, and the second report must not end the daemon.
      onEnd: (listener) => void child.on('error', listener).once('exit', listener),
      kill: () => void child.kill('SIGKILL'),
    };
  });
