/** Can the name of a file for a secret keep Drawbridge waiting, fill its memory, or make it ask another machine? */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSmallText } from '../../../broker/storage/small-text.ts';
import { createResolve } from '../../../broker/tokens/sources/references.ts';
import { idTokenIn } from '../../../broker/tokens/vouch.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import { startRestartableBroker } from '../../doubles/restartable-broker.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder[Symbol.dispose]());

const isWindows = process.platform === 'win32';

it('a file is read whole, up to its limit', async () => {
  const most = 'é'.repeat(512 * 1024);
  await writeFile(folder.of('most'), most);
  expect(await readSmallText(folder.of('most'))).toBe(most);
  await writeFile(folder.of('more'), `${most}!`);
  await expect(readSmallText(folder.of('more'))).rejects.toMatchObject({
    ...{ code: 'reference-unresolved', message: expect.stringContaining('larger') },
  });
  await expect(readSmallText(folder.of('none'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readSmallText(folder.path)).rejects.toThrow();
});

it.skipIf(process.platform !== 'linux')('a file of the system that says it is empty', async () => {
  expect(await readSmallText('/proc/self/status')).toContain('Name:');
});

it('a share of another machine is not looked at on Windows', async () => {
  for (const file of ['\\\\evil\\share\\x', '//evil/share/x', '\\/evil/share'])
    await expect(readSmallText(file, 'win32')).rejects.toMatchObject({
      ...{ code: 'reference-unresolved', message: expect.stringContaining('another machine') },
    });
});

/** A read that goes on for ever fails in this time, ms. */
const SOON_MS = 20_000;

it.skipIf(isWindows)(
  'neither a device without an end nor a pipe without a writer is waited for',
  async () => {
    const pipe = folder.of('pipe');
    execFileSync('mkfifo', [pipe]);
    const resolve = createResolve({
      ...{ secret: async () => undefined, conceal: () => undefined, env: {} },
      readText: (file) => readSmallText(file),
    });
    for (const file of ['/dev/zero', pipe])
      await expect(resolve(`\${file:${file}}`)).rejects.toMatchObject({
        ...{ code: 'reference-unresolved', message: expect.stringContaining('not a file') },
      });
    expect(await idTokenIn(pipe, 0)).toBeUndefined();
  },
  SOON_MS,
);

it.skipIf(isWindows)(
  'a file to be imported cannot name one either, nor can a verifier of the door',
  async () => {
    await using drawbridge = await startRestartableBroker();
    const pipe = folder.of('pipe');
    execFileSync('mkfifo', [pipe]);
    const { faults } = await drawbridge.control.applyFile({
      file: {
        servers: {
          one: {
            url: 'http://127.0.0.1:9/mcp',
            signIn: { clientId: 'x', clientSecret: `\${file:${pipe}}` },
          },
        },
      },
      dryRun: true,
    });
    expect(faults.map(({ message }) => message)).toEqual([expect.stringContaining('not a file')]);
    await expect(
      drawbridge.control.changeDoor({
        verify: { kind: 'kubernetes', api: 'https://127.0.0.1:9', tokenFile: pipe },
      }),
    ).rejects.toMatchObject({ code: 'reference-unresolved' });
  },
  SOON_MS,
);
