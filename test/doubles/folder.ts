/** Throw-away folders: an ordinary one, and one on a disk so small that a test can fill it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Folder extends Disposable {
  readonly path: string;
  /** A path inside. */
  readonly of: (...names: string[]) => string;
  /** What lies in it, sorted. */
  readonly names: () => string[];
  readonly modeOf: (name: string) => string;
}

export const makeFolder = (): Folder => {
  const folder = mkdtempSync(path.join(tmpdir(), 'drawbridge-test-'));
  const of = (...names: string[]): string => path.join(folder, ...names);
  return {
    path: folder,
    of,
    names: () => readdirSync(folder).sort(),
    modeOf: (name) => (statSync(of(name)).mode & 0o777).toString(8),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};

export interface TinyDisk extends Folder {
  /** Not a byte fits on it any more. */
  readonly fill: () => void;
  readonly free: () => void;
}

/** A file system of 64 KiB in memory; only root may mount one. */
export const makeTinyDisk = (): TinyDisk => {
  const folder = makeFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder.path]);
  const filler = folder.of('filler');
  return {
    ...folder,
    names: () => folder.names().filter((name) => name !== 'filler'),
    fill: () => {
      for (let kib = 64; kib > 0; kib -= 4) {
        try {
          writeFileSync(filler, Buffer.alloc(kib * 1024));
          return;
        } catch {
          // Less, then.
        }
      }
    },
    free: () => rmSync(filler, { force: true }),
    [Symbol.dispose]: () => {
      execFileSync('umount', [folder.path]);
      folder[Symbol.dispose]();
    },
  };
};

export const canMakeTinyDisk = (): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    makeTinyDisk()[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
};
