/** The legs on which the person's rules hold: around every leg, with the calls that wait for a yes. */
import type { DoorAddress } from '../../../shared/contract/door-keys.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { KnownTool } from '../../../shared/contract/rules.ts';
import type { Snapshot } from '../../../shared/contract/snapshot.ts';
import type { Clock } from '../../ports.ts';
import type { OpenLeg } from '../leg.ts';
import type { Legs } from '../legs.ts';
import type { ServeOwnPage } from '../own-pages.ts';
import type { Era } from '../session.ts';
import type { Target } from '../target.ts';
import { servesApprovals } from './approval-page.ts';
import { type Approvals, createApprovals } from './approvals.ts';
import { rulesFor } from './judge.ts';
import { createKnownTools, readTools } from './known-tools.ts';
import { withOneMeaning } from './one-meaning.ts';
import { createRuleBook, type RuleBook, type RuleStore } from './rule-book.ts';
import { createStanding } from './standing.ts';
import { withApprovals } from './with-approvals.ts';
import { withRules } from './with-rules.ts';

export interface ShapedLegs {
  /** The same legs, on which the rules hold. */
  readonly around: (legs: Legs) => Legs;
  readonly rules: RuleBook;
  readonly approvals: Approvals;
  /** The part of the snapshot. */
  readonly view: () => Pick<Snapshot, 'rules' | 'approvals'>;
  /** Of the account that the address means. Throws `not-found`. */
  readonly knownTools: (address: DoorAddress) => readonly KnownTool[];
  /** For the HTTP door. */
  readonly page: ServeOwnPage;
  readonly close: () => void;
}

export interface ShapedLegsDeps {
  readonly store: RuleStore;
  readonly targetOf: (key: AccountKey) => Target | undefined;
  /** Throws `not-found`. */
  readonly targetAt: (address: DoorAddress) => Target;
  /** The JSON of the tools that the account was last told of. */
  readonly toolsOf: (target: Target) => string | undefined;
  /** Of the HTTP door. */
  readonly base: () => string | undefined;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Rules or waiting calls are not as they were. */
  readonly onChange: () => void;
}

export const shapedLegs = (deps: ShapedLegsDeps): ShapedLegs => {
  const { clock, toolsOf, onChange, base } = deps;
  const book = createRuleBook(deps.store);
  const approvals = createApprovals({ clock, onChange });
  const linkTo = (nonce: string): string | undefined => {
    const door = base();
    return door === undefined ? undefined : `${door}/approve/${nonce}`;
  };

  const shaped =
    (open: OpenLeg, era: Era, target: Target, aiClient: string | undefined): OpenLeg =>
    (unasked) => {
      const known = createKnownTools(() => toolsOf(target));
      const standing = createStanding({ target, aiClient, book, known });
      const ruled = withRules(open, era, { standing, known, onChange: book.onChange });
      const leg = withApprovals(ruled, era, { target, standing, approvals, linkTo })(unasked);
      return {
        ...leg,
        say: (message, hearer) => {
          standing.hear(message.envelope);
          const isFree = standing.rules().length === 0;
          return leg.say(isFree ? message : withOneMeaning(message), hearer);
        },
      };
    };

  const forget = book.onChange(onChange);
  return {
    around: (legs) => ({
      ...legs,
      to: (target, era, aiClient) => shaped(legs.to(target, era, aiClient), era, target, aiClient),
      mayPassBy: (target, aiClient) =>
        legs.mayPassBy(target, aiClient) &&
        rulesFor(book.all(), { aiClient, key: target.upstream.key }).length === 0,
    }),
    rules: book,
    approvals,
    view: () => {
      const [rules, waiting] = [book.all(), approvals.all()];
      return {
        ...(rules.length === 0 ? {} : { rules: [...rules] }),
        ...(waiting.length === 0 ? {} : { approvals: waiting }),
      };
    },
    knownTools: (address) => readTools(toolsOf(deps.targetAt(address)) ?? '[]'),
    page: servesApprovals({ approvals, titleOf: (key) => deps.targetOf(key)?.title }),
    close: () => {
      forget();
      approvals.close();
    },
  };
};
