/** Lines in a file that only its owner reads, appended to, and moved aside before it grows large. */
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readIfPresent, writeAtomically } from './atomic-file.ts';
import { keepPrivate } from './private.ts';

/** One full file is kept beside the current one. Bytes. */
const LARGEST = 2 * 1024 * 1024;

/** One call at a time. Each rejects with the system's error, and leaves the lines that were there before. */
export interface RotatingLines {
  /** All there are, the oldest first; the last one may have been cut short by a crash. Rejects with `not-yours` as well. */
  readonly read: () => Promise<string[]>;
  readonly append: (lines: readonly string[]) => Promise<void>;
  /** These lines and no others. */
  readonly replace: (lines: readonly string[]) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** `<name>.jsonl` in `folder`; the file before it is `<name>.1.jsonl`. */
export const rotatingLines = (folder: string, name: string, largest = LARGEST): RotatingLines => {
  const current = path.join(folder, `${name}.jsonl`);
  const previous = path.join(folder, `${name}.1.jsonl`);
  /** A line may have been cut short at the end of the file: the next one begins on a line of its own. */
  let mayBeCut = true;

  const appendTo = async (text: string): Promise<void> => {
    const size = await sizeOf(current);
    const lead = mayBeCut && size > 0 ? '\n' : '';
    const full = size > 0 && size + Buffer.byteLength(text) > largest;
    if (full) await rename(current, previous);
    mayBeCut = true;
    const file = await open(current, 'a', 0o600);
    try {
      await file.writeFile(full ? text : lead + text);
    } finally {
      await file.close();
    }
    mayBeCut = false;
  };

  return {
    read: async () => {
      const texts: string[] = [];
      for (const file of [previous, current]) {
        await keepPrivate(file);
        // Larger than any of ours, it is not one of ours.
        if ((await sizeOf(file)) > 2 * largest) continue;
        texts.push((await readIfPresent(file))?.toString('utf8') ?? '');
      }
      return texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
    },
    append: async (lines) => {
      for (const part of inParts(lines, largest)) await appendTo(part);
    },
    replace: async (lines) => {
      const parts = inParts(lines, largest);
      const older = parts.at(-2);
      if (older === undefined) await rm(previous, { force: true });
      else await writeAtomically(previous, older);
      await writeAtomically(current, parts.at(-1) ?? '');
      mayBeCut = false;
    },
    remove: async () => {
      await rm(current, { force: true });
      await rm(previous, { force: true });
    },
  };
};

/** As few texts as hold these lines, none of them larger than a file may be. */
const inParts = (lines: readonly string[], largest: number): string[] => {
  const parts: string[] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line) + 1;
    if (size + bytes > largest) {
      parts.push('');
      size = 0;
    }
    parts.push(`${parts.pop() ?? ''}${line}\n`);
    size += bytes;
  }
  return parts;
};

const sizeOf = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
};
