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

/** Whether the process did the deed to its end, rather than dying at that step. */
const run = async (place: string, dieAt: number, deed: string): Promise<boolean> => {
  const child = fork(program, [place, String(dieAt), deed], { execArgv: ['--no-warnings'] });
  let finished = false;
  child.once('message', () => {
    finished = true;
    child.disconnect();
  });
  const [code, signal] = await once(child, 'exit');
  expect([code, signal]).toEqual(finished ? [0, null] : [null, 'SIGKILL']);
  return finished;
};

/** Kills the deed at every step, each time on a fresh copy of one vault, and hands over what it left. */
const atEachStep = async (
  deed: string,
  look: (place: string, finished: boolean) => Promise<void>,
): Promise<number> => {
  const made = folder.of('made');
  mkdirSync(made);
  if (deed !== 'make') {
    const vault = await start(made);
    await vault.write('a', `${canary}-1`);
    await vault.write('a', canary);
    // The mark is noted in the background.
    await vault.open();
  }
  for (let step = 1; ; step++) {
    const place = folder.of(`died-at-${step}`);
    cpSync(made, place, { recursive: true });
    const finished = await run(place, step, deed);
    for (const name of readdirSync(place).filter((each) => each !== 'keychain'))
      expect(readFileSync(path.join(place, name)).includes('canary'), name).toBe(false);
    await look(place, finished);
    const temporaries = readdirSync(place).filter((name) => name.endsWith('.tmp'));
    expect(temporaries).toEqual([]);
    if (finished) return step - 1;
  }
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
      // A key that was made and sealed nothing yet may be left over: it opens nothing.
      expect(keysIn(place).length).toBeLessThanOrEqual(before);
      writeFileSync(path.join(place, 'vault.sealed'), 'damaged');
      expect((await start(place)).read('a')).toMatch(canary);
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
