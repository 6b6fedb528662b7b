/** When each grant is renewed: one timer a grant, ahead of its end, whoever is or is not connected. */
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import type { Clock } from '../ports.ts';
import type { TokenBook } from './book.ts';
import type { GrantFacts } from './book-entry.ts';
import { dueTime } from './due-time.ts';
import { endOf, type Wait, waitUntil } from './wait.ts';

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
  readonly deed: Deed;
  readonly dueAt: number;
  readonly cancel: () => void;
}

type Deed = 'renew' | 'save' | 'lapse';

interface Next {
  readonly deed: Deed;
  /** Unix ms. */
  readonly at: number;
}

interface Roll {
  readonly generation: number;
  readonly wait: Wait;
}

/** After a wake everything is due at once: spread over this long, ms. */
const STAGGER_MS = 2_000;

export const createRenewals = ({ book, clock, random, onLapse }: RenewalDeps): Renewals => {
  const plans = new Map<string, Plan>();
  const rolled = new Map<string, Roll>();
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
    if (known?.generation === facts.generation) return endOf(known.wait, clock);
    const at = dueTime(facts.obtainedAt, facts.expiresAt, random());
    rolled.set(keyText(key), { generation: facts.generation, wait: waitUntil(clock, at) });
    return at;
  };

  // The book records every outcome and reports the change, which plans the next attempt.
  const deeds: Readonly<Record<Deed, (key: AccountKey) => void>> = {
    renew: (key) => void book.renew(key).catch(() => undefined),
    save: (key) => void book.saveAgain(key).catch(() => undefined),
    lapse: (key) => {
      onLapse(key);
      // Something else may be left to do, such as saving it.
      plan(key);
    },
  };

  /** Timers and the clock drift apart, and a clock set ahead and back again leaves timers that are too short. */
  const isEarly = (key: AccountKey): boolean => {
    const facts = book.facts(key);
    const next = facts === undefined ? undefined : nextFor(key, facts);
    return next !== undefined && next.at > clock.now();
  };

  const schedule = (
    key: AccountKey,
    { generation, renewable }: GrantFacts,
    next: Next,
    ahead = false,
  ): void => {
    const planned = plans.get(keyText(key));
    const isSame = planned?.generation === generation && planned.deed === next.deed;
    // Its timer counts the time that passes: set anew by a clock that has just been set, it would be wrong.
    if (isSame && planned.dueAt === next.at) return;
    clear(key);
    const cancel = clock.after(Math.max(0, next.at - clock.now()), () => {
      plans.delete(keyText(key));
      if (!ahead && isEarly(key)) plan(key);
      else deeds[next.deed](key);
    });
    plans.set(keyText(key), { generation, renewable, dueAt: next.at, deed: next.deed, cancel });
  };

  /** What is to be done first of all that is. */
  const nextFor = (key: AccountKey, facts: GrantFacts): Next | undefined => {
    const { renewable, expiresAt, unsaved } = facts;
    const renewsAt = renewalAt(key, facts);
    const candidates: Next[] = [];
    if (renewsAt !== undefined) candidates.push({ deed: 'renew', at: renewsAt });
    if (unsaved !== undefined) candidates.push({ deed: 'save', at: unsaved.retryAt });
    if (!renewable && expiresAt !== undefined && expiresAt > clock.now())
      candidates.push({ deed: 'lapse', at: expiresAt });
    return candidates.sort((one, other) => one.at - other.at)[0];
  };

  const plan = (key: AccountKey): void => {
    // What was under way when the broker stopped must not set it going again.
    if (stopped) return;
    const facts = book.facts(key);
    const next = facts === undefined || facts.renewing ? undefined : nextFor(key, facts);
    if (facts === undefined || next === undefined) clear(key);
    else schedule(key, facts, next);
  };

  const planAll = (reason: 'wake' | 'network'): void => {
    for (const key of book.keys()) {
      const facts = book.facts(key);
      const planned = plans.get(keyText(key));
      if (facts === undefined || planned === undefined) continue;
      const mayHavePassed = reason === 'network' && facts.trouble?.asked === false;
      const dueNow = planned.dueAt <= clock.now() || mayHavePassed;
      // Timers stood still while the machine slept.
      clear(key);
      const soon = clock.now() + random() * STAGGER_MS;
      const deed = mayHavePassed ? 'renew' : planned.deed;
      schedule(key, facts, { deed, at: dueNow ? soon : planned.dueAt }, mayHavePassed);
    }
  };

  return {
    plan,
    planAll,
    clockJumped: (byMs) => {
      if (byMs > 0) return planAll('wake');
      for (const key of book.keys()) {
        clear(key);
        plan(key);
      }
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
