/** The rules there are: made and removed by the person, kept in the settings, and heard of at once. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ProblemError } from '../../../shared/contract/problems.ts';
import {
  MOST_RULES,
  type Rule,
  type RuleId,
  type RuleWish,
} from '../../../shared/contract/rules.ts';

export interface RuleBook {
  /** All of them, in the order they were made: the same array until there is a change. */
  readonly all: () => readonly Rule[];
  /** One that is there already is not made twice. Throws `bad-request` when there are too many. */
  readonly add: (wish: RuleWish) => Rule;
  /** Returns the way back, which throws like `add`. Throws `not-found`. */
  readonly remove: (id: RuleId) => () => void;
  /** Calls back after each change; returns a function that stops it. */
  readonly onChange: (listener: () => void) => () => void;
}

export interface RuleStore {
  readonly read: () => readonly Rule[];
  readonly write: (rules: Rule[]) => void;
}

/** The rules in `store`, which nobody else writes to. */
export const createRuleBook = (store: RuleStore): RuleBook => {
  let rules = store.read();
  const listeners = new Set<() => void>();

  const keep = (next: readonly Rule[]): void => {
    // First: one that cannot be kept would be gone after a restart, and nobody would know.
    store.write([...next]);
    rules = next;
    for (const listener of [...listeners]) listener();
  };

  const assertRoom = (): void => {
    if (rules.length >= MOST_RULES)
      throw new ProblemError('bad-request', `there are ${MOST_RULES} rules already`, {
        hint: 'remove those that are of no use any more',
      });
  };

  return {
    all: () => rules,
    add: (wish) => {
      const same = rules.find(({ id: _id, ...parts }) => isDeepStrictEqual(parts, wish));
      if (same !== undefined) return same;
      assertRoom();
      const made: Rule = { id: randomBytes(5).toString('hex'), ...wish };
      keep([...rules, made]);
      return made;
    },
    remove: (id) => {
      const place = rules.findIndex((rule) => rule.id === id);
      const removed = rules[place];
      if (removed === undefined)
        throw new ProblemError('not-found', `there is no rule ${JSON.stringify(id)}`, {
          hint: 'drawbridge rules shows the ones there are',
        });
      keep(rules.filter((rule) => rule.id !== id));
      return () => {
        assertRoom();
        if (!rules.some((rule) => rule.id === id)) keep(rules.toSpliced(place, 0, removed));
      };
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
