/** When each grant is renewed: one timer a grant, ahead of its end, whoever is or is not connected. */
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import type { Clock } from '../ports.ts';
import type { TokenBook } from './book.ts';
import type { GrantFacts } from './book-entry.ts';

export interface Renewals {
  /** Sets the timer of an account anew after anything changed about it. */
  readonly plan: (key: AccountKey) => void;
  /** Sets every timer anew: the machine woke, the clock jumped, the network is back. */
  readonly planAll: (reason: 'wake' | 'network') => void;
  /**
   * The clock is `byMs` from where it should be. Ahead, some may be due by now. Back, nothing is: timers count the time
   * that passes, and only what is said of them changes.
   */
  readonly clockJumped: (byMs: number) => void;
  /** When the account is due, Unix ms; undefined when nothing is planned. */
  readonly dueAt: (key: AccountKey) => number | undefined;
  readonly stop: () => void;
}

export interface RenewalDeps {
  readonly book: Pick<TokenBook, 'keys' | 'facts' | 'renew' | 'saveAgain' | 'clockSetBack'>;
  readonly clock: Clock;
  /** Random in [0, 1). */
  readonly random: () => number;
  /** A token that nothing can renew has run out. */
  readonly onLapse: (key: AccountKey) => void;
}

interface Plan {
  readonly generation: number;
  readonly renewable: boolean;
  readonly dueAt: number;
  readonly cancel: () => void;
}

/** Early enough to survive an outage, late enough not to waste tokens. */
const SHARE_OF_LIFE = 0.75;
/** Plus or minus this share, so that grants made together are not renewed together. */
const JITTER = 0.05;
/** A server that issues tokens of no life at all must not keep us asking without a pause. */
const LEAST_INTERVAL_MS = 1_000;
/** After a wake everything is due at once: spread over this long, ms. */
const STAGGER_MS = 2_000;

export const createRenewals = ({ book, clock, random, onLapse }: RenewalDeps): Renewals => {
  const plans = new Map<string, Plan>();
  const rolled = new Map<string, { readonly generation: number; readonly at: number }>();
  let stopped = false;

  const clear = (key: AccountKey): void => {
    plans.get(keyText(key))?.cancel();
    plans.delete(keyText(key));
  };

  /** When the grant is to be renewed. Rolled once for each token: planning again must not roll the jitter anew. */
  const renewalAt = (key: AccountKey, facts: GrantFacts): number | undefined => {
    if (!facts.renewable) return undefined;
    if (facts.trouble !== undefined) return facts.trouble.retryAt;
    if (facts.expiresAt === undefined) return undefined;
    const known = rolled.get(keyText(key));
    if (known?.generation === facts.generation) return known.at;
    const at = dueTime(facts.obtainedAt, facts.expiresAt, random());
    rolled.set(keyText(key), { generation: facts.generation, at });
    return at;
  };

  const run = (key: AccountKey, isForced: boolean): void => {
    plans.delete(keyText(key));
    const facts = book.facts(key);
    if (facts === undefined) return;
    const isDue = isForced || (renewalAt(key, facts) ?? Number.POSITIVE_INFINITY) <= clock.now();
    // The book records every outcome and reports the change, which plans the next attempt.
    if (facts.renewable && isDue) void book.renew(key).catch(() => undefined);
    else if (facts.unsaved !== undefined) void book.saveAgain(key).catch(() => undefined);
    else if (facts.renewable) plan(key);
    else lapse(key, facts);
  };

  const lapse = (key: AccountKey, { expiresAt = 0 }: GrantFacts): void => {
    // Timers and the wall clock drift apart: woken too early, it has not run out yet.
    if (expiresAt > clock.now()) plan(key);
    else onLapse(key);
  };

  const schedule = (
    key: AccountKey,
    { generation, renewable }: GrantFacts,
    at: number,
    isForced = false,
  ): void => {
    clear(key);
    const cancel = clock.after(Math.max(0, at - clock.now()), () => run(key, isForced));
    plans.set(keyText(key), { generation, renewable, dueAt: at, cancel });
  };

  const plan = (key: AccountKey): void => {
    // What was under way when the broker stopped must not set it going again.
    if (stopped) return;
    const facts = book.facts(key);
    if (facts === undefined || facts.renewing) return clear(key);
    const lapsesAt = facts.renewable ? undefined : facts.expiresAt;
    const times = [
      facts.unsaved?.retryAt,
      renewalAt(key, facts),
      lapsesAt !== undefined && lapsesAt > clock.now() ? lapsesAt : undefined,
    ].filter((time) => time !== undefined);
    if (times.length === 0) return clear(key);
    schedule(key, facts, Math.min(...times));
  };

  const planAll = (reason: 'wake' | 'network'): void => {
    for (const key of book.keys()) {
      const facts = book.facts(key);
      const planned = plans.get(keyText(key));
      if (facts === undefined || planned === undefined) continue;
      const mayHavePassed = reason === 'network' && facts.trouble?.asked === false;
      const dueNow = planned.dueAt <= clock.now() || mayHavePassed;
      schedule(key, facts, dueNow ? clock.now() + random() * STAGGER_MS : planned.dueAt);
    }
  };

  return {
    plan,
    planAll,
    clockJumped: (byMs) => {
      if (byMs > 0) return planAll('wake');
      book.clockSetBack(-byMs);
      for (const [key, { generation, at }] of rolled)
        rolled.set(key, { generation, at: at + byMs });
      for (const key of book.keys()) plan(key);
    },
    dueAt: (key) => {
      const planned = plans.get(keyText(key));
      return planned?.renewable === true ? planned.dueAt : undefined;
    },
    stop: () => {
      stopped = true;
      for (const { cancel } of plans.values()) cancel();
      plans.clear();
    },
  };
};

const dueTime = (obtainedAt: number, expiresAt: number, random: number): number =>
  Math.max(
    obtainedAt + LEAST_INTERVAL_MS,
    Math.round(obtainedAt + (expiresAt - obtainedAt) * (SHARE_OF_LIFE + JITTER * (2 * random - 1))),
  );
