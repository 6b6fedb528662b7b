/** How do the rules stand for one AI client at one account, now? */
import type { Rule } from '../../../shared/contract/rules.ts';
import type { Envelope } from '../json-rpc.ts';
import { clientNameIn } from '../seen.ts';
import type { Target } from '../target.ts';
import { judge, rulesFor, type Tool, type Verdict, type Whom } from './judge.ts';
import type { KnownTools } from './known-tools.ts';
import type { RuleBook } from './rule-book.ts';

export interface Standing {
  /** It may say what it is called. */
  readonly hear: (envelope: Envelope) => void;
  readonly whom: () => Whom;
  /** The rules that hold. */
  readonly rules: () => readonly Rule[];
  /** Of a tool in a list, which says about itself whether it changes anything. */
  readonly ofListed: (tool: Tool) => Verdict;
  /** Of a tool that is to be called. */
  readonly ofCalled: (name: string) => Verdict;
}

export interface StandingDeps {
  readonly target: Target;
  /** Where the door knows it; else it is what the AI client calls itself (F10). */
  readonly aiClient: string | undefined;
  readonly book: Pick<RuleBook, 'all'>;
  readonly known: Pick<KnownTools, 'isReadOnly'>;
}

export const createStanding = ({ target, aiClient, book, known }: StandingDeps): Standing => {
  let name = aiClient ?? '';
  let found:
    | { readonly of: readonly Rule[]; readonly for: string; readonly rules: readonly Rule[] }
    | undefined;

  const whom = (): Whom => ({ aiClient: name, key: target.upstream.key });
  const rules = (): readonly Rule[] => {
    const all = book.all();
    // Every message asks, and hardly any of them changes anything.
    if (found?.of !== all || found.for !== name)
      found = { of: all, for: name, rules: rulesFor(all, whom()) };
    return found.rules;
  };

  return {
    hear: (envelope) => (name = aiClient ?? clientNameIn(envelope) ?? name),
    whom,
    rules,
    ofListed: (tool) => judge(rules(), tool),
    ofCalled: (called) => {
      const mustKnow = rules().some(({ readOnly }) => readOnly === true);
      return judge(rules(), { name: called, readOnly: mustKnow && known.isReadOnly(called) });
    },
  };
};
