/** What becomes of a vault whose files were hurt: its copy opens, or it says clearly why not; nothing is lost or shown. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../broker/system-clock.ts';
import { readHeader, seal } from '../../../broker/vault/envelope.ts';
import { createVault, type Vault } from '../../../broker/vault/vault.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import { createKeychainDouble, type KeychainDouble } from '../../doubles/keychain.ts';

const canary = 'canary-refresh-token';

let folder: Folder;
let double: KeychainDouble;
let main: Buffer;
let previous: Buffer;
beforeEach(async () => {
  folder = makeFolder();
  double = createKeychainDouble();
  const vault = await start();
  // Some kilobytes, as a real vault has.
  for (let n = 0; n < 12; n++) await vault.write(`grant:${n}`, canary.repeat(20));
  await vault.write('a', 'before');
  await vault.write('a', 'after');
  main = readFileSync(folder.of('vault.sealed'));
  previous = readFileSync(folder.of('vault.previous'));
});
afterEach(() => folder[Symbol.dispose]());

const start = async (keychain = double.keychain): Promise<Vault> => {
  const vault = createVault({ folder: folder.path, keychain, clock: systemClock });
  await vault.open();
  return vault;
};

/** The two files as given, and nothing else. */
const lay = (files: { main?: Buffer | undefined; previous?: Buffer | undefined }): void => {
  for (const name of folder.names()) rmSync(folder.of(name), { recursive: true });
  if (files.main) writeFileSync(folder.of('vault.sealed'), files.main, { mode: 0o600 });
  if (files.previous) writeFileSync(folder.of('vault.previous'), files.previous, { mode: 0o600 });
};

/** What a start makes of it. Throws when it shows something, loses something, or makes up something. */
const outcomeOf = async (files: { main: Buffer; previous?: Buffer }): Promise<string> => {
  lay(files);
  const keys = [...double.keys()];
  const vault = await start();
  const { state, problem } = vault.view();
  const bytes = folder.names().map((name) => readFileSync(folder.of(name)));
  if (bytes.some((each) => each.includes('canary'))) throw new Error('plaintext');
  for (const kept of [files.main, ...(files.previous ? [files.previous] : [])]) {
    if (!bytes.some((each) => each.equals(kept))) throw new Error('a file was lost');
  }
  expect(double.keys()).toEqual(keys);
  const value = vault.read('a');
  if (state === 'open' ? value !== 'before' : value !== undefined)
    throw new Error(`found ${value}`);
  return `${state}: ${problem?.code}`;
};

const tally = async (
  cases: readonly Buffer[],
  copy: Buffer | undefined,
): Promise<Record<string, number>> => {
  const totals: Record<string, number> = {};
  for (const hurt of cases) {
    const outcome = await outcomeOf({ main: hurt, ...(copy && { previous: copy }) });
    totals[outcome] = (totals[outcome] ?? 0) + 1;
  }
  return totals;
};

const truncations = (file: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(file.length / 64) }, (_, n) => file.subarray(0, n * 64));

/** 200 places all over the file, and another bit at each. */
const flips = (file: Buffer): Buffer[] =>
  Array.from({ length: 200 }, (_, n) => {
    const hurt = Buffer.from(file);
    const at = Math.floor((n * file.length) / 200);
    hurt.writeUInt8((hurt[at] ?? 0) ^ (1 << (n % 8)), at);
    return hurt;
  });

describe('a vault file that was hurt', () => {
  it.each([
    ['cut off at every 64th byte', truncations],
    ['with a bit flipped at 200 places', flips],
  ])('%s: the copy opens, or the state is clear', async (name, hurt) => {
    const cases = hurt(main);
    const withCopy = await tally(cases, previous);
    const alone = await tally(cases, undefined);
    console.log(`${name}, ${cases.length} files\n  with the copy:`, withCopy, '\n  alone:', alone);

    // Three bits make a later format of "1": then nothing may be touched, copy or not.
    expect(Object.keys(withCopy)).toContain('open: vault-from-copy');
    expect(withCopy['open: vault-from-copy']).toBeGreaterThan(cases.length * 0.98);
    for (const outcome of Object.keys(withCopy))
      expect(['open: vault-from-copy', 'closed: vault-newer']).toContain(outcome);
    for (const outcome of Object.keys(alone))
      expect(outcome).toMatch(/^closed: vault-(damaged|wrong-key|key-missing|newer)$/);
  });

  it('is put aside, and the next save makes a whole one beside the good copy', async () => {
    lay({ main: main.subarray(0, 100), previous });

    const vault = await start();
    await vault.write('b', 'new');

    const [aside = '', ...others] = folder.names().filter((name) => name.includes('aside'));
    expect(others).toEqual([]);
    expect(folder.modeOf(aside)).toBe('600');
    expect(readFileSync(folder.of('vault.previous')).equals(previous)).toBe(true);
    expect(vault.view().problem?.code).toBe('vault-from-copy');
    const next = await start();
    expect(next.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect([next.read('a'), next.read('b')]).toEqual(['before', 'new']);
  });

  it('opens from the copy when the file is gone', async () => {
    lay({ previous });

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'open', problem: { code: 'vault-from-copy' } });
    expect(vault.read('a')).toBe('before');
    expect(folder.names()).toEqual(['vault.previous']);
  });

  it('and a copy that was hurt too: closed, and nothing touched', async () => {
    lay({ main: main.subarray(0, 300), previous: previous.subarray(0, 200) });

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-wrong-key' } });
    expect(folder.names()).toEqual(['vault.previous', 'vault.sealed']);
  });

  it('waits for the keychain that its copy needs, rather than calling it damaged', async () => {
    lay({ main: Buffer.alloc(0), previous });
    double.failWith('IsLocked');

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-locked' } });
    double.failWith(undefined);
    await vault.open();
    expect(vault.view()).toMatchObject({ state: 'open', problem: { code: 'vault-from-copy' } });
  });
});

describe('a key that does not fit is no damage', () => {
  it.each([
    ['another key in the keychain', Buffer.alloc(32).toString('base64'), 'vault-wrong-key'],
    ['no key in the keychain', undefined, 'vault-key-missing'],
  ])('%s leaves both files alone', async (_name, key, code) => {
    for (const user of double.keys()) {
      if (key === undefined) double.items.delete(user);
      else double.items.set(user, key);
    }

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code } });
    expect(folder.names()).toEqual(['vault.previous', 'vault.sealed']);
    expect(readFileSync(folder.of('vault.sealed')).equals(main)).toBe(true);
    expect(readFileSync(folder.of('vault.previous')).equals(previous)).toBe(true);
  });

  it("another vault's file in the place of ours is noticed: its key is not in this keychain", async () => {
    const foreign = seal({ format: 1, keyId: 'foreign', sequence: 99 }, Buffer.alloc(32, 9), '{}');

    expect(await outcomeOf({ main: foreign, previous })).toBe('open: vault-from-copy');
  });

  it('a later format is left alone, the copy too', async () => {
    const { keyId } = readHeader(main, 1);
    const newer = seal({ format: 2, keyId, sequence: 99 }, Buffer.alloc(32, 9), '{}');
    lay({ main: newer, previous });

    const vault = await start();

    expect(vault.view()).toMatchObject({
      state: 'closed',
      problem: { code: 'vault-newer', hint: expect.stringContaining('vault.format-1') },
    });
    await expect(vault.write('a', 1)).rejects.toMatchObject({ code: 'vault-newer' });
    expect(readFileSync(folder.of('vault.sealed')).equals(newer)).toBe(true);
  });
});

describe('an older file in the place of the vault', () => {
  const oldest = async (): Promise<Buffer> => {
    const old = readFileSync(folder.of('vault.sealed'));
    // The keychain learns at this start how far the vault has come since.
    const vault = await start();
    await vault.write('a', 'later');
    await vault.write('a', 'latest');
    await (await start()).open();
    return old;
  };

  it('is noticed, and opened only when the person says so', async () => {
    const old = await oldest();
    lay({ main: old });

    const vault = await start();

    expect(vault.view()).toMatchObject({
      state: 'closed',
      problem: { code: 'vault-rolled-back', hint: expect.stringContaining('sign in again') },
    });
    expect(readFileSync(folder.of('vault.sealed')).equals(old)).toBe(true);
    await vault.open({ acceptOlder: true });
    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(vault.read('a')).toBe('after');
    expect((await start()).view()).toEqual({ kind: 'keychain', state: 'open' });
  });

  it('is noticed as the copy of a damaged file as well', async () => {
    const old = await oldest();
    lay({ main: Buffer.from('damaged'), previous: old });

    expect((await start()).view()).toMatchObject({
      state: 'closed',
      problem: { code: 'vault-rolled-back' },
    });
    expect(folder.names()).toEqual(['vault.previous', 'vault.sealed']);
  });

  it('is noticed again after the newer one was put back and taken away', async () => {
    const old = await oldest();
    const newest = readFileSync(folder.of('vault.sealed'));
    lay({ main: old });
    const vault = await start();
    lay({ main: newest });
    await vault.open();
    expect(vault.read('a')).toBe('latest');

    lay({ main: old });

    expect((await start()).view().problem?.code).toBe('vault-rolled-back');
  });

  it.each(['deleted', 'exchanged'])('cannot be told once the mark was %s', async (how) => {
    const old = await oldest();
    const mark = [...double.items.keys()].find((user) => user.endsWith('.mark')) ?? '';
    if (how === 'deleted') double.items.delete(mark);
    else double.items.set(mark, 'nonsense');
    lay({ main: old });

    expect((await start()).view()).toEqual({ kind: 'keychain', state: 'open' });
  });

  it('does not cost the sign-ins when the keychain gives the key and then fails', async () => {
    const vault = await start((request, limit) =>
      request.user.endsWith('.mark')
        ? Promise.resolve({ failure: 'IsLocked' })
        : double.keychain(request, limit),
    );

    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
  });
});

describe('a vault file that another program changes while it is open', () => {
  it.each([
    ['damages', () => main.subarray(0, 50)],
    ['puts an older one in its place', () => previous],
  ])(
    '%s: what was found is kept aside, and the good copy is not replaced by it',
    async (_name, other) => {
      const vault = await start();
      const copy = readFileSync(folder.of('vault.previous'));
      writeFileSync(folder.of('vault.sealed'), other());

      await vault.write('a', 'mine');

      const [aside = ''] = folder.names().filter((name) => name.includes('aside'));
      expect(readFileSync(folder.of(aside)).equals(other())).toBe(true);
      expect(readFileSync(folder.of('vault.previous')).equals(copy)).toBe(true);
      expect(vault.view()).toMatchObject({
        state: 'open',
        problem: { code: 'vault-replaced', hint: expect.stringContaining(aside) },
      });
      expect((await start()).read('a')).toBe('mine');
    },
  );

  it('removes it: the next save brings it back', async () => {
    const vault = await start();
    rmSync(folder.of('vault.sealed'));

    await vault.write('b', 'new');

    expect((await start()).names()).toContain('b');
    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
  });
});

it('a folder in the place of the vault file is a clear state, and is left alone', async () => {
  lay({ previous });
  mkdirSync(folder.of('vault.sealed'));

  const vault = await start();

  expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-unreadable' } });
  expect(folder.names()).toEqual(['vault.previous', 'vault.sealed']);
});
