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
  readonly book: Pick<TokenBook, 'keys' | 'facts' | 'renew' | 'saveAgain'>;
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

  const clear = (key: AccountKey): void => {
    plans.get(keyText(key))?.cancel();
    plans.delete(keyText(key));
  };

  const run = (key: AccountKey): void => {
    plans.delete(keyText(key));
    const deed = book.facts(key)?.unsaved === undefined ? book.renew : book.saveAgain;
    // The book records every outcome and reports the change, which plans the next attempt.
    void deed(key).catch(() => undefined);
  };

  const schedule = (key: AccountKey, facts: GrantFacts, dueAt: number): void => {
    clear(key);
    const deed = facts.renewable || facts.unsaved !== undefined ? run : lapse;
    const cancel = clock.after(Math.max(0, dueAt - clock.now()), () => deed(key));
    plans.set(keyText(key), {
      generation: facts.generation,
      renewable: facts.renewable,
      dueAt,
      cancel,
    });
  };

  const lapse = (key: AccountKey): void => {
    plans.delete(keyText(key));
    // Timers and the wall clock drift apart: woken too early, it has not run out yet.
    const early = (book.facts(key)?.expiresAt ?? 0) > clock.now();
    if (early) plan(key);
    else onLapse(key);
  };

  const plan = (key: AccountKey): void => {
    const facts = book.facts(key);
    if (facts === undefined || facts.renewing) return clear(key);
    const planned = plans.get(keyText(key));
    const retryAt = (facts.unsaved ?? facts.trouble)?.retryAt;
    if (retryAt !== undefined) return schedule(key, facts, retryAt);
    if (facts.expiresAt === undefined) return clear(key);
    // Planned already for this very token: planning again would only roll the jitter anew.
    if (planned?.generation === facts.generation && planned.renewable === facts.renewable) return;
    if (facts.renewable)
      return schedule(key, facts, dueTime(facts.obtainedAt, facts.expiresAt, random()));
    if (facts.expiresAt > clock.now()) schedule(key, facts, facts.expiresAt);
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
      for (const [key, planned] of plans)
        plans.set(key, { ...planned, dueAt: planned.dueAt + byMs });
    },
    dueAt: (key) => {
      const planned = plans.get(keyText(key));
      return planned?.renewable === true ? planned.dueAt : undefined;
    },
    stop: () => {
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
