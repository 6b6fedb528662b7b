/** One keychain call, then the end: the program that a shell starts for each (see `Ports.keychain`). */
import { Entry } from '@napi-rs/keyring';
import type { KeychainReply, KeychainRequest } from '../ports.ts';
import { systemClock } from '../system-clock.ts';

/** Pinned: by default the library falls back to a kernel keyring that forgets everything at reboot, and says nothing. */
const options = { linux: { store: 'secret-service' } } as const;

const answer = (request: KeychainRequest): KeychainReply => {
  // Without the start of this process: it tells a prompt that a person dismissed from none at all.
  const asked = systemClock.now();
  try {
    const entry = new Entry(request.service, request.user, options);
    switch (request.deed) {
      case 'get':
        return { value: entry.getPassword() };
      case 'set':
        entry.setPassword(request.secret);
        return { value: null };
      case 'delete':
        entry.deletePassword();
        return { value: null };
    }
  } catch (error) {
    const failure = error instanceof Error ? error.message : 'unknown';
    return { failure, afterMs: systemClock.now() - asked };
  }
};

interface ParentPort {
  once(event: 'message', listener: (event: { data: KeychainRequest }) => void): void;
  postMessage(reply: KeychainReply): void;
}

/** Electron's utility processes speak through `parentPort`, Node's forked ones through `process`. */
const { parentPort } = process as NodeJS.Process & { parentPort?: ParentPort };
if (parentPort !== undefined) {
  parentPort.once('message', ({ data }) => {
    parentPort.postMessage(answer(data));
    process.exitCode = 0;
  });
} else {
  process.once('message', (request: KeychainRequest) => {
    process.send?.(answer(request), () => process.disconnect());
  });
}
