/** What the vault keeps in the OS keychain, and what each failure of a keychain means. */
import { randomBytes } from 'node:crypto';
import { type Problem, type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import type { Clock, KeychainReply, KeychainRequest, Ports } from '../ports.ts';

const SERVICE = 'drawbridge';
const KEY_BYTES = 32;
/** Long enough for a person to find and answer the keychain's own prompt. */
const PROMPT_MS = 60_000;
/** A keychain that needs no prompt has answered by then. */
const SLOW_MS = 3_000;
/** A mark is no reason to let anything wait, nor to leave a prompt standing. */
const MARK_MS = 5_000;
/** No person finds and dismisses a prompt faster: what was dismissed by then was never shown. */
const FASTEST_PERSON_MS = 1_000;

type Keychain = Ports['keychain'];

/**
 * The key of the vault called `keyId`.
 *
 * Rejects with `vault-key-missing` when the keychain works and does not hold it, and with the problem of the
 * keychain when it cannot tell. Never makes a key.
 */
export const findKeychainKey = async (keychain: Keychain, keyId: string): Promise<Uint8Array> => {
  const stored = await call(keychain, { deed: 'get', service: SERVICE, user: keyId });
  const key = stored === null ? undefined : Buffer.from(stored, 'base64');
  if (key === undefined || key.length !== KEY_BYTES) {
    throw new ProblemError(
      'vault-key-missing',
      'the keychain does not hold the key of this vault',
      {
        hint: 'unlock or restore the keychain that holds it, or move vault.sealed and vault.previous out of the data folder and sign in again',
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

/** Removes a key and its mark; the vaults it sealed open no more. Rejects with the problem of the keychain. */
export const removeKeychainKey = async (keychain: Keychain, keyId: string): Promise<void> => {
  await call(keychain, { deed: 'delete', service: SERVICE, user: keyId });
  await call(keychain, { deed: 'delete', service: SERVICE, user: markOf(keyId) });
};

/**
 * The highest save known to have been there, or undefined when nothing is noted.
 *
 * An item of its own: the key must not be written again and again. Rejects with the problem of the keychain.
 */
export const findMark = async (keychain: Keychain, keyId: string): Promise<number | undefined> => {
  const stored = await call(keychain, { deed: 'get', service: SERVICE, user: markOf(keyId) });
  const mark = stored === null || !/^\d{1,15}$/.test(stored) ? Number.NaN : Number(stored);
  return Number.isNaN(mark) ? undefined : mark;
};

/** Notes the highest save: over an older mark, and only what is durable. Rejects with the problem of the keychain. */
export const setMark = async (keychain: Keychain, keyId: string, mark: number): Promise<void> => {
  const entry = { service: SERVICE, user: markOf(keyId) };
  await call(keychain, { deed: 'set', ...entry, secret: String(mark) }, MARK_MS);
};

const markOf = (keyId: string): string => `${keyId}.mark`;

/** The same keychain, telling when a call of it takes longer than a keychain takes by itself. */
export const tellingSlowness =
  (keychain: Keychain, clock: Clock, onSlow: (problem: Problem) => void): Keychain =>
  async (request, timeoutMs) => {
    const cancel = clock.after(SLOW_MS, () => onSlow(slow));
    try {
      return await keychain(request, timeoutMs);
    } finally {
      cancel();
    }
  };

const call = async (
  keychain: Keychain,
  request: KeychainRequest,
  limit = PROMPT_MS,
): Promise<string | null> => {
  let reply: KeychainReply;
  try {
    reply = await keychain(request, limit);
  } catch (cause) {
    const row = isTimeout(cause) ? unanswered : processEnded;
    throw new ProblemError(row.code, row.message, { hint: hints[row.code], cause });
  }
  if ('value' in reply) return reply.value;
  const { failure, afterMs = 0 } = reply;
  const row =
    failures.find(
      ({ text, atOnce }) => text.test(failure) && !(atOnce && afterMs >= FASTEST_PERSON_MS),
    ) ?? unknownFailure;
  throw new ProblemError(row.code, row.message, { hint: hints[row.code] });
};

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.name === 'TimeoutError';

type KeychainProblem = Extract<
  ProblemCode,
  | 'vault-locked'
  | 'vault-denied'
  | 'vault-unanswered'
  | 'vault-keychain-failed'
  | 'vault-no-keychain'
>;

const hints: Record<KeychainProblem, string> = {
  'vault-locked': 'unlock the keychain of your desktop session, then try again',
  'vault-denied': 'try again, and let Drawbridge use the keychain when it asks',
  'vault-unanswered':
    'look for the prompt of the keychain behind other windows, or restart the keychain, then try again',
  'vault-keychain-failed':
    'see whether other programs reach the keychain, restart it if they do not, then try again',
  'vault-no-keychain':
    'start a keychain such as gnome-keyring or KWallet, or give Drawbridge a passphrase with --passphrase-file',
};

const slow: Problem = {
  code: 'vault-slow',
  message: 'the keychain has not answered yet',
  hint: 'it may be asking for its password, perhaps behind other windows',
};

interface Failure {
  readonly code: KeychainProblem;
  readonly message: string;
}

const locked = { code: 'vault-locked', message: 'the keychain is locked' } as const;
const denied = { code: 'vault-denied', message: 'the keychain was not allowed to answer' } as const;
const unanswered = {
  code: 'vault-unanswered',
  message: 'the keychain, or the prompt it shows, was not answered in time',
} as const;

/**
 * All failures carry one code, so only their text tells them apart. The Secret Service has one text for a prompt
 * that a person dismissed and for one that could not be shown: there only the time tells.
 */
const failures: readonly (Failure & { readonly text: RegExp; readonly atOnce?: true })[] = [
  // A keychain that hangs is there: nothing may be made in its stead. First, because this text guesses at all reasons.
  { text: /did not receive a reply|noreply|timed? ?out/i, ...unanswered },
  { text: /dismissed/i, atOnce: true, ...locked },
  { text: /dismissed|denied|cancel|passphrase you entered is not correct/i, ...denied },
  { text: /locked|interaction is not allowed/i, ...locked },
  {
    text: /no result found|default keychain could not be found/i,
    code: 'vault-no-keychain',
    message: 'the keychain has no default collection',
  },
  {
    text: /dbus|d-bus|autolaunch|not provided|serviceunknown|no keychain is available|logon session does not exist/i,
    code: 'vault-no-keychain',
    message: 'there is no keychain in this session',
  },
];

const processEnded: Failure = {
  code: 'vault-keychain-failed',
  message: 'the process that asks the keychain ended without an answer',
};
/** Never taken for an absent keychain: "cannot tell" must not end in a vault that forgets. */
const unknownFailure: Failure = {
  code: 'vault-keychain-failed',
  message: 'the keychain failed in a way that Drawbridge does not know',
};
