/** Which of the files found is the vault, and what is in it. */
import { type Problem, type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import { readHeader, unseal } from './envelope.ts';
import { findMark } from './keychain.ts';
import { type Migration, migrate, newestFormat, Records } from './migrate.ts';
import {
  type KeySource,
  keychainKeyOf,
  keyFor,
  keysOf,
  type Sealing,
  strengthened,
} from './sealing.ts';
import type { FoundFiles } from './vault-files.ts';

export interface Opened {
  readonly records: Records;
  /** What seals the next save; its sequence is the one of the file that was opened. */
  readonly sealing: Sealing;
  /** The format of the file on disk. */
  readonly format: number;
  /** The highest save that the keychain knows of. */
  readonly mark: number | undefined;
  /** Present when it was the copy that opened. */
  readonly notice?: Problem;
}

export interface OpenOptions {
  /** Takes a file that is older than the one that was open here last: the person put it there on purpose. */
  readonly acceptOlder?: boolean;
  /** What somebody typed just now: for this opening only, and kept nowhere. */
  readonly passphrase?: string | undefined;
}

/**
 * Opens the main file, or the copy before its last save when the main file is gone, torn or exchanged.
 *
 * A main file that only lacks its key is no damaged one: then nothing is opened in its stead. Changes no file.
 * Rejects with what the person can do something about: of the two problems, that of the file that is whole.
 */
export const openSealed = async (
  { main, previous }: FoundFiles,
  source: KeySource,
  steps: readonly Migration[],
  { acceptOlder = false }: Pick<OpenOptions, 'acceptOlder'>,
): Promise<Opened> => {
  const from = async (bytes: Buffer, behind: number): Promise<Opened> => {
    const opened = await unsealed(bytes, source, steps);
    const { mark, sealing } = opened;
    if (mark !== undefined && sealing.header.sequence < mark - behind && !acceptOlder)
      throw rolledBack();
    return { ...opened, sealing: await strengthened(sealing, source) };
  };
  try {
    if (main === undefined) throw gone();
    return await from(main, 0);
  } catch (error) {
    if (previous === undefined || !mayBeReplaced(error, main, previous, steps)) throw error;
    try {
      // The copy is one save older than what the mark may speak of.
      return { ...(await from(previous, 1)), notice: fromCopy(main !== undefined) };
    } catch (copyError) {
      throw isDamaged(error) || !isUnopenable(copyError) ? copyError : error;
    }
  }
};

/** What the vault in these files is opened with; undefined where no file is whole enough to tell. */
export const wantedBy = (
  { main, previous }: FoundFiles,
  steps: readonly Migration[],
): 'keychain' | 'passphrase' | undefined => {
  const headers = [main, previous].map((bytes) => bytes && headerIfWhole(bytes, steps));
  const header = headers.find((one) => one !== undefined);
  if (header === undefined) return undefined;
  return keychainKeyOf(header) === undefined ? 'passphrase' : 'keychain';
};

/** The key ids in the keychain that these files speak of, whether they open or not. */
export const keychainKeysIn = (
  { main, previous }: FoundFiles,
  steps: readonly Migration[],
): string[] => [main, previous].flatMap((bytes) => keysOf(bytes && headerIfWhole(bytes, steps)));

const unsealed = async (
  bytes: Buffer,
  source: KeySource,
  steps: readonly Migration[],
): Promise<Opened> => {
  const header = readHeader(bytes, newestFormat(steps));
  const key = await keyFor(header, source);
  const content = contentOf(bytes, key, header.passphrase !== undefined);
  const records = migrate(Records.parse(JSON.parse(content)), header.format, steps);
  const sealing = { header: { ...header, format: newestFormat(steps) }, key };
  return { records, sealing, format: header.format, mark: await markOf(sealing, source) };
};

const contentOf = (bytes: Buffer, key: Uint8Array, byPassphrase: boolean): string => {
  try {
    return unseal(bytes, key);
  } catch (cause) {
    if (!byPassphrase) throw cause;
    throw new ProblemError('vault-wrong-key', 'this passphrase does not open the vault', {
      hint: 'give the one it was sealed with last: it may have been changed in the window or with `drawbridge vault passphrase`; of a file only the first line counts',
      cause,
    });
  }
};

const markOf = async (
  { header }: Sealing,
  { keychain }: KeySource,
): Promise<number | undefined> => {
  const keyId = keychainKeyOf(header);
  if (keyId === undefined) return undefined;
  // The key came from there a moment ago. A keychain that gives no mark now must not cost the person all sign-ins.
  return findMark(keychain, keyId).catch(() => undefined);
};

/**
 * Whether the copy may stand in for a main file that failed like this.
 *
 * Never for one that another key or passphrase would open: the copy beside it then is of before the change of key,
 * except where the keychain itself says that it knows no such key.
 */
const mayBeReplaced = (
  error: unknown,
  main: Buffer | undefined,
  previous: Buffer,
  steps: readonly Migration[],
): boolean => {
  if (isDamaged(error)) return true;
  const [ofMain, ofCopy] = [main && headerIfWhole(main, steps), headerIfWhole(previous, steps)];
  if (ofMain === undefined || ofCopy === undefined) return false;
  const sameKey = ofMain.keyId === ofCopy.keyId;
  return codeOf(error) === 'vault-wrong-key'
    ? sameKey
    : codeOf(error) === 'vault-key-missing' && !sameKey;
};

const headerIfWhole = (bytes: Buffer, steps: readonly Migration[]) => {
  try {
    return readHeader(bytes, newestFormat(steps));
  } catch {
    // Damaged or newer: either way it tells us nothing.
    return undefined;
  }
};

const codeOf = (error: unknown): ProblemCode | undefined =>
  error instanceof ProblemError ? error.code : undefined;

const isDamaged = (error: unknown): boolean => codeOf(error) === 'vault-damaged';

/** The file's own fault, and no passing trouble of the keychain. */
const isUnopenable = (error: unknown): boolean =>
  ['vault-damaged', 'vault-wrong-key', 'vault-key-missing'].includes(codeOf(error) ?? '');

const gone = (): ProblemError => new ProblemError('vault-damaged', 'the vault file is gone');

const fromCopy = (isThere: boolean): Problem => ({
  code: 'vault-from-copy',
  message: isThere
    ? 'the vault file could not be used, so the copy before its last save was opened'
    : 'the vault file is gone, so the copy before its last save was opened',
  hint: 'what was saved last is missing: an account that was renewed then may have to sign in again',
});

const rolledBack = (): ProblemError =>
  new ProblemError('vault-rolled-back', 'the vault file is older than the one that was open last', {
    hint: 'put the newer vault.sealed back; or, if you restored this one on purpose, open it in the window or with `drawbridge vault open --accept-older`: accounts renewed since may have to sign in again',
  });
