/** A process killed at each step of a write, of a change of key, of a wipe: what the next start finds. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Ports } from '../../../broker/ports.ts';
import { sweepTemporaries } from '../../../broker/storage/private.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import type { Migration } from '../../../broker/vault/migrate.ts';
import { createVault, type Vault } from '../../../broker/vault/vault.ts';
import { until } from '../../doubles/eventually.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';

const program = path.join(import.meta.dirname, 'dying-vault.mjs');
const canary = 'canary-before';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** The keychain of the dying process: a folder of files. */
const keychainOf = (place: string): Ports['keychain'] => {
  const items = path.join(place, 'keychain');
  mkdirSync(items, { recursive: true });
  return (request) => {
    const file = path.join(items, request.user);
    if (request.deed === 'set') writeFileSync(file, request.secret);
    if (request.deed === 'delete') rmSync(file, { force: true });
    const value = request.deed === 'get' && existsSync(file) ? readFileSync(file, 'utf8') : null;
    return Promise.resolve({ value });
  };
};
const keysIn = (place: string): string[] =>
  readdirSync(path.join(place, 'keychain')).filter((user) => !user.endsWith('.mark'));

const start = async (
  place: string,
  passphrase?: string,
  migrations: readonly Migration[] = [],
): Promise<Vault> => {
  await sweepTemporaries(place);
  const vault = createVault({
    ...{ folder: place, keychain: keychainOf(place), clock: systemClock, passphrase, migrations },
  });
  await vault.open();
  return vault;
};

/** How many steps the deed took, or undefined when the process died on the way. */
const run = async (place: string, dieAt: number, deed: string): Promise<number | undefined> => {
  const child = fork(program, [place, String(dieAt), deed], { execArgv: ['--no-warnings'] });
  let steps: number | undefined;
  child.once('message', (message: { steps: number }) => {
    steps = message.steps;
    child.disconnect();
  });
  const [code, signal] = await once(child, 'exit');
  expect([code, signal]).toEqual(steps === undefined ? [null, 'SIGKILL'] : [0, null]);
  return steps;
};

type Look = (place: string, finished: boolean) => Promise<void>;

/**
 * Looks at what a kill at each step of the deed leaves, and gives the number of steps.
 *
 * One process lives through the deed and copies its folder before each step. That this is what a kill leaves, some
 * processes show that are really killed: at the first step, in the middle, at the last.
 */
const atEachStep = async (deed: string, look: Look): Promise<number> => {
  const made = folder.of('made');
  mkdirSync(path.join(made, 'keychain'), { recursive: true });
  if (deed !== 'make') {
    const vault = await start(made);
    await vault.write('a', `${canary}-1`);
    await vault.write('a', canary);
    // The mark is noted in the background.
    await vault.open();
    await until(() => expect(readdirSync(path.join(made, 'keychain'))).toHaveLength(2));
  }
  const copy = (name: string): string => {
    cpSync(made, folder.of(name), { recursive: true });
    return folder.of(name);
  };
  const lookAt = async (place: string, finished: boolean): Promise<void> => {
    for (const name of readdirSync(place).filter((each) => each !== 'keychain'))
      expect(readFileSync(path.join(place, name)).includes('canary')).toBe(false);
    await look(place, finished);
    expect(readdirSync(place).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  };

  const alive = copy('alive');
  const steps = (await run(alive, 0, deed)) ?? 0;
  for (let step = 1; step <= steps; step++) await lookAt(`${alive}-step-${step}`, false);
  await lookAt(alive, true);
  for (const step of [1, Math.ceil(steps / 2), steps]) {
    const place = copy(`killed-${step}`);
    expect(await run(place, step, deed)).toBeUndefined();
    await lookAt(place, false);
  }
  return steps;
};

const open = { kind: 'keychain', state: 'open' };
const limit = { timeout: 120_000 };

it('killed while a vault is made: the next start has one', limit, async () => {
  const steps = await atEachStep('make', async (place) => {
    const vault = await start(place);
    expect(vault.view()).toEqual(open);
    await vault.write('a', 'works');
  });
  expect(steps).toBeGreaterThan(5);
});

it('killed while it writes: the record is the old one or the new one', limit, async () => {
  const found = new Set<unknown>();
  const steps = await atEachStep('write', async (place, finished) => {
    const vault = await start(place);
    expect(vault.view()).toEqual(open);
    found.add(vault.read('a'));
    if (finished) expect(vault.read('a')).toBe('after');
  });
  expect([...found]).toEqual([canary, 'after']);
  expect(steps).toBeGreaterThan(8);
});

it('killed while an older format is replaced: nothing is lost', limit, async () => {
  const steps = await atEachStep('migrate', async (place, finished) => {
    const vault = await start(place, undefined, [(records) => ({ ...records, migrated: true })]);
    expect(vault.view()).toEqual(open);
    expect(vault.read('migrated')).toBe(true);
    expect([canary, 'after']).toContain(vault.read('a'));
    if (finished) expect(readdirSync(place)).toContain('vault.format-1');
  });
  expect(steps).toBeGreaterThan(10);
});

it(
  'killed while the key is changed: it opens, and the old key goes in the end',
  limit,
  async () => {
    const steps = await atEachStep('rotate', async (place) => {
      const before = keysIn(place).length;
      const vault = await start(place);
      expect(vault.view()).toEqual(open);
      expect(vault.read('a')).toBe(canary);
      // It waits for what the start still has to finish.
      await vault.write('b', 1);
      // A key that was made and sealed nothing yet may be left over: it opens nothing.
      expect(keysIn(place).length).toBeLessThanOrEqual(before);
      writeFileSync(path.join(place, 'vault.sealed'), 'damaged');
      const fromCopy = await start(place);
      expect(fromCopy.view().problem?.code).toBe('vault-from-copy');
      expect(fromCopy.read('a')).toMatch(canary);
      await fromCopy.write('b', 2);
    });
    expect(steps).toBeGreaterThan(25);
  },
);

it('killed while a passphrase takes over: one of both opens it', limit, async () => {
  const opened = new Set<string>();
  await atEachStep('to-passphrase', async (place, finished) => {
    const isSealedAnew = readFileSync(path.join(place, 'vault.sealed')).includes('passphrase');
    const vault = await start(place, isSealedAnew ? 'new phrase' : undefined);
    expect(vault.view()).toMatchObject({ state: 'open' });
    expect(vault.view().problem).toBeUndefined();
    expect(vault.read('a')).toBe(canary);
    opened.add(vault.view().kind);
    await vault.write('b', 1);
    expect(vault.view().problem).toBeUndefined();
    if (isSealedAnew) expect(keysIn(place)).toEqual([]);
    if (finished) expect(isSealedAnew).toBe(true);
  });
  expect([...opened]).toEqual(['keychain', 'passphrase']);
});

it('killed while it is wiped: wiping again finishes it', limit, async () => {
  await atEachStep('destroy', async (place, finished) => {
    const names = readdirSync(place);
    if (finished) expect([names, keysIn(place)]).toEqual([['keychain'], []]);
    const vault = createVault({ folder: place, keychain: keychainOf(place), clock: systemClock });
    expect(await vault.destroy()).toEqual([]);
    expect(readdirSync(place)).toEqual(['keychain']);
  });
});
