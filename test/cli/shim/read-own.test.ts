/** Does a shim heed a record of the data folder that another user could have put there? */
import { chmodSync, chownSync, existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchBroker } from '../../../cli/shim/launch-broker.ts';
import { announced } from '../../../cli/shim/reach-broker.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  chmodSync(folder.path, 0o700);
  const planted = `require('fs').writeFileSync(${JSON.stringify(folder.of('planted'))}, '')`;
  const launch = { program: process.execPath, args: ['-e', planted], env: {} };
  writeFileSync(folder.of('launch.json'), JSON.stringify(launch), { mode: 0o600 });
  const door = { socket: '/nowhere', key: 'x' };
  writeFileSync(folder.of('instance.json'), JSON.stringify({ door }), { mode: 0o600 });
});
afterEach(() => folder[Symbol.dispose]());

const SOMEBODY = 65_534;
const all = ['', 'launch.json', 'instance.json'];
const heeded = () => [launchBroker(folder.path, {}), announced(folder.path) !== undefined];

describe.skipIf(process.platform === 'win32')('a record', () => {
  it('that is the person’s own is heeded', async () => {
    expect(heeded()).toEqual([true, true]);
    await expect.poll(() => existsSync(folder.of('planted')), { timeout: 10_000 }).toBe(true);
  });

  it.each([
    ['that others may write', () => all.slice(1).map((name) => chmodSync(folder.of(name), 0o666))],
    ['in a folder that others may write', () => chmodSync(folder.path, 0o777)],
  ])('%s is not', (_what, open) => {
    open();
    expect(heeded()).toEqual([false, false]);
  });

  it.skipIf(process.getuid?.() !== 0).each([
    ['that is somebody else’s', all.slice(1)],
    ['in a folder of somebody else', ['']],
  ])('%s is not, not even by root', (_what, names) => {
    for (const name of names) chownSync(folder.of(name), SOMEBODY, SOMEBODY);
    expect(heeded()).toEqual([false, false]);
  });
});
