/**
 * A vault in a process that stops at its nth step: a call that changes files, or one to the keychain.
 *
 * Arguments: the folder, the step to die at, what to do there. Step 0 is never; then the folder is copied before each
 * step, as `<folder>-step-<n>`: what a kill would have left. The keychain is a folder of files.
 */
import fs, { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

const [folder, dieAt, deed] = process.argv.slice(2);
const items = path.join(folder, 'keychain');
mkdirSync(items, { recursive: true });

let isCounting = false;
let steps = 0;
const step = () => {
  if (!isCounting) return;
  steps++;
  if (dieAt === '0') fs.cpSync(folder, `${folder}-step-${steps}`, { recursive: true });
  else if (steps === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
};

const probe = await fs.promises.open(import.meta.filename);
const handles = Object.getPrototypeOf(probe);
await probe.close();
const counted = (target, names) => {
  for (const name of names) {
    const original = target[name];
    target[name] = function (...args) {
      step();
      return original.apply(this, args);
    };
  }
};
counted(fs.promises, ['open', 'rename', 'link', 'rm', 'copyFile']);
counted(fs, ['renameSync']);
counted(handles, ['sync', 'close']);
const { writeFile } = handles;
handles.writeFile = async function (bytes) {
  step();
  await writeFile.call(this, bytes.subarray(0, bytes.length / 2));
  // Torn in the middle.
  step();
  return writeFile.call(this, bytes.subarray(bytes.length / 2));
};
syncBuiltinESMExports();

const keychain = async ({ deed: what, user, secret }) => {
  const file = path.join(items, user);
  if (what === 'get') return { value: existsSync(file) ? readFileSync(file, 'utf8') : null };
  step();
  if (what === 'set') writeFileSync(file, secret);
  else rmSync(file, { force: true });
  return { value: null };
};

const { createVault } = await import('../../../broker/vault/vault.ts');
const { systemClock } = await import('../../../broker/system-clock.ts');
const steps2 = [(records) => ({ ...records, migrated: true })];
const vault = createVault({
  folder,
  keychain,
  clock: systemClock,
  migrations: deed === 'migrate' ? steps2 : [],
});
const deeds = {
  make: async () => {},
  write: () => vault.write('a', 'after'),
  migrate: () => vault.write('a', 'after'),
  rotate: () => vault.sealAnew({ kind: 'keychain' }),
  'to-passphrase': () => vault.sealAnew({ kind: 'passphrase', passphrase: 'new phrase' }),
  destroy: () => vault.destroy(),
};
if (deed === 'make') isCounting = true;
await vault.open();
isCounting = true;
await deeds[deed]();
process.send({ steps });
