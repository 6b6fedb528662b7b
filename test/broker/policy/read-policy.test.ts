import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReadPolicy } from '../../../broker/policy/read-policy.ts';

const us = process.getuid?.() ?? 0;
let root: string;
let folder: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'drawbridge-policy-'));
  folder = path.join(root, 'etc');
  file = path.join(folder, 'policy.json');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (text = '{}'): void => {
  mkdirSync(folder, { mode: 0o755 });
  writeFileSync(file, text, { mode: 0o644 });
};
const read = () => createReadPolicy({ folder, administrator: us })();
const unusable = (why: string) => ({ is: 'unusable', why: expect.stringContaining(why) });

describe.skipIf(process.platform === 'win32')('the file of a policy', () => {
  it('is none where it or its folder is not there', () => {
    expect(read()).toEqual({ is: 'none' });
    mkdirSync(folder);
    expect(read()).toEqual({ is: 'none' });
  });

  it('is read where only its owner can write, each time anew', () => {
    put('{ "disabled": [] }');
    const again = createReadPolicy({ folder, administrator: us });
    expect(again()).toEqual({ is: 'text', text: '{ "disabled": [] }' });
    writeFileSync(file, '{ "disabled":  [] }');
    expect(again()).toEqual({ is: 'text', text: '{ "disabled":  [] }' });
    rmSync(file);
    expect(again()).toEqual({ is: 'none' });
  });

  it.each([
    ['the file', 0o664],
    ['the file', 0o646],
  ])('is refused where others can write to %s (%o)', (_what, mode) => {
    put();
    chmodSync(file, mode);
    expect(read()).toMatchObject(unusable(`can write to ${file}`));
  });

  it.each([0o775, 0o757, 0o1777])(
    'is refused where others can write to its folder (%o)',
    (mode) => {
      put();
      chmodSync(folder, mode);
      expect(read()).toMatchObject(unusable(`can write to ${folder}`));
    },
  );

  it('is refused where it belongs to somebody who is no administrator', () => {
    put();
    expect(createReadPolicy({ folder, administrator: us + 1 })()).toMatchObject(
      unusable('somebody other than an administrator'),
    );
  });

  it('belongs to root, unless a test says otherwise', () => {
    put();
    expect(createReadPolicy({ folder })()).toMatchObject(
      us === 0 ? { is: 'text' } : unusable('somebody other than an administrator'),
    );
  });

  it('is no link, and in no folder that is one', () => {
    put();
    renameSync(file, path.join(root, 'elsewhere.json'));
    symlinkSync(path.join(root, 'elsewhere.json'), file);
    expect(read()).toMatchObject(unusable('no file of its own'));
    rmSync(file);
    symlinkSync(path.join(root, 'nowhere'), file);
    expect(read()).toMatchObject(unusable('no file of its own'));
    rmSync(folder, { recursive: true });
    mkdirSync(path.join(root, 'other'), { mode: 0o755 });
    writeFileSync(path.join(root, 'other', 'policy.json'), '{}', { mode: 0o644 });
    symlinkSync(path.join(root, 'other'), folder);
    expect(read()).toMatchObject(unusable('no folder of its own'));
  });

  it('is no folder and no pipe, which nobody waits for', () => {
    put();
    rmSync(file);
    mkdirSync(file);
    expect(read()).toMatchObject(unusable('no file of its own'));
    rmSync(file, { recursive: true });
    execFileSync('mkfifo', [file]);
    expect(read()).toMatchObject(unusable('no file of its own'));
  });

  it('has an end', () => {
    put();
    truncateSync(file, 1024 * 1024 + 1);
    expect(read()).toMatchObject(unusable('too large'));
  });

  it('is not taken for none where its folder is no folder', () => {
    writeFileSync(folder, 'in the way');
    expect(read()).toMatchObject({ is: 'unusable' });
  });

  it.skipIf(us === 0)('is not taken for none where it cannot be read', () => {
    put();
    chmodSync(file, 0o000);
    expect(read()).toMatchObject(unusable('EACCES'));
    chmodSync(folder, 0o000);
    expect(read()).toMatchObject(unusable('EACCES'));
    chmodSync(folder, 0o755);
  });
});
