/** Keychain calls in utility processes of their own. */
import { utilityProcess } from 'electron';
import { keychainOver } from '../broker/broker.ts';
import type { Clock, Ports } from '../broker/ports.ts';

export const createKeychain = (clock: Clock, childFile: string): Ports['keychain'] =>
  keychainOver(clock, () => {
    const child = utilityProcess.fork(childFile, [], {
      serviceName: 'Drawbridge keychain',
      stdio: 'ignore',
    });
    return {
      send: (request) => child.postMessage(request),
      onMessage: (listener) => void child.once('message', listener),
      // Without a listener for errors Electron would throw them into the main process.
      onEnd: (listener) => void child.on('error', listener).once('exit', listener),
      kill: () => void child.kill(),
    };
  });
