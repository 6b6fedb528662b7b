/** How far the vault has come, noted where somebody who can only exchange files cannot reach. */
import type { Ports } from '../ports.ts';
import type { EnvelopeHeader } from './envelope.ts';
import { setMark } from './keychain.ts';
import { keychainKeyOf } from './sealing.ts';

export interface Marks {
  /** What the keychain was found to hold for a key. */
  readonly found: (keyId: string, mark: number) => void;
  /**
   * Notes a save that is durable, in the background, if it is a later one.
   *
   * Not after every save: a keychain may have locked itself meanwhile, and would ask a person who is not there.
   */
  readonly note: (header: EnvelopeHeader | undefined) => void;
  /** When nothing is being noted any more: a mark of a removed key would outlive it. */
  readonly settled: () => Promise<void>;
}

export const createMarks = (keychain: Ports['keychain']): Marks => {
  const known = new Map<string, number>();
  let noting: Promise<void> | undefined;
  return {
    found: (keyId, mark) => void known.set(keyId, mark),
    note: (header) => {
      const keyId = header && keychainKeyOf(header);
      if (header === undefined || keyId === undefined) return;
      const { sequence } = header;
      if (sequence <= (known.get(keyId) ?? -1)) return;
      noting ??= setMark(keychain, keyId, sequence)
        .then(() => void known.set(keyId, sequence))
        // A mark that stays behind notices less, and is noted at the next occasion.
        .catch(() => undefined)
        .finally(() => (noting = undefined));
    },
    settled: async () => noting,
  };
};
