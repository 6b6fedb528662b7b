/** The files of a vault, and how one takes the place of another without any being lost. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../../shared/contract/problems.ts';
import { keepCopy, readIfPresent, setAside, writeAtomically } from '../storage/atomic-file.ts';
import { keepPrivate } from '../storage/private.ts';

/** Undefined where there is no such file. */
export interface FoundFiles {
  readonly main: Buffer | undefined;
  /** The copy before the last save. */
  readonly previous: Buffer | undefined;
}

export interface VaultFiles {
  /** Rejects with `not-yours` or `vault-unreadable`. */
  readonly find: () => Promise<FoundFiles>;
  /** Moves a main file that cannot be used out of the way; where that fails, the next `save` does it or writes nothing. */
  readonly putAsideIfPossible: () => void;
  /**
   * Replaces the main file by these bytes, durable when it resolves, and keeps what it replaces as the copy.
   *
   * Only what we wrote or opened is good enough to become the copy: anything else found there is put aside first, and
   * its new name returned. `keepAs` names another copy of what is replaced. Rejects with `cannot-save`.
   */
  readonly save: (bytes: Buffer, keepAs?: string) => Promise<string | undefined>;
  /** Removes every file of the vault, and gives the names of those that could not be removed. */
  readonly remove: () => Promise<string[]>;
}

/** The vault files in `folder`; `now` is the clock's. */
export const createVaultFiles = (folder: string, now: () => number): VaultFiles => {
  const main = path.join(folder, 'vault.sealed');
  const previous = path.join(folder, 'vault.previous');
  /** What lies in the main file as far as we know. */
  let known: Buffer | undefined;

  const putAside = (): string | undefined => {
    known = undefined;
    try {
      return path.basename(setAside(main, now()));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };

  return {
    find: async () => {
      try {
        await keepPrivate(main);
        await keepPrivate(previous);
        known = await readIfPresent(main);
        return { main: known, previous: await readIfPresent(previous) };
      } catch (cause) {
        if (cause instanceof ProblemError) throw cause;
        throw new ProblemError('vault-unreadable', 'the vault file cannot be read', {
          hint: `see that vault.sealed and vault.previous in ${folder} are files that you may read, then try again`,
          cause,
        });
      }
    },
    putAsideIfPossible: () => {
      try {
        putAside();
      } catch {
        // A folder that cannot be written must not keep the copy from opening.
      }
    },
    save: async (bytes, keepAs) => {
      try {
        const found = await readIfPresent(main);
        const isForeign = found !== undefined && known?.equals(found) !== true;
        const aside = isForeign ? putAside() : undefined;
        const replaced = found === undefined || isForeign ? previous : main;
        if (keepAs !== undefined) await keepCopy(replaced, path.join(folder, keepAs));
        await writeAtomically(main, bytes, { keepPrevious: previous });
        known = bytes;
        return aside;
      } catch (cause) {
        throw new ProblemError('cannot-save', 'the vault could not be written', {
          hint: `check that there is room on the disk and that ${folder} is yours to write`,
          cause,
        });
      }
    },
    remove: async () => {
      known = undefined;
      const left: string[] = [];
      for (const name of (await readdir(folder)).filter((each) => ofVault.test(each))) {
        await rm(path.join(folder, name), { force: true }).catch(() => left.push(name));
      }
      return left;
    },
  };
};

/** With what was put aside, kept for an older Drawbridge, or left by a killed process. */
const ofVault = /^vault\.(sealed|previous|format-\d+)($|\.)/;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
