/** The sealed file where secrets rest: a map of named records, durable before a write resolves. */
import {
  type Problem,
  ProblemError,
  problemError,
  toProblem,
} from '../../shared/contract/problems.ts';
import type { VaultView } from '../../shared/contract/snapshot.ts';
import type { Clock, Ports } from '../ports.ts';
import { seal } from './envelope.ts';
import { removeKeychainKey, tellingSlowness } from './keychain.ts';
import { createMarks } from './marks.ts';
import { type Migration, migrations, newestFormat, type Records } from './migrate.ts';
import { keychainKeysIn, type OpenOptions, openSealed, wantedBy } from './open-sealed.ts';
import { type KeySource, keychainKeyOf, keysOf, makeSealing, type Sealing } from './sealing.ts';
import { createVaultFiles, type FoundFiles } from './vault-files.ts';

export interface Vault {
  readonly view: () => VaultView;
  /**
   * Opens it if it is closed: after the person unlocked the keychain, say. Never rejects; look at `view`.
   *
   * Only with a passphrase in its options, for a vault that is sealed with one and stays closed without it, it rejects:
   * with `vault-wrong-key` for the wrong one, which changes nothing and may be tried again.
   *
   * Call it whenever the person is there, open or not: it is then that the keychain learns of the last save. During a
   * wipe it waits, and then makes a new vault.
   */
  readonly open: (options?: OpenOptions) => Promise<void>;
  readonly names: () => readonly string[];
  readonly read: (name: string) => unknown;
  /**
   * Puts a record (undefined removes it), durable when it resolves. Writes happen in the order asked.
   *
   * Rejects with `cannot-save` when the disk refuses, and with the vault's own problem while it is closed;
   * the old record then still stands.
   */
  readonly write: (name: string, record: unknown) => Promise<void>;
  /**
   * Seals everything anew with a fresh key, in the keychain or from a passphrase, and removes the old key: rotation,
   * another passphrase, or a lasting place for what lived in memory.
   *
   * The old key goes only when both files open with the new one; if it cannot go now, `view` says so and the next
   * `open` tries again. Rejects, with nothing changed, when the new key or the file cannot be written.
   */
  readonly sealAnew: (
    how:
      | { readonly kind: 'keychain' }
      | { readonly kind: 'passphrase'; readonly passphrase: string },
  ) => Promise<void>;
  /**
   * Wipes the vault: its records, all its files, its keys in the keychain. Never rejects, and may be repeated; gives
   * what could not be removed. Afterwards the vault is closed, and `open` makes a new one.
   */
  readonly destroy: () => Promise<Problem[]>;
}

export interface VaultParts {
  readonly folder: string;
  readonly keychain: Ports['keychain'];
  readonly clock: Clock;
  /** Seals the vault with this instead of a key in the keychain. */
  readonly passphrase?: string | undefined;
  /** `view` has changed without anybody having asked for it. */
  readonly onChange?: () => void;
  /** Other steps than the product's own. */
  readonly migrations?: readonly Migration[];
}

interface OpenVault {
  readonly records: Records;
  /** Undefined: nothing is written, and everything ends with the process. */
  readonly sealing: Sealing | undefined;
}

/**
 * The vault of a data folder.
 *
 * Its key comes from the passphrase when one is given, else from the keychain. On a machine without a keychain,
 * and only where no vault exists yet, it lives in memory and says so. Never plaintext, and never a new key over
 * an existing vault.
 */
export const createVault = (parts: VaultParts): Vault => {
  const { folder, clock, onChange = () => undefined } = parts;
  const steps = parts.migrations ?? migrations;
  const files = createVaultFiles(folder, clock.now);
  let vault: OpenVault | undefined;
  let view: VaultView = {
    kind: parts.passphrase === undefined ? 'keychain' : 'passphrase',
    state: 'closed',
    // A keychain prompt may wait for a minute: until it is answered nobody can tell who is signed in.
    problem: notOpenYet,
  };
  const keychain = tellingSlowness(parts.keychain, clock, (problem) => {
    if (vault === undefined) tell(problem);
  });
  const marks = createMarks(keychain);
  let source: KeySource = { keychain, passphrase: parts.passphrase };
  let turns: Promise<unknown> = Promise.resolve();
  let opening: Promise<Problem | undefined> | undefined;
  let wiping: Promise<unknown> | undefined;
  /** Made but not in use yet: while the file cannot be written, each try would leave another key in the keychain. */
  let made: Sealing | undefined;
  /** The format of the main file. */
  let formatThere: number | undefined;
  /** Keys that a wipe could not remove. */
  const unremoved = new Set<string>();

  /** Tells it unasked: an open vault that has something to say, or a closed one that is slow. */
  const tell = (problem: Problem): void => {
    view = { ...view, problem };
    onChange();
  };

  /** One after the other; the next waits for this one, not for its success. */
  const inTurn = <T>(deed: () => Promise<T>): Promise<T> => {
    const turn = turns.then(deed);
    turns = turn.catch(() => undefined);
    return turn;
  };

  const assertOpen = (): OpenVault => {
    if (vault === undefined) throw problemError(view.problem ?? notOpenYet);
    return vault;
  };

  /** From here on the records are these, and where they last, they are durable. */
  const save = async (records: Records, sealing: Sealing | undefined): Promise<void> => {
    if (sealing === undefined) {
      vault = { records, sealing };
      return;
    }
    const header = { ...sealing.header, sequence: sealing.header.sequence + 1 };
    const isNewer = formatThere !== undefined && formatThere < header.format;
    const aside = await files.save(
      seal(header, sealing.key, JSON.stringify(records)),
      isNewer ? `vault.format-${formatThere}` : undefined,
    );
    formatThere = header.format;
    vault = { records, sealing: { header, key: sealing.key } };
    if (aside !== undefined) tell(replaced(aside));
  };

  const saveAgain = async (): Promise<void> => {
    const { records, sealing } = assertOpen();
    await save(records, sealing);
  };

  /** Makes the copy open with the new key as well, as the file does by now; only then may the old key go. */
  const finishSealing = async (): Promise<void> => {
    try {
      await saveAgain();
      const { records, sealing } = assertOpen();
      if (sealing?.header.retires === undefined) return;
      const { retires, ...header } = sealing.header;
      await marks.settled();
      await removeKeychainKey(keychain, retires);
      await save(records, { ...sealing, header });
      marks.note(vault?.sealing?.header);
    } catch {
      // Whatever it was may pass; what the person should know is what is left behind.
      tell(keyRemains);
    }
  };

  const makeNew = async (): Promise<undefined> => {
    try {
      made ??= await makeSealing(source, newestFormat(steps));
      await save({}, made);
      made = undefined;
    } catch (error) {
      if (!(error instanceof ProblemError && error.code === 'vault-no-keychain')) throw error;
      await save({}, undefined);
    }
  };

  const openFound = async (
    found: FoundFiles,
    options: OpenOptions,
    from: KeySource,
  ): Promise<Problem | undefined> => {
    const {
      records,
      sealing,
      notice,
      format,
      mark = 0,
    } = await openSealed(found, from, steps, options);
    formatThere = format;
    marks.found(sealing.header.keyId, mark);
    if (notice !== undefined) files.putAsideIfPossible();
    if (sealing.header.sequence < mark && options.acceptOlder === true) {
      // Counted on from the mark, or the next start would find it too old again.
      await save(records, { ...sealing, header: { ...sealing.header, sequence: mark } });
    } else {
      vault = { records, sealing };
    }
    return notice;
  };

  /** Gives why it stays closed. */
  const open = async (
    options: OpenOptions,
    from: KeySource = source,
  ): Promise<Problem | undefined> => {
    let found: FoundFiles = { main: undefined, previous: undefined };
    try {
      found = await files.find();
      const isNone = found.main === undefined && found.previous === undefined;
      const problem = isNone ? await makeNew() : await openFound(found, options, from);
      view = { kind: kindOf(assertOpen()), state: 'open', ...(problem && { problem }) };
    } catch (error) {
      const problem = toProblem(error);
      // A slip in what was typed is news for whoever typed it, and for nobody else.
      if (from === source)
        view = { kind: wantedBy(found, steps) ?? view.kind, state: 'closed', problem };
      return problem;
    }
    if (vault?.sealing?.header.retires === undefined) marks.note(vault?.sealing?.header);
    // In the background: who waits for the vault wants its records.
    else void inTurn(finishSealing);
    return undefined;
  };

  /** One at a time: who comes meanwhile has the outcome of the one under way. */
  const openOnce = (options: OpenOptions, from?: KeySource): Promise<Problem | undefined> => {
    opening ??= Promise.resolve(wiping)
      .then(() => open(options, from))
      .finally(() => (opening = undefined));
    return opening;
  };

  /** After one without it has failed, and after those of others, whose passphrase may be another. */
  const openWith = async (passphrase: string, options: OpenOptions): Promise<void> => {
    if (opening !== undefined) {
      await opening;
      return openWith(passphrase, options);
    }
    if (vault !== undefined || view.kind !== 'passphrase') return;
    const problem = await openOnce(options, { keychain, passphrase });
    if (problem !== undefined) throw problemError(problem);
  };

  const destroy = async (underWay: Promise<unknown> | undefined): Promise<Problem[]> => {
    const found = await files.find().catch(() => undefined);
    for (const keyId of found === undefined ? [] : keychainKeysIn(found, steps))
      unremoved.add(keyId);
    // At once: what is under way may wait a minute for the keychain.
    await files.remove();
    await underWay;
    return inTurn(async () => {
      for (const sealing of [vault?.sealing, made]) {
        for (const keyId of keysOf(sealing?.header)) unremoved.add(keyId);
      }
      vault = undefined;
      made = undefined;
      formatThere = undefined;
      view = { kind: view.kind, state: 'closed', problem: notOpenYet };
      const left = await files.remove();
      await marks.settled();
      for (const keyId of unremoved) {
        const gone = await removeKeychainKey(keychain, keyId).then(
          () => true,
          () => false,
        );
        if (gone) unremoved.delete(keyId);
      }
      return [
        ...left.map((name) => fileRemains(folder, name)),
        ...(unremoved.size === 0 ? [] : [wipedKeyRemains]),
      ];
    });
  };

  return {
    view: () => view,
    open: async ({ passphrase, ...options } = {}) => {
      if (vault !== undefined && opening === undefined && wiping === undefined) {
        marks.note(vault.sealing?.header);
        return;
      }
      await openOnce(options);
      if (passphrase !== undefined) await openWith(passphrase, options);
    },
    names: () => Object.keys(vault?.records ?? {}),
    read: (name) => vault?.records[name],
    write: (name, record) =>
      inTurn(async () => {
        const { records, sealing } = assertOpen();
        const { [name]: _replaced, ...others } = records;
        await save(record === undefined ? others : { ...others, [name]: record }, sealing);
      }),
    sealAnew: (how) =>
      inTurn(async () => {
        const { records, sealing } = assertOpen();
        if (sealing?.header.retires !== undefined) await finishSealing();
        if (vault?.sealing?.header.retires !== undefined) throw problemError(keyRemains);
        const next: KeySource = {
          keychain,
          passphrase: how.kind === 'passphrase' ? how.passphrase : undefined,
        };
        const fresh = await makeSealing(next, newestFormat(steps));
        const retires = sealing && keychainKeyOf(sealing.header);
        const sequence = vault?.sealing?.header.sequence ?? 0;
        const header = { ...fresh.header, sequence, ...(retires !== undefined && { retires }) };
        try {
          await save(records, { header, key: fresh.key });
        } catch (error) {
          // It has sealed nothing.
          if (next.passphrase === undefined)
            await removeKeychainKey(keychain, header.keyId).catch(() => undefined);
          throw error;
        }
        source = next;
        view = { kind: how.kind, state: 'open' };
        await finishSealing();
        marks.note(vault?.sealing?.header);
      }),
    destroy: () => {
      const done = destroy(opening);
      const over: Promise<unknown> = done
        .catch(() => undefined)
        .finally(() => {
          if (wiping === over) wiping = undefined;
        });
      wiping = over;
      return done;
    },
  };
};

const kindOf = ({ sealing }: OpenVault): VaultView['kind'] => {
  if (sealing === undefined) return 'memory';
  return keychainKeyOf(sealing.header) === undefined ? 'passphrase' : 'keychain';
};

const notOpenYet: Problem = { code: 'vault-opening', message: 'the vault is not open yet' };

const replaced = (aside: string): Problem => ({
  code: 'vault-replaced',
  message: 'the vault file was changed by another program while Drawbridge ran',
  hint: `what was found is kept as ${aside} in the data folder; stop Drawbridge before you put a backup in place`,
});

const keyRemains: Problem = {
  code: 'vault-remains',
  message: 'the vault has a new key, but its old one could not be removed yet',
  hint: 'Drawbridge tries again at its next start, with the keychain unlocked and room on the disk',
};

const wipedKeyRemains: Problem = {
  code: 'vault-remains',
  message: 'the keychain did not let go of the key of the wiped vault',
  hint: 'unlock the keychain and wipe again, or remove the items of the service "drawbridge" there by hand',
};

const fileRemains = (folder: string, name: string): Problem => ({
  code: 'vault-remains',
  message: `${name} could not be removed`,
  hint: `remove it from ${folder} by hand; without its key it opens no more`,
});
