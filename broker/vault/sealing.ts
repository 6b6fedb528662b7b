/** What seals a vault: the key, and the header that says where the key comes from. */
import { randomUUID } from 'node:crypto';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Ports } from '../ports.ts';
import type { EnvelopeHeader } from './envelope.ts';
import { findKeychainKey, makeKeychainKey } from './keychain.ts';
import { deriveKey, isWeak, newRecipe } from './passphrase.ts';

export interface Sealing {
  readonly header: EnvelopeHeader;
  readonly key: Uint8Array;
}

/** Where a key comes from: no passphrase means the keychain. */
export interface KeySource {
  readonly keychain: Ports['keychain'];
  readonly passphrase: string | undefined;
}

/** A new key under a name never used before. Rejects with the problem of the keychain. */
export const makeSealing = async (
  { keychain, passphrase }: KeySource,
  format: number,
): Promise<Sealing> => {
  const header: EnvelopeHeader = { format, keyId: randomUUID(), sequence: 0 };
  if (passphrase === undefined)
    return { header, key: await makeKeychainKey(keychain, header.keyId) };
  const recipe = newRecipe();
  return { header: { ...header, passphrase: recipe }, key: await deriveKey(passphrase, recipe) };
};

/** The key of a vault. Rejects with `vault-wrong-key` without its passphrase, else like `findKeychainKey`. */
export const keyFor = (
  header: EnvelopeHeader,
  { keychain, passphrase }: KeySource,
): Promise<Uint8Array> => {
  if (header.passphrase === undefined) return findKeychainKey(keychain, header.keyId);
  if (passphrase !== undefined) return deriveKey(passphrase, header.passphrase);
  throw new ProblemError('vault-wrong-key', 'this vault is sealed with a passphrase', {
    hint: 'type it in the window, or give it to `drawbridge vault open --passphrase-prompt`; or start the daemon with it: drawbridge serve --passphrase-file <file>',
  });
};

/** What seals the next save: the same, or a recipe of today where the one found has become too cheap to guess. */
export const strengthened = async (
  sealing: Sealing,
  { passphrase }: KeySource,
): Promise<Sealing> => {
  const { header } = sealing;
  if (passphrase === undefined || header.passphrase === undefined || !isWeak(header.passphrase))
    return sealing;
  const recipe = newRecipe();
  return { header: { ...header, passphrase: recipe }, key: await deriveKey(passphrase, recipe) };
};

/** The name of the key in the keychain, when it rests there. */
export const keychainKeyOf = ({ passphrase, keyId }: EnvelopeHeader): string | undefined =>
  passphrase === undefined ? keyId : undefined;

/** All keys in the keychain that a header speaks of. */
export const keysOf = (header: EnvelopeHeader | undefined): string[] =>
  header === undefined
    ? []
    : [keychainKeyOf(header), header.retires].filter((keyId) => keyId !== undefined);
