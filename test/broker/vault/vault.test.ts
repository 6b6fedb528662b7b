import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../broker/system-clock.ts';
import { readHeader } from '../../../broker/vault/envelope.ts';
import { createVault, type Vault } from '../../../broker/vault/vault.ts';
import { canMakeTinyDisk, type Folder, makeFolder, makeTinyDisk } from '../../doubles/folder.ts';
import { createKeychainDouble, type KeychainDouble } from '../../doubles/keychain.ts';

let folder: Folder;
let double: KeychainDouble;
beforeEach(() => {
  folder = makeFolder();
  double = createKeychainDouble();
});
afterEach(() => folder[Symbol.dispose]());

/** The vault of the folder after a start of the program. */
const start = async (passphrase?: string, keychain = double.keychain): Promise<Vault> => {
  const vault = createVault({ folder: folder.path, keychain, clock: systemClock, passphrase });
  await vault.open();
  return vault;
};
const sealedBytes = (): Buffer => readFileSync(folder.of('vault.sealed'));

describe('a vault with its key in the keychain', () => {
  it('gives its records back after a restart', async () => {
    const first = await start();
    await first.write('grant:a/default', { token: 'canary-1' });
    await first.write('gone', 'soon');
    await first.write('gone', undefined);

    const second = await start();

    expect(second.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(second.names()).toEqual(['grant:a/default']);
    expect(second.read('grant:a/default')).toEqual({ token: 'canary-1' });
    expect(second.read('gone')).toBeUndefined();
  });

  it('writes nothing readable, and only for its owner', async () => {
    const vault = await start();
    await vault.write('grant:a/default', { token: 'canary-1' });
    await vault.write('grant:b/default', { token: 'canary-2' });

    expect(folder.names()).toEqual(['vault.previous', 'vault.sealed']);
    for (const name of folder.names()) {
      expect(folder.modeOf(name)).toBe('600');
      expect(readFileSync(folder.of(name), 'latin1')).not.toMatch(/canary|grant/);
    }
    const [key = 'none'] = double.items.values();
    expect(sealedBytes().includes(Buffer.from(key, 'base64'))).toBe(false);
  });

  it('keeps the copy before the last save, which opens with the same key', async () => {
    const vault = await start();
    await vault.write('a', 'before');
    await vault.write('a', 'after');
    writeFileSync(folder.of('vault.sealed'), readFileSync(folder.of('vault.previous')));

    expect((await start()).read('a')).toBe('before');
  });

  it('numbers its saves, over restarts too', async () => {
    const vault = await start();
    await vault.write('a', 1);
    const again = await start();
    await again.write('a', 2);

    expect(readHeader(sealedBytes(), 1).sequence).toBe(3);
  });

  it('writes in the order asked', async () => {
    const vault = await start();

    await Promise.all([1, 2, 3, 4, 5].map((value) => vault.write('a', value)));

    expect((await start()).read('a')).toBe(5);
  });

  it('loses none of many records written at once', async () => {
    const vault = await start();
    const names = ['a', 'b', 'c', 'd', 'e'];

    await Promise.all(names.map((name) => vault.write(name, name)));

    const again = await start();
    expect([...again.names()].sort()).toEqual(names);
  });

  it('makes one key however often it is opened at once', async () => {
    const vault = createVault({
      folder: folder.path,
      keychain: async (request, limit) => {
        await sleep(20);
        return double.keychain(request, limit);
      },
      clock: systemClock,
    });

    await Promise.all([vault.open(), vault.open(), vault.open()]);
    await vault.open();

    expect(double.keys()).toHaveLength(1);
  });

  it('cannot tell anything before it is opened', async () => {
    const vault = createVault({
      folder: folder.path,
      keychain: double.keychain,
      clock: systemClock,
    });

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-opening' } });
    await expect(vault.write('a', 1)).rejects.toMatchObject({ code: 'vault-opening' });
    expect(folder.names()).toEqual([]);
  });

  it.each([
    ['the keychain is locked', 'unlock prompt was dismissed', 'vault-locked'],
    ['the keychain is gone', 'DBus error: no bus', 'vault-no-keychain'],
  ])('stays closed and whole when %s, and opens later', async (_name, failure, code) => {
    await (await start()).write('a', 'kept');
    const before = sealedBytes();
    double.failWith(failure);

    const vault = await start();

    expect(vault.view()).toMatchObject({ kind: 'keychain', state: 'closed', problem: { code } });
    expect(vault.names()).toEqual([]);
    await expect(vault.write('a', 'lost')).rejects.toMatchObject({ code });
    expect(sealedBytes().equals(before)).toBe(true);

    double.failWith(undefined);
    await vault.open();
    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(vault.read('a')).toBe('kept');
  });

  it('never makes a new key over a vault whose key is missing', async () => {
    await (await start()).write('a', 'kept');
    const before = sealedBytes();
    double.items.clear();

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-key-missing' } });
    expect(double.items.size).toBe(0);
    expect(sealedBytes().equals(before)).toBe(true);
  });

  it('stays closed with another key, and leaves the file alone', async () => {
    await start();
    const before = sealedBytes();
    for (const user of double.items.keys())
      double.items.set(user, Buffer.alloc(32).toString('base64'));

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-wrong-key' } });
    expect(sealedBytes().equals(before)).toBe(true);
  });

  it.each([
    ['emptied', Buffer.alloc(0)],
    ['replaced by plain text', Buffer.from('{"a":"planted"}')],
  ])('stays closed when its file was %s, and leaves it alone', async (_name, bytes) => {
    await start();
    writeFileSync(folder.of('vault.sealed'), bytes);

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-damaged' } });
    await expect(vault.write('a', 1)).rejects.toMatchObject({ code: 'vault-damaged' });
    expect(sealedBytes().equals(bytes)).toBe(true);
  });
});

describe('without a keychain and without a vault', () => {
  beforeEach(() => double.failWith('DBus error: no bus'));

  it('secrets live in memory, and the person is told', async () => {
    const vault = await start();
    await vault.write('a', 'for now');

    expect(vault.view()).toEqual({ kind: 'memory', state: 'open' });
    expect(vault.read('a')).toBe('for now');
    expect(folder.names()).toEqual([]);
  });

  it('a locked keychain is no reason to forget', async () => {
    double.failWith('unlock prompt was dismissed');

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-locked' } });
    double.failWith(undefined);
    await vault.open();
    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(folder.names()).toEqual(['vault.sealed']);
  });

  it('a keychain that keeps nothing seals nothing', async () => {
    const forgetful = createKeychainDouble();

    const vault = await start(undefined, async (request, limit) => {
      const reply = await forgetful.keychain(request, limit);
      forgetful.items.clear();
      return reply;
    });

    expect(vault.view()).toEqual({ kind: 'memory', state: 'open' });
    expect(folder.names()).toEqual([]);
  });
});

describe('a vault sealed with a passphrase', () => {
  it('opens with it after a restart, and asks no keychain', async () => {
    await (await start('correct horse')).write('a', 'kept');

    const vault = await start('correct horse');

    expect(vault.view()).toEqual({ kind: 'passphrase', state: 'open' });
    expect(vault.read('a')).toBe('kept');
    expect(double.asked).toEqual([]);
    expect(sealedBytes().includes('correct horse')).toBe(false);
  });

  it('takes the passphrase however its letters are composed', async () => {
    await (await start('caf\u00e9')).write('a', 'kept');

    expect((await start('cafe\u0301')).read('a')).toBe('kept');
  });

  it('stays closed with another, and says which mistake it was', async () => {
    await start('correct horse');
    const before = sealedBytes();

    const vault = await start('wrong horse');

    expect(vault.view()).toMatchObject({
      state: 'closed',
      problem: { code: 'vault-wrong-key', message: 'this passphrase does not open the vault' },
    });
    expect(sealedBytes().equals(before)).toBe(true);
  });

  it('stays closed without one, and makes no key', async () => {
    await start('correct horse');

    const vault = await start();

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-wrong-key' } });
    expect(vault.view().problem?.hint).toContain('--passphrase-file');
    expect(double.asked).toEqual([]);
  });

  it('opens with one that is typed, after a slip that changes nothing', async () => {
    await (await start('correct horse')).write('a', 'kept');
    const vault = await start();
    const [closed, before] = [vault.view(), sealedBytes()];
    expect(closed).toMatchObject({ kind: 'passphrase', state: 'closed' });

    await expect(vault.open({ passphrase: 'wrong horse' })).rejects.toMatchObject({
      problem: { code: 'vault-wrong-key', message: 'this passphrase does not open the vault' },
    });
    expect([vault.view(), sealedBytes().equals(before)]).toEqual([closed, true]);

    await vault.open({ passphrase: 'correct horse' });
    expect(vault.view()).toEqual({ kind: 'passphrase', state: 'open' });
    expect(vault.read('a')).toBe('kept');
    await vault.write('b', 'saved by the same');
    expect((await start('correct horse')).read('b')).toBe('saved by the same');
    expect(double.asked).toEqual([]);
  });

  it('tries what is typed at the same time one after the other', async () => {
    await start('correct horse');
    const vault = createVault({
      folder: folder.path,
      keychain: double.keychain,
      clock: systemClock,
    });

    const tries = await Promise.allSettled([
      vault.open(),
      vault.open({ passphrase: 'wrong horse' }),
      vault.open({ passphrase: 'correct horse' }),
    ]);

    expect(tries.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(vault.view()).toEqual({ kind: 'passphrase', state: 'open' });
  });

  it('forgets what was typed: after a wipe the key is in the keychain', async () => {
    await start('correct horse');
    const vault = await start();
    await vault.open({ passphrase: 'correct horse' });

    await vault.destroy();
    await vault.open();

    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
  });

  it('asks no keychain on behalf of a passphrase, and none of its own', async () => {
    await start();
    double.failWith('the keychain is locked');
    const vault = await start();
    const closed = vault.view();
    const asked = double.asked.length;

    await vault.open({ passphrase: 'correct horse' });

    expect(vault.view()).toEqual(closed);
    // Once, as any attempt to open it does.
    expect(double.asked.length).toBe(asked + 1);
  });

  it('does not claim a vault whose key is in the keychain', async () => {
    await (await start()).write('a', 'kept');

    const vault = await start('correct horse');

    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(vault.read('a')).toBe('kept');
  });
});

describe.skipIf(!canMakeTinyDisk())('a vault on a full disk', () => {
  it('says so, keeps what it had, and goes on once there is room', async () => {
    using disk = makeTinyDisk();
    const open = async () => {
      const vault = createVault({
        folder: disk.path,
        keychain: double.keychain,
        clock: systemClock,
      });
      await vault.open();
      return vault;
    };
    const vault = await open();
    await vault.write('a', 'old');
    const before = readFileSync(disk.of('vault.sealed'));
    disk.fill();

    await expect(vault.write('a', 'new')).rejects.toMatchObject({ code: 'cannot-save' });

    expect(vault.read('a')).toBe('old');
    expect(readFileSync(disk.of('vault.sealed')).equals(before)).toBe(true);
    expect(disk.names()).toEqual(['vault.previous', 'vault.sealed']);
    disk.free();
    await vault.write('a', 'new');
    expect((await open()).read('a')).toBe('new');
  });

  it('leaves one key in the keychain, however often it could not be made', async () => {
    using disk = makeTinyDisk();
    disk.fill();
    const vault = createVault({ folder: disk.path, keychain: double.keychain, clock: systemClock });

    for (let time = 0; time < 3; time++) await vault.open();
    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'cannot-save' } });
    disk.free();
    await vault.open();

    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(double.keys()).toHaveLength(1);
  });
});
