/** How far the vault has come, noted where somebody who can only exchange files cannot reach. */
import type { Ports } from '../ports.ts';
import type { EnvelopeHeader } from './envelope.ts';
import { setMark } from './keychain.ts';
import { keychainKeyOf } from './sealing.ts';

export interface Marks {
  /** What the keychain is known to hold for the key in use. */
  readonly found: (mark: number) => void;
  /**
   * Notes a save that is durable, in the background, if it is a later one.
   *
   * Not after every save: a keychain may have locked itself meanwhile, and would ask a person who is not there.
   */
  readonly note: (header: EnvelopeHeader | undefined) => void;
}

export const createMarks = (keychain: Ports['keychain']): Marks => {
  let known = 0;
  let noting: Promise<void> | undefined;
  return {
    found: (mark) => {
      known = mark;
    },
    note: (header) => {
      const keyId = header && keychainKeyOf(header);
      if (header === undefined || keyId === undefined || header.sequence <= known) return;
      noting ??= setMark(keychain, keyId, header.sequence)
        .then(() => void (known = header.sequence))
        // A mark that stays behind notices less, and is noted at the next occasion.
        .catch(() => undefined)
        .finally(() => (noting = undefined));
    },
  };
};
