/** What this machine has to give: a keychain, room for the data folder, a clock. Looked at, and left as it was. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { KeychainReply, KeychainRequest, Ports } from '../../broker/ports.ts';
import { assertHolds, DidNotHold, Skipped, type Trial } from './trial.ts';

/** What its items are called in the keychain: whoever meets one there knows where it is from. */
const SERVICE = 'drawbridge-selftest';
/** A call of the keychain that takes longer is waiting for the person. */
const KEYCHAIN_MS = 8_000;

interface ThrowAway {
  /** The same keychain, but for the name of the items. */
  readonly port: Ports['keychain'];
  readonly items: ReadonlySet<string>;
  /** Whether it ever said that it failed. */
  readonly hasFailed: () => boolean;
  /** When nothing that was asked for is under way any more: what is written late would stay. */
  readonly settled: () => Promise<unknown>;
  readonly ask: (deed: 'get' | 'delete', user: string) => Promise<KeychainReply>;
}

const throwAway = (keychain: Ports['keychain']): ThrowAway => {
  const items = new Set<string>();
  const asked: Promise<unknown>[] = [];
  let failed = false;
  const ask = (request: KeychainRequest, timeoutMs = KEYCHAIN_MS): Promise<KeychainReply> =>
    keychain({ ...request, service: SERVICE }, Math.min(timeoutMs, KEYCHAIN_MS));
  return {
    port: async (request, timeoutMs) => {
      if (request.deed === 'set') items.add(request.user);
      const answer = ask(request, timeoutMs);
      asked.push(answer);
      const reply = await answer;
      failed ||= 'failure' in reply;
      return reply;
    },
    items,
    hasFailed: () => failed,
    settled: () => Promise.allSettled(asked),
    ask: (deed, user) => ask({ deed, user, service: SERVICE }),
  };
};

const keychain: Trial = {
  id: 'keychain',
  name: 'the keychain of this machine',
  does: 'puts a key for a throw-away vault into it, reads it back, removes it',
  mustHold: 'it keeps the key, and lets it go',
  run: async ({ stage, machine, afterwards }) => {
    const { port, items, hasFailed, settled, ask } = throwAway(machine.keychain);
    const removeAll = async (): Promise<void> => {
      await settled();
      // What was never made cannot be removed, and that is as well.
      for (const user of items) await ask('delete', user).catch(() => undefined);
    };
    afterwards(removeAll);
    const drawbridge = await stage({ keychain: port });
    const { kind, state, problem } = drawbridge.vault();
    if (kind === 'memory') {
      if (hasFailed()) throw new Skipped('there is no keychain here');
      throw new DidNotHold('the keychain took the key and did not give it back');
    }
    assertHolds(state === 'open', inWords(problem));
    await drawbridge.restart();
    const again = drawbridge.vault();
    assertHolds(again.state === 'open', `at the next start: ${inWords(again.problem)}`);
    await drawbridge[Symbol.asyncDispose]();
    await removeAll();
    for (const user of items) {
      const reply = await ask('get', user);
      assertHolds('value' in reply && reply.value === null, 'what was removed is still there');
    }
  },
};

const inWords = (
  problem: { readonly message: string; readonly hint?: string | undefined } = nothing,
) => [problem.message, problem.hint].filter((text) => text !== undefined).join('; ');

const nothing = { message: 'the vault did not open' };

/** A vault, a log and a copy of each are far less. */
const ROOM_BYTES = 10 * 1024 * 1024;

const dataFolder: Trial = {
  id: 'data-folder',
  name: 'your data folder',
  does: 'looks at it from outside',
  mustHold: 'it is yours alone, can be written, and there is room',
  run: async ({ machine: { dataFolder: folder, platform } }) => {
    const place = await nearest(folder);
    const shown = JSON.stringify(place);
    const found = await stat(place);
    assertHolds(found.isDirectory(), `${shown} is no folder`);
    if (place === folder && platform !== 'win32') {
      const mode = (found.mode & 0o777).toString(8);
      assertHolds(found.uid === process.getuid?.(), `${shown} belongs to another user`);
      assertHolds((found.mode & 0o077) === 0, `${shown} is open to others (mode ${mode})`);
    }
    const mayWrite = await access(place, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    assertHolds(mayWrite, `${shown} cannot be written`);
    const { bavail, bsize } = await statfs(place);
    assertHolds(bavail * bsize >= ROOM_BYTES, `there is hardly any room left at ${shown}`);
  },
};

/** The folder, or the one in which it will be made. */
const nearest = async (folder: string): Promise<string> => {
  try {
    await stat(folder);
    return folder;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT' && path.dirname(folder) !== folder) return nearest(path.dirname(folder));
    throw new DidNotHold(`${JSON.stringify(folder)} cannot be reached (${code})`);
  }
};

const DAY = 24 * 3_600_000;
const MOST_DRIFT_MS = 2_000;

const clock: Trial = {
  id: 'clock',
  name: 'the clock of this machine',
  does: 'compares it with a steady one, and with when this Drawbridge was built',
  mustHold: 'it does not jump, and is not behind',
  run: async ({ machine: { now, builtAt, drift } }) => {
    const days = Math.ceil((builtAt - now()) / DAY);
    assertHolds(days <= 1, `it is behind by ${days} days at least`);
    const seconds = Math.round(drift() / 1000);
    assertHolds(Math.abs(drift()) < MOST_DRIFT_MS, `it jumped by ${seconds} s meanwhile`);
  },
};

/** The clock comes last: it is watched from the start. */
export const machineTrials: readonly Trial[] = [keychain, dataFolder, clock];
