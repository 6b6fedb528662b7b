/** Credentials that need no person: minted when they are wanted, again before they lapse, and once when they are refused. */
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import {
  type Problem,
  ProblemError,
  problemError,
  toProblem,
} from '../../shared/contract/problems.ts';
import type { Logger } from '../log/logger.ts';
import { TokenFailure } from '../oauth/failures.ts';
import type { Clock } from '../ports.ts';
import type { Secret } from '../vault/secret.ts';
import { dueTime } from './due-time.ts';
import { mintInTime } from './mint-in-time.ts';
import { retryDelay } from './retry-delay.ts';
import { secretsIn } from './sources/shown.ts';
import type { Minted, Source } from './sources/source.ts';
import { endOf, type Wait, waitUntil } from './wait.ts';

/** One of them, and which one it is. */
export interface MintedAccess {
  readonly credential: Minted;
  readonly generation: number;
}

/** What may be known outside of what was minted for an account. Times are Unix ms. */
export interface MintedFacts {
  readonly minting: boolean;
  readonly expiresAt: number | undefined;
  readonly renewsAt: number | undefined;
  /** Since when there is this one: the same got once more is no new one. */
  readonly gotAt: number | undefined;
  readonly trouble: Problem | undefined;
}

export interface MintedBook {
  /**
   * What to send, good for a while yet. Rejects with why there is nothing: at once while the next try is not due, so that a
   * hundred waiting calls do not start a program a hundred times.
   */
  readonly access: (key: AccountKey) => Promise<MintedAccess>;
  /**
   * What to send instead of what a server refused, minted anew unless it has been meanwhile. Rejects like `access`, and with
   * `token-refused` where a new one was refused only just before: a server that refuses everything must not be asked for ever.
   */
  readonly afterRefusal: (key: AccountKey, generation: number) => Promise<MintedAccess>;
  /** A server has taken it: whatever was refused before is in order again. */
  readonly accepted: (key: AccountKey, generation: number) => void;
  /** Mints now, whatever the time. Rejects like `access`. */
  readonly renew: (key: AccountKey) => Promise<void>;
  readonly facts: (key: AccountKey) => MintedFacts | undefined;
  /** What failed may work by now: the vault is open, or the network is back. */
  readonly again: () => void;
  /** What was minted for the account is used no more, nor what is being minted. */
  readonly forget: (key: AccountKey) => void;
  readonly stop: () => void;
}

export interface MintedDeps {
  /** How it is minted for an account now. Throws `not-found`. */
  readonly sourceOf: (key: AccountKey) => Source;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'conceal' | 'letGo' | 'warn'>;
  /** Random in [0, 1), for jitter. */
  readonly random: () => number;
  readonly onChange: () => void;
}

/** One this close to its end may run out on the way; a tenth of its life for short ones, ms. */
const MARGIN_MS = 10_000;
/** What is refused this soon after it was minted for a refusal is not refused for its age, ms. */
const FRESH_MS = 20_000;

interface Entry {
  readonly key: AccountKey;
  readonly gone: AbortController;
  current:
    | (MintedAccess & {
        readonly mintedAt: number;
        readonly gotAt: number;
        readonly end: Wait | undefined;
      })
    | undefined;
  /** Of the one before: what is said of it late is still hidden. */
  replaced: readonly Secret[];
  minting: Promise<void> | undefined;
  trouble:
    | { readonly problem: Problem; readonly failures: number; readonly wait: Wait }
    | undefined;
  /** When a refusal was answered with a new one, by the clock that nobody sets. */
  answeredAt: number | undefined;
  /** Asked for since it was minted anew ahead of its end: what nobody uses is minted when somebody does. */
  isUsed: boolean;
  due: Wait | undefined;
  stopTimer: () => void;
}

export const createMinted = ({
  sourceOf,
  clock,
  log,
  random,
  onChange,
}: MintedDeps): MintedBook => {
  const entries = new Map<string, Entry>();
  let stopped = false;

  const entryOf = (key: AccountKey): Entry => {
    const known = entries.get(keyText(key));
    if (known !== undefined) return known;
    const entry: Entry = {
      ...{ key, gone: new AbortController(), isUsed: false, stopTimer: () => undefined },
      ...{ current: undefined, minting: undefined, trouble: undefined, answeredAt: undefined },
      ...{ due: undefined, replaced: [] },
    };
    entries.set(keyText(key), entry);
    return entry;
  };

  /** One at a time: who comes meanwhile waits for the one under way. */
  const mint = (entry: Entry): Promise<void> => {
    entry.minting ??= mintOnce(entry).finally(() => {
      entry.minting = undefined;
      onChange();
    });
    return entry.minting;
  };

  const mintOnce = async (entry: Entry): Promise<void> => {
    try {
      const minted = await mintInTime(sourceOf(entry.key), clock, entry.gone.signal);
      for (const secret of secretsIn(minted)) log.conceal(secret);
      take(entry, minted);
    } catch (error) {
      if (entry.gone.signal.aborted) return;
      const failures = (entry.trouble?.failures ?? 0) + 1;
      const { problem, waitMs } = failureOf(error);
      const wait = Math.max(waitMs, retryDelay(failures, random()));
      entry.trouble = { problem, failures, wait: waitUntil(clock, clock.now() + wait) };
      log.warn('not-minted', { key: keyText(entry.key), code: problem.code, error });
    }
  };

  const take = (entry: Entry, minted: Minted): void => {
    const { expiresAt } = minted;
    const mintedAt = clock.now();
    if (expiresAt !== undefined && expiresAt <= mintedAt) throw expired();
    const before = entry.current;
    const isNew = before === undefined || !isSame(before.credential, minted);
    if (isNew) letGo(entry, minted);
    // The same one again is no better than it was, until the server takes it.
    if (isNew || !isRefused(entry)) entry.trouble = undefined;
    entry.current = {
      ...{ credential: minted, mintedAt },
      gotAt: isNew ? mintedAt : before.gotAt,
      generation: (before?.generation ?? 0) + (isNew ? 1 : 0),
      end: expiresAt === undefined ? undefined : waitUntil(clock, expiresAt),
    };
    planNext(entry);
  };

  /** Many are minted in a long life, and the log has room for so many secrets. What others use as well stays hidden. */
  const letGo = (entry: Entry, minted: Minted): void => {
    const spent = entry.replaced;
    entry.replaced = entry.current === undefined ? [] : secretsIn(entry.current.credential);
    const used = [...entries.values()].flatMap(({ current, replaced }) => [
      ...(current === undefined ? [] : secretsIn(current.credential)),
      ...replaced,
    ]);
    const kept = new Set([...secretsIn(minted), ...used].map((secret) => secret.reveal()));
    for (const secret of spent) if (!kept.has(secret.reveal())) log.letGo(secret);
  };

  /** Ahead of its end, for those who use it. */
  const planNext = (entry: Entry): void => {
    entry.stopTimer();
    const { current } = entry;
    entry.due = undefined;
    if (current?.credential.expiresAt === undefined || entry.gone.signal.aborted) return;
    const at = dueTime(current.mintedAt, current.credential.expiresAt, random());
    entry.due = waitUntil(clock, at);
    entry.stopTimer = clock.after(at - clock.now(), () => {
      if (!entry.isUsed) return;
      entry.isUsed = false;
      void mint(entry);
    });
  };

  const lives = ({ current }: Entry, marginShare: 0 | 1): boolean => {
    if (current === undefined) return false;
    if (current.end === undefined) return true;
    const lifeMs = current.end.until - current.mintedAt;
    const margin = marginShare * Math.min(MARGIN_MS, lifeMs / 10);
    return clock.now() + margin < endOf(current.end, clock);
  };

  const isRefused = ({ trouble }: Entry): boolean => trouble?.problem.code === 'token-refused';

  const isTooSoon = ({ trouble }: Entry): boolean =>
    trouble !== undefined && clock.now() < endOf(trouble.wait, clock);

  const give = (entry: Entry): MintedAccess => {
    if (entry.current !== undefined && lives(entry, 0)) return entry.current;
    throw problemError(entry.trouble?.problem ?? gone);
  };

  const access = async (key: AccountKey): Promise<MintedAccess> => {
    const entry = entryOf(key);
    entry.isUsed = true;
    const { isCheap } = sourceOf(key);
    if (isCheap) {
      await mint(entry);
      // What was there before counts no more where it has been taken away.
      if (entry.trouble !== undefined && !isRefused(entry))
        throw problemError(entry.trouble.problem);
    } else if (isDue(entry) && !isTooSoon(entry)) {
      const minting = mint(entry);
      if (!lives(entry, 1)) await minting;
    }
    // Forgotten meanwhile, for the secret behind it is another one, say.
    return entry.gone.signal.aborted && !stopped ? access(key) : give(entry);
  };

  /** Shown as its trouble until there is another one: what the server does not take is not in order. */
  const refused = (entry: Entry): ProblemError => {
    const error = refusedThoughFresh();
    if (isRefused(entry)) return error;
    const failures = entry.trouble?.failures ?? 1;
    entry.trouble = {
      ...{ problem: error.problem, failures },
      wait: waitUntil(clock, clock.now() + FRESH_MS),
    };
    onChange();
    return error;
  };

  /** The timer may have passed while the machine slept, or while nobody used it. */
  const isDue = (entry: Entry): boolean =>
    !lives(entry, 1) || (entry.due !== undefined && clock.now() >= endOf(entry.due, clock));

  return {
    access,
    afterRefusal: async (key, generation) => {
      const entry = entryOf(key);
      if (entry.current !== undefined && entry.current.generation !== generation)
        return access(key);
      const sinceMs = clock.steady() - (entry.answeredAt ?? Number.NEGATIVE_INFINITY);
      if (entry.minting === undefined && sinceMs < FRESH_MS) throw refused(entry);
      if (!isTooSoon(entry)) {
        entry.answeredAt = clock.steady();
        await mint(entry);
      }
      if (entry.gone.signal.aborted && !stopped) return access(key);
      if (entry.trouble !== undefined && !isRefused(entry))
        throw problemError(entry.trouble.problem);
      if (entry.current?.generation === generation) throw refused(entry);
      return give(entry);
    },
    accepted: (key, generation) => {
      const entry = entries.get(keyText(key));
      if (entry?.current?.generation !== generation || !isRefused(entry)) return;
      entry.trouble = undefined;
      onChange();
    },
    renew: async (key) => {
      const entry = entryOf(key);
      entry.isUsed = true;
      // Whether the server takes it now shows with the next call.
      if (isRefused(entry)) entry.trouble = undefined;
      await mint(entry);
      if (entry.trouble !== undefined) throw problemError(entry.trouble.problem);
    },
    facts: (key) => {
      const entry = entries.get(keyText(key));
      return (
        entry && {
          minting: entry.minting !== undefined,
          expiresAt: entry.current?.end && endOf(entry.current.end, clock),
          renewsAt: entry.due && endOf(entry.due, clock),
          gotAt: entry.current?.gotAt,
          trouble: entry.trouble?.problem,
        }
      );
    },
    again: () => {
      for (const entry of entries.values()) if (entry.trouble !== undefined) void mint(entry);
    },
    forget: (key) => {
      const entry = entries.get(keyText(key));
      if (entry === undefined) return;
      entry.gone.abort();
      entry.stopTimer();
      entries.delete(keyText(key));
      onChange();
    },
    stop: () => {
      stopped = true;
      for (const { gone: end, stopTimer } of entries.values()) {
        end.abort();
        stopTimer();
      }
      entries.clear();
    },
  };
};

const isSame = (one: Minted, other: Minted): boolean => {
  const [a, b] = [secretsIn(one), secretsIn(other)].map((all) => all.map((each) => each.reveal()));
  return JSON.stringify(a) === JSON.stringify(b);
};

const failureOf = (error: unknown): { readonly problem: Problem; readonly waitMs: number } =>
  error instanceof TokenFailure
    ? { problem: error.problem, waitMs: error.retryAfterMs ?? 0 }
    : { problem: inTime(toProblem(error)), waitMs: 0 };

/** What passes by itself, as an account says it. */
const passing: Partial<Record<Problem['code'], Problem['code']>> = {
  'server-unreachable': 'offline',
  'proxy-failed': 'offline',
  'server-too-slow': 'retrying',
  'server-trouble': 'retrying',
};

const inTime = (problem: Problem): Problem => ({
  ...problem,
  code: passing[problem.code] ?? problem.code,
});

const expired = (): ProblemError =>
  new ProblemError('source-failed', 'the credential that was got has run out already', {
    hint: 'look at the clock of this machine, and at where the credential comes from',
  });

const gone: Problem = { code: 'source-failed', message: 'the credential has run out' };

const refusedThoughFresh = (): ProblemError =>
  new ProblemError('token-refused', 'the server refuses a credential that was only just got', {
    hint: 'it may be for another server, or lack a permission: look at where it comes from',
  });
