/** The sealed file where secrets rest: a map of named records, durable before a write resolves. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { type Problem, ProblemError, problemError } from '../../shared/contract/problems.ts';
import type { VaultView } from '../../shared/contract/snapshot.ts';
import type { Ports } from '../ports.ts';
import { readIfPresent, writeAtomically } from '../storage/atomic-file.ts';
import { type EnvelopeHeader, readHeader, seal, unseal } from './envelope.ts';
import { findKeychainKey, makeKeychainKey } from './keychain.ts';
import { deriveKey, newRecipe } from './passphrase.ts';

export interface Vault {
  readonly view: () => VaultView;
  /** Opens it if it is closed: after the person unlocked the keychain, say. Never rejects; look at `view`. */
  readonly open: () => Promise<void>;
  readonly names: () => readonly string[];
  readonly read: (name: string) => unknown;
  /**
   * Puts a record (undefined removes it), durable when it resolves. Writes happen in the order asked.
   *
   * Rejects with `cannot-save` when the disk refuses, and with the vault's own problem while it is closed;
   * the old record then still stands.
   */
  readonly write: (name: string, record: unknown) => Promise<void>;
}

const Records = z.record(z.string(), z.unknown());
type Records = z.infer<typeof Records>;

interface Sealed {
  readonly header: EnvelopeHeader;
  readonly key: Uint8Array;
}

interface OpenVault {
  readonly records: Records;
  /** Absent: nothing is written, and everything ends with the process. */
  readonly sealed?: Sealed;
}

/**
 * The vault of a data folder.
 *
 * Its key comes from the passphrase when one is given, else from the keychain. On a machine without a keychain,
 * and only where no vault exists yet, it lives in memory and says so. Never plaintext, and never a new key over
 * an existing vault.
 */
export const createVault = (
  folder: string,
  keychain: Ports['keychain'],
  passphrase: string | undefined,
): Vault => {
  const file = path.join(folder, 'vault.sealed');
  const previous = path.join(folder, 'vault.previous');
  let vault: OpenVault | undefined;
  let view: VaultView = {
    kind: passphrase === undefined ? 'keychain' : 'passphrase',
    state: 'closed',
    // A keychain prompt may wait for a minute: until it is answered nobody can tell who is signed in.
    problem: notOpenYet,
  };
  let writes: Promise<unknown> = Promise.resolve();
  let opening: Promise<void> | undefined;
  /** Made but not in use yet: while the file cannot be written, each try would leave another key in the keychain. */
  let made: Sealed | undefined;

  const save = async ({ sealed }: OpenVault, records: Records): Promise<OpenVault> => {
    if (sealed === undefined) return { records };
    const header = { ...sealed.header, sequence: sealed.header.sequence + 1 };
    try {
      await writeAtomically(file, seal(header, sealed.key, JSON.stringify(records)), {
        keepPrevious: previous,
      });
    } catch (cause) {
      throw new ProblemError('cannot-save', 'the vault could not be written', {
        hint: `check that there is room on the disk and that ${folder} is yours to write`,
        cause,
      });
    }
    return { records, sealed: { header, key: sealed.key } };
  };

  const openExisting = async (bytes: Buffer): Promise<OpenVault> => {
    const header = readHeader(bytes);
    const key = await keyFor(header, keychain, passphrase);
    return {
      records: Records.parse(JSON.parse(contentOf(bytes, key, header))),
      sealed: { header, key },
    };
  };

  const makeNew = async (): Promise<OpenVault> => {
    try {
      made ??= await makeKey(keychain, passphrase);
      return await save({ records: {}, sealed: made }, {});
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'vault-no-keychain')
        return { records: {} };
      throw error;
    }
  };

  const open = async (): Promise<void> => {
    try {
      const bytes = await readIfPresent(file);
      if (bytes === undefined && (await readIfPresent(previous)) !== undefined) throw lostFile();
      vault = bytes === undefined ? await makeNew() : await openExisting(bytes);
      view = { kind: kindOf(vault), state: 'open' };
    } catch (error) {
      view = { ...view, state: 'closed', problem: closedBecause(error) };
    }
  };

  return {
    view: () => view,
    open: () => {
      if (vault !== undefined) return Promise.resolve();
      opening ??= open().finally(() => (opening = undefined));
      return opening;
    },
    names: () => Object.keys(vault?.records ?? {}),
    read: (name) => vault?.records[name],
    write: (name, record) => {
      const write = writes.then(async () => {
        if (vault === undefined) throw problemError(view.problem ?? notOpenYet);
        const { [name]: _replaced, ...others } = vault.records;
        vault = await save(vault, record === undefined ? others : { ...others, [name]: record });
      });
      // The next write waits for this one, not for its success.
      writes = write.catch(() => undefined);
      return write;
    },
  };
};

/** Its copy tells that there was one: a new vault in its place would soon write over the copy as well. */
const lostFile = (): ProblemError =>
  new ProblemError(
    'vault-damaged',
    'the vault file is gone, and only the copy before its last save is left',
    {
      hint: 'rename vault.previous to vault.sealed in the data folder, or remove it to begin anew',
    },
  );

const kindOf = ({ sealed }: OpenVault): VaultView['kind'] => {
  if (sealed === undefined) return 'memory';
  return sealed.header.passphrase === undefined ? 'keychain' : 'passphrase';
};

const makeKey = async (
  keychain: Ports['keychain'],
  passphrase: string | undefined,
): Promise<Sealed> => {
  const header: EnvelopeHeader = { format: 1, keyId: randomUUID(), sequence: 0 };
  if (passphrase === undefined)
    return { header, key: await makeKeychainKey(keychain, header.keyId) };
  const recipe = newRecipe();
  return { header: { ...header, passphrase: recipe }, key: await deriveKey(passphrase, recipe) };
};

const contentOf = (bytes: Buffer, key: Uint8Array, header: EnvelopeHeader): string => {
  try {
    return unseal(bytes, key);
  } catch (cause) {
    if (header.passphrase === undefined) throw cause;
    throw new ProblemError('vault-wrong-key', 'this passphrase does not open the vault', {
      hint: 'check the file given with --passphrase-file',
      cause,
    });
  }
};

const keyFor = (
  header: EnvelopeHeader,
  keychain: Ports['keychain'],
  passphrase: string | undefined,
): Promise<Uint8Array> => {
  if (header.passphrase === undefined) return findKeychainKey(keychain, header.keyId);
  if (passphrase !== undefined) return deriveKey(passphrase, header.passphrase);
  throw new ProblemError('vault-wrong-key', 'this vault is sealed with a passphrase', {
    hint: 'start Drawbridge with --passphrase-file',
  });
};

const notOpenYet: Problem = { code: 'vault-locked', message: 'the vault is not open yet' };

const closedBecause = (error: unknown): Problem =>
  error instanceof ProblemError
    ? error.problem
    : { code: 'vault-damaged', message: 'the vault file cannot be read' };
