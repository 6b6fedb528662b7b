/** A fresh key for a vault, steps from an older format, a lasting place for what lived in memory, and the wipe. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../broker/system-clock.ts';
import { readHeader, seal } from '../../../broker/vault/envelope.ts';
import type { Migration } from '../../../broker/vault/migrate.ts';
import { createVault, type Vault } from '../../../broker/vault/vault.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { until } from '../../doubles/eventually.ts';
import { canMakeTinyDisk, type Folder, makeFolder, makeTinyDisk } from '../../doubles/folder.ts';
import { createKeychainDouble, type KeychainDouble } from '../../doubles/keychain.ts';

let folder: Folder;
let double: KeychainDouble;
beforeEach(() => {
  folder = makeFolder();
  double = createKeychainDouble();
});
afterEach(() => folder[Symbol.dispose]());

const start = async (passphrase?: string, migrations?: readonly Migration[]): Promise<Vault> => {
  const vault = createVault({
    folder: folder.path,
    keychain: double.keychain,
    clock: systemClock,
    passphrase,
    ...(migrations && { migrations }),
  });
  await vault.open();
  return vault;
};
const bytesOf = (name: string): Buffer => readFileSync(folder.of(name));
const headerOf = (name: string) => readHeader(bytesOf(name), 9);

describe('a fresh key', () => {
  it('seals file and copy, and the old key is gone from the keychain', async () => {
    const vault = await start();
    await vault.write('a', 'kept');
    const [old] = double.keys();

    await vault.sealAnew({ kind: 'keychain' });

    const [fresh, ...others] = double.keys();
    expect([fresh === old, others]).toEqual([false, []]);
    expect([headerOf('vault.sealed').keyId, headerOf('vault.previous').keyId]).toEqual([
      fresh,
      fresh,
    ]);
    expect(headerOf('vault.sealed').retires).toBeUndefined();
    expect([...double.items.keys()].filter((user) => user.startsWith(`${old}`))).toEqual([]);
    const again = await start();
    expect(again.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(again.read('a')).toBe('kept');
  });

  it.each([
    ['from keychain to passphrase', undefined, 'new phrase', 0],
    ['from one passphrase to another', 'old phrase', 'new phrase', 0],
    ['from passphrase to keychain', 'old phrase', undefined, 1],
  ])('%s', async (_name, before, after, keys) => {
    const vault = await start(before);
    await vault.write('a', 'kept');

    await vault.sealAnew(
      after === undefined ? { kind: 'keychain' } : { kind: 'passphrase', passphrase: after },
    );
    await vault.write('b', 'later');

    expect(double.keys()).toHaveLength(keys);
    const again = await start(after);
    expect(again.view()).toMatchObject({ state: 'open' });
    expect([again.read('a'), again.read('b')]).toEqual(['kept', 'later']);
    if (before !== undefined && after !== undefined)
      expect((await start(before)).view().problem?.code).toBe('vault-wrong-key');
    // The copy is under the new key as well.
    writeFileSync(folder.of('vault.sealed'), '');
    expect((await start(after)).read('a')).toBe('kept');
  });

  it('changes nothing when the keychain does not take it', async () => {
    const vault = await start();
    await vault.write('a', 'kept');
    const before = bytesOf('vault.sealed');
    double.failWith('IsLocked');

    await expect(vault.sealAnew({ kind: 'keychain' })).rejects.toMatchObject({
      code: 'vault-locked',
    });

    expect(bytesOf('vault.sealed').equals(before)).toBe(true);
    double.failWith(undefined);
    await vault.write('a', 'goes on');
    expect((await start()).read('a')).toBe('goes on');
  });

  it('says that the old key is left, and removes it at the next start', async () => {
    const clinging = createKeychainDouble();
    let clings = true;
    double = {
      ...clinging,
      keychain: (request, limit) =>
        clings && request.deed === 'delete'
          ? Promise.resolve({ failure: 'IsLocked' })
          : clinging.keychain(request, limit),
    };
    const vault = await start();
    await vault.write('a', 'kept');

    await vault.sealAnew({ kind: 'keychain' });

    expect(vault.view()).toMatchObject({ state: 'open', problem: { code: 'vault-remains' } });
    expect(double.keys()).toHaveLength(2);
    await expect(vault.sealAnew({ kind: 'keychain' })).rejects.toMatchObject({
      code: 'vault-remains',
    });
    clings = false;
    const again = await start();
    await until(() => expect(double.keys()).toHaveLength(1));
    expect(again.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(again.read('a')).toBe('kept');
  });

  it.skipIf(!canMakeTinyDisk())('leaves no key behind that a full disk made useless', async () => {
    using disk = makeTinyDisk();
    const vault = createVault({ folder: disk.path, keychain: double.keychain, clock: systemClock });
    await vault.open();
    await vault.write('a', 'kept');
    const before = double.keys();
    disk.fill();

    await expect(vault.sealAnew({ kind: 'keychain' })).rejects.toMatchObject({
      code: 'cannot-save',
    });

    expect(double.keys()).toEqual(before);
    disk.free();
    await vault.write('a', 'goes on');
    expect(vault.read('a')).toBe('goes on');
  });
});

describe('what lived in memory', () => {
  it.each([
    ['the keychain that appeared later', { kind: 'keychain' } as const, undefined],
    ['a passphrase', { kind: 'passphrase', passphrase: 'phrase' } as const, 'phrase'],
  ])('moves into %s when the person asks', async (_name, how, passphrase) => {
    double.failWith('DBus error: no bus');
    const vault = await start();
    await vault.write('a', 'from memory');
    expect(vault.view().kind).toBe('memory');
    double.failWith(undefined);
    // Not by itself.
    await vault.open();
    expect(vault.view().kind).toBe('memory');

    await vault.sealAnew(how);

    expect(vault.view()).toEqual({ kind: how.kind, state: 'open' });
    expect((await start(passphrase)).read('a')).toBe('from memory');
  });

  it('stays there while the keychain is still absent', async () => {
    double.failWith('DBus error: no bus');
    const vault = await start();
    await vault.write('a', 'from memory');

    await expect(vault.sealAnew({ kind: 'keychain' })).rejects.toMatchObject({
      code: 'vault-no-keychain',
    });

    expect(vault.view()).toEqual({ kind: 'memory', state: 'open' });
    expect(vault.read('a')).toBe('from memory');
    expect(folder.names()).toEqual([]);
  });
});

describe('a vault of an older format', () => {
  const steps: readonly Migration[] = [
    (records) => ({ ...records, two: 'added' }),
    ({ a, ...others }) => ({ ...others, renamed: a }),
  ];

  it('is brought up step by step, and kept as it was', async () => {
    await (await start()).write('a', 'old');
    const before = bytesOf('vault.sealed');

    const vault = await start(undefined, steps);
    expect([...vault.names()].sort()).toEqual(['renamed', 'two']);
    expect(bytesOf('vault.sealed').equals(before)).toBe(true);
    await vault.write('b', 1);
    await vault.write('b', 2);

    expect(headerOf('vault.sealed').format).toBe(3);
    expect(bytesOf('vault.format-1').equals(before)).toBe(true);
    expect(folder.modeOf('vault.format-1')).toBe('600');
    const again = await start(undefined, steps);
    expect([again.read('renamed'), again.read('two'), again.read('b')]).toEqual([
      'old',
      'added',
      2,
    ]);
  });

  it('takes only the steps it needs', async () => {
    await (await start(undefined, steps.slice(0, 1))).write('a', 'of format 2');

    const vault = await start(undefined, steps);

    expect(vault.names()).toEqual(['renamed']);
  });

  it('is not opened again by the older program, which touches nothing', async () => {
    await (await start(undefined, steps)).write('b', 1);
    const before = bytesOf('vault.sealed');

    const older = await start();

    expect(older.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-newer' } });
    expect(bytesOf('vault.sealed').equals(before)).toBe(true);
  });

  it('is left alone by a step that fails', async () => {
    await (await start()).write('a', 'old');
    const before = bytesOf('vault.sealed');

    const vault = await start(undefined, [
      () => {
        throw new Error('canary');
      },
    ]);

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'internal' } });
    expect(bytesOf('vault.sealed').equals(before)).toBe(true);
    expect((await start()).read('a')).toBe('old');
  });
});

describe('the wipe', () => {
  it('leaves no file, no key and no record, and may be repeated', async () => {
    const vault = await start();
    await vault.write('a', 'secret');
    await vault.write('a', 'more');
    for (const name of [
      'vault.sealed.aside-1',
      'vault.format-1',
      'vault.previous.0123456789ab.tmp',
    ])
      writeFileSync(folder.of(name), 'sealed');
    writeFileSync(folder.of('settings.json'), '{}');
    await vault.open();

    expect([await vault.destroy(), await vault.destroy()]).toEqual([[], []]);

    expect(folder.names()).toEqual(['settings.json']);
    expect([...double.items]).toEqual([]);
    expect(vault.view()).toMatchObject({ state: 'closed' });
    expect([vault.names(), vault.read('a')]).toEqual([[], undefined]);
    await expect(vault.write('a', 'late')).rejects.toMatchObject({ code: 'vault-opening' });
    await vault.open();
    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(vault.names()).toEqual([]);
  });

  it('takes a vault that cannot be opened as well, and its key', async () => {
    await (await start()).write('a', 'secret');
    double.failWith('IsLocked');
    const vault = await start();

    const left = await vault.destroy();

    expect(left.map(({ code }) => code)).toEqual(['vault-remains']);
    expect(folder.names()).toEqual([]);
    expect(double.keys()).toHaveLength(1);
    double.failWith(undefined);
    expect(await vault.destroy()).toEqual([]);
    expect([...double.items]).toEqual([]);
  });

  it('is not undone by a vault that was just being opened: the keychain answers later', async () => {
    const prompt = Promise.withResolvers<void>();
    const vault = createVault({
      folder: folder.path,
      keychain: async (request, limit) => {
        if (request.deed === 'set') await prompt.promise;
        return double.keychain(request, limit);
      },
      clock: systemClock,
    });
    const opening = vault.open();

    const wiping = vault.destroy();
    // Long after a wipe that does not wait for it would be over.
    await sleep(150);
    prompt.resolve();

    expect(await wiping).toEqual([]);
    await opening;
    expect(vault.view().state).toBe('closed');
    expect(folder.names()).toEqual([]);
    expect([...double.items]).toEqual([]);
  });

  it('is not undone by a write that was under way', async () => {
    const vault = await start();
    // It may find its temporary file gone.
    const writing = vault.write('a', 'secret').catch(() => undefined);

    const left = await vault.destroy();
    await writing;

    expect(left).toEqual([]);
    expect(folder.names()).toEqual([]);
  });

  it('keeps a vault that is asked for meanwhile waiting, and that one stays', async () => {
    const vault = await start();
    await vault.write('a', 'secret');

    const wiping = vault.destroy();
    const opening = vault.open();

    expect(await wiping).toEqual([]);
    await opening;
    expect([vault.view().state, vault.names(), folder.names()]).toEqual([
      'open',
      [],
      ['vault.sealed'],
    ]);
  });

  it('names what it could not remove', async () => {
    const vault = await start();
    mkdirSync(folder.of('vault.sealed.aside-1', 'inside'), { recursive: true });

    const left = await vault.destroy();

    expect(left).toMatchObject([
      { code: 'vault-remains', message: expect.stringContaining('aside-1') },
    ]);
    expect(folder.names()).toEqual(['vault.sealed.aside-1']);
  });
});

describe('a passphrase', () => {
  it('is turned into a key beside the event loop', async () => {
    await start('phrase');
    let turns = 0;
    const timer = setInterval(() => turns++, 1);

    await start('phrase');

    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('makes a stronger key at the next save where the recipe found is of earlier days', async () => {
    const { scryptSync } = await import('node:crypto');
    const recipe = { salt: Buffer.alloc(16, 1).toString('base64'), cost: 2 ** 12, blockSize: 8 };
    const key = scryptSync('phrase', Buffer.alloc(16, 1), 32, { N: 2 ** 12, r: 8 });
    const header = { format: 1, keyId: 'k', sequence: 4, passphrase: recipe };
    writeFileSync(folder.of('vault.sealed'), seal(header, key, '{"a":"kept"}'));

    const vault = await start('phrase');
    expect(vault.read('a')).toBe('kept');
    await vault.write('b', 1);

    expect(headerOf('vault.sealed').passphrase?.cost).toBeGreaterThanOrEqual(2 ** 16);
    expect(headerOf('vault.sealed').passphrase?.salt).not.toBe(recipe.salt);
    expect((await start('phrase')).read('a')).toBe('kept');
  });
});

it('says while it waits that the keychain is slow, and forgets it when it opens', async () => {
  const clock = createVirtualClock();
  const seen: (string | undefined)[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const vault = createVault({
    folder: folder.path,
    keychain: async (request, limit) => {
      await promise;
      return double.keychain(request, limit);
    },
    clock,
    onChange: () => seen.push(vault.view().problem?.code),
  });

  const opening = vault.open();
  await until(() => expect(clock.waits()).not.toEqual([]));
  await clock.advance(10_000);
  expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-slow' } });
  resolve();
  await opening;

  expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
  expect(seen).toEqual(['vault-slow']);
});
