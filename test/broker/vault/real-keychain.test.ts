/** The vault over the real Secret Service, asked by the real child program. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeychainRequest, Ports } from '../../../broker/ports.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { keychainOver } from '../../../broker/vault/keychain-process.ts';
import { createVault, type Vault } from '../../../broker/vault/vault.ts';
import { until } from '../../doubles/eventually.ts';
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
  await until(() => expect(children.filter(isAlive)).toEqual([]));
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
    // The key, the key read back, the mark.
    expect(asked.map(({ deed }) => deed)).toEqual(['set', 'get', 'set']);
    asked.length = 0;

    const second = await start(keyring.env);

    expect(second.view()).toEqual({ kind: 'keychain', state: 'open' });
    expect(second.read('grant:a/default')).toBe('canary');
    expect(asked.map(({ deed }) => deed)).toEqual(['get', 'get', 'set']);
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

  it('goes on while the keychain dies under it, and reaches it again when it is back', async () => {
    await using keyring = await startKeyring();
    const vault = await start(keyring.env);
    await vault.write('a', 'before');
    await keyring.kill();

    await vault.write('a', 'meanwhile');
    await vault.open();
    await expect(vault.sealAnew({ kind: 'keychain' })).rejects.toMatchObject({
      code: 'vault-no-keychain',
    });

    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
    await keyring.unlock();
    await vault.sealAnew({ kind: 'keychain' });
    expect((await start(keyring.env)).read('a')).toBe('meanwhile');
  });

  it('waits for a keychain that hangs, at the first start too: it is there', async () => {
    await using keyring = await startKeyring();
    keyring.suspend();
    const vault = await start(keyring.env);
    expect(vault.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-unanswered' } });
    expect(folder.names()).toEqual([]);

    keyring.resume();
    await vault.open();

    expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
  });

  it('keeps a grant of 64 KB, of which the keychain sees nothing', async () => {
    await using keyring = await startKeyring();
    const grant = 'canary-'.repeat(9363);
    await (await start(keyring.env)).write('grant:large/default', grant);

    expect((await start(keyring.env)).read('grant:large/default')).toBe(grant);

    const secrets = asked.flatMap((request) =>
      'secret' in request ? [request.secret.length] : [],
    );
    expect(Math.max(...secrets)).toBeLessThan(64);
  });

  it('changes its key, and is wiped: nothing of it is left in the keychain', async () => {
    await using keyring = await startKeyring();
    const vault = await start(keyring.env);
    await vault.write('a', 'kept');
    const old = asked[0]?.user ?? '';
    await vault.sealAnew({ kind: 'keychain' });
    const again = await start(keyring.env);
    expect(again.read('a')).toBe('kept');

    expect(await again.destroy()).toEqual([]);

    const users = new Set(asked.map(({ user }) => user));
    const keychain = keychainIn(keyring.env);
    const left = await Promise.all(
      [...users].map((user) => keychain({ deed: 'get', service: 'drawbridge', user }, 5000)),
    );
    expect([users.has(old), users.size]).toEqual([true, 4]);
    expect(left).toEqual(left.map(() => ({ value: null })));
    expect(folder.names()).toEqual([]);
  });

  it('notices an older file in its place', async () => {
    await using keyring = await startKeyring();
    const vault = await start(keyring.env);
    await vault.write('a', 'old');
    const old = sealedBytes();
    await vault.write('a', 'new');
    await start(keyring.env);
    await until(() => expect(children.filter(isAlive)).toEqual([]));
    writeFileSync(folder.of('vault.sealed'), old);

    const again = await start(keyring.env);

    expect(again.view()).toMatchObject({ state: 'closed', problem: { code: 'vault-rolled-back' } });
    await again.open({ acceptOlder: true });
    expect(again.read('a')).toBe('old');
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

  it.skipIf(!keyringAvailable())(
    'keeps what is in memory until the person moves it into a keychain that appeared',
    async () => {
      await using keyring = await startKeyring();
      let env = withoutBus();
      const vault = createVault({
        folder: folder.path,
        keychain: (request, limit) => keychainIn(env)(request, limit),
        clock: systemClock,
      });
      await vault.open();
      await vault.write('a', 'from memory');
      env = keyring.env;

      await vault.sealAnew({ kind: 'keychain' });

      expect(vault.view()).toEqual({ kind: 'keychain', state: 'open' });
      expect((await start(keyring.env)).read('a')).toBe('from memory');
    },
  );

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

      expect(vault.view()).toMatchObject({
        state: 'closed',
        problem: { code: 'vault-unanswered' },
      });
      // It was really waiting for an answer.
      expect(sockets.size).toBe(1);
      await until(() => expect(children.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL']));
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    }
  });
});
