import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataFolderOf } from '../../../broker/storage/data-folder.ts';
import { takeInstanceLock } from '../../../broker/storage/instance-lock.ts';
import {
  announceInstance,
  findInstance,
  withdrawInstance,
} from '../../../broker/storage/instance-record.ts';
import { socketPath } from '../../../broker/storage/socket-path.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';

const moduleFile = path.join(import.meta.dirname, '../../../broker/storage/instance-lock.ts');

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** Another process that tries to take the folder and, if it can, holds it. What it says is `taken` or a code. */
const otherProcess = async (): Promise<{ child: ChildProcess; said: string }> => {
  const program = `
    import { takeInstanceLock } from ${JSON.stringify(moduleFile)};
    try { await takeInstanceLock(process.argv[1]); console.log('taken'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.code); }`;
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', program, folder.path],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said).trim() };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

describe('the instance lock', () => {
  it('is for its owner only', async () => {
    const release = await takeInstanceLock(folder.path);

    expect(folder.modeOf('instance.lock')).toBe('600');
    release();
  });

  it('refuses another process until it is given free', async () => {
    const release = await takeInstanceLock(folder.path);
    const refused = await otherProcess();
    release();
    const second = await otherProcess();
    try {
      expect([refused.said, second.said]).toEqual(['already-running', 'taken']);
    } finally {
      await Promise.all([end(refused.child), end(second.child)]);
    }
  });

  it('says what to do to who is refused', async () => {
    const { child } = await otherProcess();
    try {
      await expect(takeInstanceLock(folder.path)).rejects.toThrow(
        expect.objectContaining({
          code: 'already-running',
          hint: expect.stringContaining('DRAWBRIDGE_DATA_DIR'),
        }),
      );
    } finally {
      await end(child);
    }
  });

  it('does not outlive a holder that was killed', async () => {
    const { child, said } = await otherProcess();
    expect(said).toBe('taken');
    await end(child);

    const release = await takeInstanceLock(folder.path);

    release();
  });

  it('names no process id: one that another program has by now means nothing', async () => {
    await announceInstance(folder.path, {
      pid: process.pid,
      control: { socket: '/c.sock', key: 'k' },
      door: { socket: '/d.sock', key: 'k' },
    });

    (await takeInstanceLock(folder.path))();
  });

  it.each([
    ['filled with rubbish', 'x'.repeat(5000)],
    ['a few bytes', 'lock'],
  ])('is taken where its file is %s: nobody holds it', async (_name, text) => {
    writeFileSync(folder.of('instance.lock'), text, { mode: 0o600 });

    const release = await takeInstanceLock(folder.path);
    const { child, said } = await otherProcess();

    expect(said).toBe('already-running');
    await end(child);
    release();
  });

  it('is not given up to who finds its file overwritten while it is held', async () => {
    const release = await takeInstanceLock(folder.path);
    // By another process: closing the file in this one would give the lock up (POSIX).
    execFileSync('sh', ['-c', 'printf "%05000d" 0 > "$1"', 'sh', folder.of('instance.lock')]);

    const { child, said } = await otherProcess();

    expect(said).toBe('already-running');
    await end(child);
    release();
  });

  it('is refused as such although the announcement cannot be read', async () => {
    const { child } = await otherProcess();
    mkdirSync(folder.of('instance.json'));
    try {
      await expect(takeInstanceLock(folder.path)).rejects.toMatchObject({
        code: 'already-running',
      });
    } finally {
      await end(child);
    }
  });

  it('is not lost when the holder itself tries once more', async () => {
    const release = await takeInstanceLock(folder.path);
    await expect(takeInstanceLock(folder.path)).rejects.toThrow('already runs');

    const { child, said } = await otherProcess();

    expect(said).toBe('already-running');
    await end(child);
    release();
  });

  it('fails as the system does where there is no folder', async () => {
    await expect(takeInstanceLock(folder.of('none'))).rejects.toThrow('ENOENT');
  });
});

describe('the announcement of a running broker', () => {
  const record = {
    pid: 42,
    control: { socket: '/c.sock', key: 'control-key' },
    door: { socket: '/d.sock', key: 'door-key' },
    window: 'http://127.0.0.1:4000',
  };

  it('is found by others of the same owner, until it is taken back', async () => {
    await announceInstance(folder.path, record);

    expect(await findInstance(folder.path)).toEqual(record);
    expect(folder.modeOf('instance.json')).toBe('600');
    await withdrawInstance(folder.path);
    expect(await findInstance(folder.path)).toBeUndefined();
    await expect(withdrawInstance(folder.path)).resolves.toBeUndefined();
  });

  it.each([
    ['damaged', '{"pid": 4'],
    ['empty', ''],
    ['of another version', '{"pid": 42, "control": "somewhere"}'],
  ])('leads nowhere when it is %s', async (_name, text) => {
    writeFileSync(folder.of('instance.json'), text);

    expect(await findInstance(folder.path)).toBeUndefined();
  });
});

describe.skipIf(process.platform === 'win32')('the place of a socket', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('is a folder that only its owner may enter', async () => {
    const socket = await socketPath(folder.path, 'control');

    expect(socket).toBe(folder.of('run', 'control.sock'));
    expect(folder.modeOf('run')).toBe('700');
  });

  it.each(['control', 'door'])(
    'can be listened at however deep the data folder is (%s)',
    async (name) => {
      vi.stubEnv('TMPDIR', folder.path);
      const deep = folder.of(...'deep '.repeat(30).trim().split(' '));
      mkdirSync(deep, { recursive: true });

      const socket = await socketPath(deep, name);

      expect(path.dirname(path.dirname(socket))).toBe(tmpdir());
      expect(folder.modeOf(path.basename(path.dirname(socket)))).toBe('700');
      const server = createServer().listen(socket);
      await once(server, 'listening');
      expect(server.address()).toBe(socket);
      await new Promise((resolve) => server.close(resolve));
    },
  );

  it('is the same for a folder at every start, and another for another folder', async () => {
    vi.stubEnv('TMPDIR', folder.path);
    const deep = `/${'deep/'.repeat(30)}`;

    expect(await socketPath(`${deep}a`, 'door')).toBe(await socketPath(`${deep}a`, 'door'));
    expect(await socketPath(`${deep}a`, 'door')).not.toBe(await socketPath(`${deep}b`, 'door'));
  });

  it('is freed of the socket that a crash left', async () => {
    mkdirSync(folder.of('run'), { mode: 0o700 });
    writeFileSync(folder.of('run', 'door.sock'), '');

    await socketPath(folder.path, 'door');

    expect(folder.names()).toEqual(['run']);
    await expect(socketPath(folder.path, 'door')).resolves.toBe(folder.of('run', 'door.sock'));
    const server = createServer().listen(folder.of('run', 'door.sock'));
    await once(server, 'listening');
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([0o755, 0o770, 0o701])('is refused where others may enter (%o)', async (mode) => {
    mkdirSync(folder.of('run'));
    chmodSync(folder.of('run'), mode);

    await expect(socketPath(folder.path, 'door')).rejects.toThrow('open to other users');
  });

  it.skipIf(process.getuid?.() !== 0)('is refused in a folder of somebody else', async () => {
    mkdirSync(folder.of('run'), { mode: 0o700 });
    const { chownSync } = await import('node:fs');
    chownSync(folder.of('run'), 12_345, 12_345);

    await expect(socketPath(folder.path, 'door')).rejects.toThrow('open to other users');
  });

  it('is refused behind a planted link, even one into a folder of ours', async () => {
    mkdirSync(folder.of('ours'), { mode: 0o700 });
    symlinkSync(folder.of('ours'), folder.of('run'));

    await expect(socketPath(folder.path, 'door')).rejects.toThrow('open to other users');
  });
});

describe('the data folder', () => {
  it.each<[name: string, platform: NodeJS.Platform, env: Record<string, string>, expected: string]>(
    [
      [
        'where it was told',
        'linux',
        { DRAWBRIDGE_DATA_DIR: '/chosen', XDG_DATA_HOME: '/xdg' },
        '/chosen',
      ],
      [
        'at home, when told nothing',
        'linux',
        { DRAWBRIDGE_DATA_DIR: '' },
        '/home/me/.local/share/drawbridge',
      ],
      ['where XDG says', 'linux', { XDG_DATA_HOME: '/xdg' }, '/xdg/drawbridge'],
      [
        'where macOS keeps such things',
        'darwin',
        {},
        '/home/me/Library/Application Support/Drawbridge',
      ],
      ['where Windows keeps such things', 'win32', { LOCALAPPDATA: '/local' }, '/local/Drawbridge'],
    ],
  )('is %s (%s)', (_name, platform, env, expected) => {
    expect(dataFolderOf(env, platform, '/home/me')).toBe(expected);
  });
});
