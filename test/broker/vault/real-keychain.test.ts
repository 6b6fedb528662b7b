/** The vault over the real Secret Service, asked by the real child program. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KeychainRequest, Ports } from '../../../broker/ports.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { keychainOver } from '../../../broker/vault/keychain-process.ts';
import { createVault, type Vault } from '../../../broker/vault/vault.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import { keyringAvailable, startKeyring } from '../../servers/keyring.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const source = path.join(root, 'broker', 'vault', 'keychain-child.ts');
let program = path.join(root, 'dist', 'keychain-child.cjs');
beforeAll(async () => {
  const isNew = (file: string): boolean => statSync(file).mtimeMs > statSync(source).mtimeMs;
  if (existsSync(program) && isNew(program)) return;
  // Inside the repository, so that it finds its one package.
  program = path.join(root, '.cache', 'test', 'keychain-child.cjs');
  await build({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    packages: 'external',
  });
});

const children: ChildProcess[] = [];
const asked: KeychainRequest[] = [];
let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(async () => {
  folder[Symbol.dispose]();
  // No child outlives its answer, whatever the test was about.
  await vi.waitFor(() => expect(children.filter(isAlive)).toEqual([]));
  children.length = 0;
  asked.length = 0;
});
const isAlive = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

/** The port as a shell makes it, in a session of the test's choosing. */
const keychainIn = (env: NodeJS.ProcessEnv, limit?: number): Ports['keychain'] => {
  const keychain = keychainOver(systemClock, () => {
    const child = fork(program, { stdio: 'ignore', env, execArgv: [] });
    children.push(child);
    return {
      send: (request) => void child.send(request as object),
      onMessage: (listener) => void child.once('message', listener),
      onEnd: (listener) => void child.once('error', listener).once('exit', listener),
      kill: () => void child.kill('SIGKILL'),
    };
  });
  return (request, timeoutMs) => {
    asked.push(request);
    return keychain(request, limit ?? timeoutMs);
  };
};

const start = async (env: NodeJS.ProcessEnv, limit?: number): Promise<Vault> => {
  const vault = createVault({
    folder: folder.path,
    keychain: keychainIn(env, limit),
    clock: systemClock,
  });
  await vault.open();
  return vault;
};

/** A session without D-Bus: a server, a container, ssh. */
const withoutBus = (): NodeJS.ProcessEnv => {
  mkdirSync(folder.of('empty'), { recursive: true });
  const {
    DBUS_SESSION_BUS_ADDRESS: _bus,
    DISPLAY: _x,
    WAYLAND_DISPLAY: _wayland,
    ...env
  } = process.env;
  return { ...env, XDG_RUNTIME_DIR: folder.of('empty') };
};

const sealedBytes = (): Buffer => readFileSync(folder.of('vault.sealed'));

describe.skipIf(!keyringAvailable())('a vault in a desktop session', () => {
  it('makes a key at its first start and reads it at the next', async () => {
    await using keyring = await startKeyring();
    const first = await start(keyring.env);
    await first.write('grant:a/default', 'canary');
    expect(asked.map(({ deed }) => deed)).toEqual(['set', 'get']);
    asked.length = 0;

    const second = await start(keyring.env);

    expect(second.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(second.read('grant:a/default')).toBe('canary');
    expect(asked.map(({ deed }) => deed)).toEqual(['get']);
  });

  it('is closed while the keychain is locked, at the first start too, and opens after the unlock', async () => {
    await using keyring = await startKeyring({ locked: true });
    const vault = await start(keyring.env);
    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-locked' } });
    expect(folder.names()).toEqual([]);

    await keyring.unlock();
    await vault.open();

    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
    await vault.write('a', 'kept');
    await keyring.lock();
    const later = await start(keyring.env);
    expect(later.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-locked' } });
    await keyring.unlock();
    await later.open();
    expect(later.read('a')).toBe('kept');
  });

  it('says that the key is missing in a keychain that was reset, and makes no other', async () => {
    {
      await using keyring = await startKeyring();
      await start(keyring.env);
    }
    const before = sealedBytes();
    asked.length = 0;

    await using keyring = await startKeyring();
    const vault = await start(keyring.env);

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-key-missing' } });
    expect(asked.map(({ deed }) => deed)).toEqual(['get']);
    expect(sealedBytes().equals(before)).toBe(true);
  });

  it('is closed while the keychain program is dead, and opens when it is back', async () => {
    await using keyring = await startKeyring();
    await (await start(keyring.env)).write('a', 'kept');
    await keyring.kill();

    const vault = await start(keyring.env);

    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-no-keychain' } });
    await keyring.unlock();
    await vault.open();
    expect(vault.read('a')).toBe('kept');
  });

  it('is closed in a session without D-Bus, once it exists', async () => {
    await using keyring = await startKeyring();
    await (await start(keyring.env)).write('a', 'kept');
    const before = sealedBytes();

    const vault = await start(withoutBus());

    expect(vault.view()).toMatchObject({
      kind: 'keychain',
      state: 'closed',
      problem: { code: 'vault-no-keychain' },
    });
    await expect(vault.write('a', 'lost')).rejects.toMatchObject({ code: 'vault-no-keychain' });
    expect(sealedBytes().equals(before)).toBe(true);
  });
});

describe.skipIf(process.platform !== 'linux')('a session without D-Bus', () => {
  it('gives a vault in memory where there was none before', async () => {
    const vault = await start(withoutBus());

    expect(vault.view()).toEqual({ kind: 'memory', state: 'open' });
    expect(folder.names()).toEqual(['empty']);
  });

  it('is never answered by the kernel keyring', async () => {
    const keychain = keychainIn(withoutBus());
    const entry = { service: 'drawbridge', user: randomUUID() };

    const set = await keychain({ deed: 'set', ...entry, secret: 'canary' }, 5000);
    const get = await keychain({ deed: 'get', ...entry }, 5000);

    // Unpinned, the library says success to the first and null to the second.
    expect(set).toHaveProperty('failure');
    expect(get).toHaveProperty('failure');
    expect(existsSync('/proc/keys') ? readFileSync('/proc/keys', 'utf8') : '').not.toContain(
      entry.user,
    );
  });
});

describe.skipIf(process.platform !== 'linux')('a keychain that never answers', () => {
  it('is given up after its time, its process killed, and the vault says so', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(folder.of('bus'), resolve));
    try {
      const vault = await start(
        { ...withoutBus(), DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder.of('bus')}` },
        400,
      );

      expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-locked' } });
      // It was really waiting for an answer.
      expect(sockets.size).toBe(1);
      await vi.waitFor(() =>
        expect(children.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL']),
      );
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    }
  });
});
