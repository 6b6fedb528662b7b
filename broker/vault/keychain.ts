/** The vault key in the OS keychain: reading it, making it once, and what each failure means. */
import { randomBytes } from 'node:crypto';
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import type { KeychainReply, KeychainRequest, Ports } from '../ports.ts';

const SERVICE = 'drawbridge';
const KEY_BYTES = 32;
/** Long enough for a person to find and answer the keychain's own prompt. */
const PROMPT_MS = 60_000;

type Keychain = Ports['keychain'];

/**
 * The key of the vault called `keyId`.
 *
 * Rejects with `vault-key-missing` when the keychain works and does not hold it, and with `vault-locked` or
 * `vault-no-keychain` when it cannot tell. Never makes a key.
 */
export const findKeychainKey = async (keychain: Keychain, keyId: string): Promise<Uint8Array> => {
  const stored = await call(keychain, { deed: 'get', service: SERVICE, user: keyId });
  const key = stored === null ? undefined : Buffer.from(stored, 'base64');
  if (key === undefined || key.length !== KEY_BYTES) {
    throw new ProblemError(
      'vault-key-missing',
      'the keychain does not hold the key of this vault',
      {
        hint: 'restore the keychain, or move vault.sealed out of the data folder and sign in again',
      },
    );
  }
  return key;
};

/** Makes a key under a name never used before, and reads it back: a keychain that forgets must not seal anything. */
export const makeKeychainKey = async (keychain: Keychain, keyId: string): Promise<Uint8Array> => {
  const key = randomBytes(KEY_BYTES);
  const entry = { service: SERVICE, user: keyId };
  await call(keychain, { deed: 'set', ...entry, secret: key.toString('base64') });
  if ((await call(keychain, { deed: 'get', ...entry })) !== key.toString('base64')) {
    throw new ProblemError('vault-no-keychain', 'the keychain did not keep the vault key', {
      hint: hints['vault-no-keychain'],
    });
  }
  return key;
};

const call = async (keychain: Keychain, request: KeychainRequest): Promise<string | null> => {
  let reply: KeychainReply;
  try {
    reply = await keychain(request, PROMPT_MS);
  } catch (cause) {
    throw new ProblemError('vault-locked', 'the keychain did not answer', {
      hint: hints['vault-locked'],
      cause,
    });
  }
  if ('value' in reply) return reply.value;
  const { failure } = reply;
  const row = failures.find(({ text }) => text.test(failure)) ?? unknownFailure;
  throw new ProblemError(row.code, row.message, { hint: hints[row.code] });
};

type KeychainProblem = Extract<ProblemCode, 'vault-locked' | 'vault-no-keychain'>;

const hints: Record<KeychainProblem, string> = {
  'vault-locked': 'unlock the keychain of your desktop session, then try again',
  'vault-no-keychain':
    'start a keychain such as gnome-keyring or KWallet, or give Drawbridge a passphrase with --passphrase-file',
};

interface Failure {
  readonly text: RegExp;
  readonly code: KeychainProblem;
  readonly message: string;
}

/** All failures carry one code, so only their text tells them apart. */
const failures: readonly Failure[] = [
  {
    text: /dismissed|locked|denied|cancel/i,
    code: 'vault-locked',
    message: 'the keychain is locked',
  },
  {
    text: /no result found/i,
    code: 'vault-no-keychain',
    message: 'the keychain has no default collection',
  },
  {
    text: /dbus|d-bus|autolaunch|not provided|serviceunknown/i,
    code: 'vault-no-keychain',
    message: 'there is no keychain in this session',
  },
];

/** A text not met yet is taken for a locked keychain: "cannot tell" must not end in a vault that forgets. */
const unknownFailure = { code: 'vault-locked', message: 'the keychain refused' } as const;
