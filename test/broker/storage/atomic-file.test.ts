import { execFile } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIfPresent, setAside, writeAtomically } from '../../../broker/storage/atomic-file.ts';
import { canMakeTinyDisk, type Folder, makeFolder, makeTinyDisk } from '../../doubles/folder.ts';

const run = promisify(execFile);
const moduleFile = path.join(import.meta.dirname, '../../../broker/storage/atomic-file.ts');

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder[Symbol.dispose]());
const read = (name: string): string => readFileSync(folder.of(name), 'utf8');

describe('an atomic write', () => {
  it('makes the file, for its owner only, and leaves nothing else', async () => {
    await writeAtomically(folder.of('file'), 'new');

    expect(read('file')).toBe('new');
    expect(folder.names()).toEqual(['file']);
    expect(folder.modeOf('file')).toBe('600');
  });

  it('takes the mode of a file that was open to others back', async () => {
    writeFileSync(folder.of('file'), 'old');
    chmodSync(folder.of('file'), 0o644);

    await writeAtomically(folder.of('file'), 'new');

    expect(folder.modeOf('file')).toBe('600');
  });

  it('replaces the file: who has the old one open goes on reading it', async () => {
    writeFileSync(folder.of('file'), 'old');
    linkSync(folder.of('file'), folder.of('held'));

    await writeAtomically(folder.of('file'), 'new');

    expect([read('held'), read('file')]).toEqual(['old', 'new']);
  });

  it('never shows a mixture, however many write at once', async () => {
    const texts = Array.from({ length: 20 }, (_, n) => String(n).padStart(2, '0').repeat(5000));

    await Promise.all(texts.map((text) => writeAtomically(folder.of('file'), text)));

    expect(texts).toContain(read('file'));
    expect(folder.names()).toEqual(['file']);
  });

  it('says so when the folder is none, and leaves nothing', async () => {
    writeFileSync(folder.of('parent'), 'a file');

    await expect(writeAtomically(folder.of('parent', 'file'), 'new')).rejects.toMatchObject({
      code: 'ENOTDIR',
    });

    expect(folder.names()).toEqual(['parent']);
  });

  it('leaves no temporary file when the last step fails', async () => {
    mkdirSync(folder.of('file', 'inside'), { recursive: true });

    await expect(writeAtomically(folder.of('file'), 'new')).rejects.toMatchObject({
      code: expect.stringMatching(/EISDIR|ENOTEMPTY|EEXIST/),
    });

    expect(folder.names()).toEqual(['file']);
  });
});

describe('the copy of what was replaced', () => {
  const keep = () => ({ keepPrevious: folder.of('previous') });

  it('is the bytes before the last write, for the owner only', async () => {
    for (const text of ['one', 'two', 'three'])
      await writeAtomically(folder.of('file'), text, keep());

    expect([read('previous'), read('file')]).toEqual(['two', 'three']);
    expect(folder.modeOf('previous')).toBe('600');
    expect(folder.names()).toEqual(['file', 'previous']);
  });

  it('is none after the first write', async () => {
    await writeAtomically(folder.of('file'), 'one', keep());

    expect(folder.names()).toEqual(['file']);
  });

  it('outlives the loss of the file itself', async () => {
    for (const text of ['one', 'two']) await writeAtomically(folder.of('file'), text, keep());
    setAside(folder.of('file'), 0);

    await writeAtomically(folder.of('file'), 'afresh', keep());

    expect([read('previous'), read('file')]).toEqual(['one', 'afresh']);
  });

  it('is made where the copy already is the file itself, as a crash between the steps leaves it', async () => {
    writeFileSync(folder.of('file'), 'old');
    linkSync(folder.of('file'), folder.of('previous'));

    await writeAtomically(folder.of('file'), 'new', keep());

    expect([read('previous'), read('file')]).toEqual(['old', 'new']);
    expect(folder.names()).toEqual(['file', 'previous']);
  });
});

describe.skipIf(process.platform === 'win32')('a write that the system cuts short', () => {
  it('leaves the old bytes and nothing else', async () => {
    writeFileSync(folder.of('file'), 'old');
    const program = `
      import { writeAtomically } from ${JSON.stringify(moduleFile)};
      const write = writeAtomically(process.argv[1], 'x'.repeat(100_000), { keepPrevious: process.argv[1] + '.previous' });
      console.log(await write.then(() => 'written', (error) => error.code));`;

    // No file may grow past 8 blocks; a block is 512 or 1024 bytes.
    const { stdout } = await run('sh', [
      '-c',
      'ulimit -f 8 && exec "$@"',
      'sh',
      ...[
        process.execPath,
        '--no-warnings',
        '--input-type=module',
        '--eval',
        program,
        folder.of('file'),
      ],
    ]);

    expect(stdout.trim()).toBe('EFBIG');
    expect(read('file')).toBe('old');
    expect(folder.names()).toEqual(['file']);
  });
});

describe.skipIf(!canMakeTinyDisk())('a write to a full disk', () => {
  it('leaves the old bytes, the copy before them, and nothing else', async () => {
    using disk = makeTinyDisk();
    const file = disk.of('file');
    const keepPrevious = disk.of('previous');
    for (const text of ['one', 'two']) await writeAtomically(file, text, { keepPrevious });
    disk.fill();

    await expect(writeAtomically(file, 'x'.repeat(5000), { keepPrevious })).rejects.toMatchObject({
      code: 'ENOSPC',
    });

    expect(disk.names()).toEqual(['file', 'previous']);
    expect([readFileSync(keepPrevious, 'utf8'), readFileSync(file, 'utf8')]).toEqual([
      'one',
      'two',
    ]);
    disk.free();
    await writeAtomically(file, 'three', { keepPrevious });
    expect([readFileSync(keepPrevious, 'utf8'), readFileSync(file, 'utf8')]).toEqual([
      'two',
      'three',
    ]);
  });
});

describe('reading a file that may be absent', () => {
  it('gives its bytes, or nothing when there is none', async () => {
    writeFileSync(folder.of('file'), 'text');

    expect((await readIfPresent(folder.of('file')))?.toString()).toBe('text');
    expect(await readIfPresent(folder.of('none'))).toBeUndefined();
  });

  it('does not take "cannot tell" for "absent"', async () => {
    mkdirSync(folder.of('a-folder'));
    writeFileSync(folder.of('a-file'), '');

    await expect(readIfPresent(folder.of('a-folder'))).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(readIfPresent(folder.of('a-file', 'below'))).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
  });
});

describe('an unreadable file', () => {
  it('is set aside under a name that says when', async () => {
    writeFileSync(folder.of('settings.json'), 'broken');

    const aside = setAside(folder.of('settings.json'), Date.UTC(2026, 0, 2, 3, 4, 5, 6));

    writeFileSync(folder.of('settings.json'), 'again');
    expect(
      path.basename(setAside(folder.of('settings.json'), Date.UTC(2026, 0, 2, 3, 4, 5, 6))),
    ).toBe(`${path.basename(aside)}-1`);
    rmSync(`${aside}-1`);
    expect(path.basename(aside)).toBe('settings.json.aside-2026-01-02T03-04-05-006Z');
    expect(folder.names()).toEqual([path.basename(aside)]);
    expect(readFileSync(aside, 'utf8')).toBe('broken');
  });
});
