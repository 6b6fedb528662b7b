/** Does a child process that is given the keyring's environment find a real Secret Service? */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Keyring, keyringAvailable, startKeyring } from './keyring.ts';

const run = promisify(execFile);

/** One keychain call in a child of its own, as the product makes it. */
const call = async (keyring: Keyring, deed: string): Promise<string> => {
  const program = `
    import { Entry } from '@napi-rs/keyring';
    try {
      const entry = new Entry('drawbridge-self-test', 'key', { linux: { store: 'secret-service' } });
      console.log(JSON.stringify(${deed}));
    } catch (error) { console.log('failed: ' + error.message); }`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    env: keyring.env,
    cwd: import.meta.dirname,
    timeout: 5000,
    killSignal: 'SIGKILL',
  });
  return stdout.trim();
};

test.skipIf(!keyringAvailable())(
  'an unlocked keyring keeps a secret, and keeps it through a crash',
  async () => {
    await using keyring = await startKeyring();
    expect(keyring.env).not.toHaveProperty('DISPLAY');
    expect(await call(keyring, 'entry.getPassword()')).toBe('null');
    await call(keyring, "entry.setPassword('fake-secret')");
    expect(await call(keyring, 'entry.getPassword()')).toBe('"fake-secret"');
    await keyring.kill();
    expect(await call(keyring, 'entry.getPassword()')).toMatch(
      /^failed: .*org\.freedesktop\.secrets/,
    );
    await keyring.unlock();
    expect(await call(keyring, 'entry.getPassword()')).toBe('"fake-secret"');
  },
);

test.skipIf(!keyringAvailable())('a locked keyring refuses until it is unlocked', async () => {
  await using keyring = await startKeyring();
  await call(keyring, "entry.setPassword('fake-secret')");
  await keyring.lock();
  expect(await call(keyring, 'entry.getPassword()')).toMatch(/^failed: /);
  await keyring.unlock();
  expect(await call(keyring, 'entry.getPassword()')).toBe('"fake-secret"');
});

test.skipIf(!keyringAvailable())('secret-tool agrees, and nothing stays behind', async () => {
  const keyring = await startKeyring();
  const folder = keyring.env.XDG_DATA_HOME ?? '';
  const storing = spawn('secret-tool', ['store', '--label=Self test', 'purpose', 'self-test'], {
    env: keyring.env,
  });
  storing.stdin.end('fake-secret');
  await new Promise((resolve) => storing.once('exit', resolve));
  const { stdout } = await run('secret-tool', ['lookup', 'purpose', 'self-test'], {
    env: keyring.env,
  });
  expect(stdout).toBe('fake-secret');
  await keyring.close();
  expect(existsSync(folder)).toBe(false);
});

test.skipIf(!keyringAvailable())('can be locked from the start', async () => {
  await using keyring = await startKeyring({ locked: true });
  expect(await call(keyring, "entry.setPassword('fake-secret')")).toMatch(/^failed: /);
});
