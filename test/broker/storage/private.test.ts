/** Files and folders of others, ones without permission, and what a killed process leaves. */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  keepPrivate,
  makePrivateFolder,
  sweepTemporaries,
} from '../../../broker/storage/private.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { createVault } from '../../../broker/vault/vault.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import { createKeychainDouble } from '../../doubles/keychain.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const SOMEBODY = 12_345;

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder[Symbol.dispose]());

describe('the private folder', () => {
  it('is for its owner only, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await makePrivateFolder(folder.of('above', 'data'));
    } finally {
      process.umask(before);
    }

    expect(folder.modeOf('above/data')).toBe('700');
  });

  it('may be there already', async () => {
    await makePrivateFolder(folder.of('data'));
    writeFileSync(folder.of('data', 'file'), 'kept');
    chmodSync(folder.of('data'), 0o755);

    await makePrivateFolder(folder.of('data'));

    expect(statSync(folder.of('data', 'file')).size).toBe(4);
    expect(folder.modeOf('data')).toBe('700');
  });

  it.skipIf(!isRoot)(
    'is refused when it is of somebody else, who could exchange what is in it',
    async () => {
      mkdirSync(folder.of('data'), { mode: 0o755 });
      chownSync(folder.of('data'), SOMEBODY, SOMEBODY);

      await expect(makePrivateFolder(folder.of('data'))).rejects.toMatchObject({
        code: 'not-yours',
        hint: expect.stringContaining('DRAWBRIDGE_DATA_DIR'),
      });
      expect(folder.modeOf('data')).toBe('755');
    },
  );
});

describe('a private file', () => {
  it.each([
    [0o644, '600'],
    [0o666, '600'],
    [0o440, '400'],
    [0o600, '600'],
  ])('of mode %o is for its owner only', async (mode, expected) => {
    writeFileSync(folder.of('file'), '');
    chmodSync(folder.of('file'), mode);

    await keepPrivate(folder.of('file'));

    expect(folder.modeOf('file')).toBe(expected);
  });

  it('may be absent', async () => {
    await expect(keepPrivate(folder.of('none'))).resolves.toBeUndefined();
  });

  it.skipIf(!isRoot)(
    'is refused when somebody else owns it: the vault stays closed and it untouched',
    async () => {
      const { keychain } = createKeychainDouble();
      const vault = createVault({ folder: folder.path, keychain, clock: systemClock });
      writeFileSync(folder.of('vault.sealed'), 'planted', { mode: 0o644 });
      chownSync(folder.of('vault.sealed'), SOMEBODY, SOMEBODY);

      await vault.open();

      expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'not-yours' } });
      expect(readFileSync(folder.of('vault.sealed'), 'utf8')).toBe('planted');
      expect(folder.names()).toEqual(['vault.sealed']);
    },
  );
});

/** What a program of an ordinary user says of this folder: root may read and write everything. */
const asSomebody = async (program: string): Promise<unknown> => {
  const module = (name: string): string =>
    JSON.stringify(path.join(import.meta.dirname, '../../../broker', name));
  const source = `
    import { systemClock as clock } from ${module('system-clock.ts')};
    import { createVault } from ${module('vault/vault.ts')};
    import { openSettings } from ${module('storage/settings.ts')};
    import { z } from 'zod';
    const folder = process.argv[1];
    process.setuid(${SOMEBODY});
    const items = new Map();
    const keychain = async ({ deed, user, secret }) => {
      if (deed === 'set') items.set(user, secret);
      return { value: deed === 'get' ? (items.get(user) ?? null) : null };
    };
    const start = async () => {
      const vault = createVault({ folder, keychain, clock });
      await vault.open();
      return vault;
    };
    const settings = () => openSettings(folder, z.object({ n: z.number().default(1) }), clock.now);
    const fs = await import('node:fs');
    ${program}`;
  const { stdout } = await run(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', source, folder.path],
    { cwd: import.meta.dirname },
  );
  return JSON.parse(stdout);
};

describe.skipIf(!isRoot)('an ordinary user', () => {
  beforeEach(() => chownSync(folder.path, SOMEBODY, SOMEBODY));

  it('whose folder is read-only has a clear state, loses nothing, and goes on when it is not', async () => {
    const said = await asSomebody(`
      const vault = await start();
      await vault.write('a', 'old');
      fs.chmodSync(folder, 0o500);
      const refused = await vault.write('a', 'new').catch(({ code }) => code);
      const torn = fs.readFileSync(folder + '/vault.sealed').subarray(0, 90);
      const again = await start();
      fs.chmodSync(folder, 0o700);
      await again.write('b', 'later');
      console.log(JSON.stringify([refused, vault.read('a'), again.view().state, again.names()]));`);

    expect(said).toEqual(['cannot-save', 'old', 'open', ['a', 'b']]);
  });

  it('opens the copy in a read-only folder too, and never writes over the damaged file', async () => {
    const said = await asSomebody(`
      const vault = await start();
      await vault.write('a', 'before');
      await vault.write('a', 'after');
      fs.writeFileSync(folder + '/vault.sealed', 'damaged');
      fs.chmodSync(folder, 0o500);
      const again = await start();
      const refused = await again.write('b', 1).catch(({ code }) => code);
      const names = fs.readdirSync(folder);
      fs.chmodSync(folder, 0o700);
      await again.write('b', 2);
      console.log(JSON.stringify([again.view().problem.code, again.read('a'), refused, names,
        fs.readdirSync(folder).length]));`);

    expect(said).toEqual([
      'vault-replaced',
      'before',
      'cannot-save',
      ['vault.previous', 'vault.sealed'],
      3,
    ]);
  });

  it('who may not read the vault file is told so, and it opens when he may', async () => {
    const said = await asSomebody(`
      await (await start()).write('a', 'kept');
      fs.chmodSync(folder + '/vault.sealed', 0);
      const vault = await start();
      const { state, problem } = vault.view();
      fs.chmodSync(folder + '/vault.sealed', 0o600);
      await vault.open();
      console.log(JSON.stringify([state, problem.code, vault.read('a')]));`);

    expect(said).toEqual(['closed', 'vault-unreadable', 'kept']);
  });

  it('who may not read the settings is told so, and they are left alone', async () => {
    const said = await asSomebody(`
      (await settings()).set('n', 2);
      fs.chmodSync(folder + '/settings.json', 0);
      const refused = await settings().catch(({ code }) => code);
      fs.chmodSync(folder + '/settings.json', 0o600);
      console.log(JSON.stringify([refused, (await settings()).all().n, fs.readdirSync(folder)]));`);

    expect(said).toEqual(['settings-unreadable', 2, ['settings.json']]);
  });
});

describe('what killed processes left', () => {
  const ours = [
    'vault.sealed.0123456789ab.tmp',
    'vault.previous.ba9876543210.tmp',
    'vault.format-1.0123456789ab.tmp',
    'instance.json.0123456789ab.tmp',
    'settings.json.tmp-1234567890abcdef',
  ];
  const others = [
    'vault.sealed',
    'vault.previous',
    'vault.sealed.aside-2026-01-01T00-00-00-000Z',
    'vault.sealed.0123456789ab.tmp.mine',
    'notes.0123456789ab.tmp',
    'vault.sealed.tmp',
    'settings.json.tmp-mine',
  ];

  it('is swept, and nothing else is', async () => {
    for (const name of [...ours, ...others]) writeFileSync(folder.of(name), 'x');

    await sweepTemporaries(folder.path);

    expect(folder.names()).toEqual([...others].sort());
  });

  it('stays when it is no file, or of somebody else', async () => {
    const [first = '', second = '', third = ''] = ours;
    mkdirSync(folder.of(first));
    symlinkSync('/nowhere', folder.of(second));
    writeFileSync(folder.of(third), 'x');
    if (isRoot) chownSync(folder.of(third), SOMEBODY, SOMEBODY);

    await sweepTemporaries(folder.path);

    expect(folder.names()).toEqual([first, second, ...(isRoot ? [third] : [])].sort());
  });
});
