/** What the routes of rules, and of calls that wait for the person, do. */
import type { DoorAddress } from '../../shared/contract/door-keys.ts';
import type {
  ApprovalArguments,
  ApprovalId,
  KnownTool,
  Rule,
  RuleId,
  RuleWish,
} from '../../shared/contract/rules.ts';
import type { Registry } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';

export interface RuleBindingDeps {
  readonly registry: Pick<Registry, 'keyAt'>;
  /** What narrows what AI clients may use, and the calls that wait for the person. */
  readonly shaping: {
    readonly rules: {
      /** Throws `bad-request` and `cannot-save`. */
      readonly add: (wish: RuleWish) => Rule;
      readonly all: () => readonly Rule[];
      /** Returns the way back. Throws `not-found`. */
      readonly remove: (id: RuleId) => () => void;
    };
    readonly approvals: {
      /** Both throw `not-found` for what waits no longer. */
      readonly argumentsOf: (id: ApprovalId) => ApprovalArguments;
      readonly answer: (id: ApprovalId, allow: boolean) => void;
    };
    /** Throws `not-found`. */
    readonly knownTools: (address: DoorAddress) => readonly KnownTool[];
  };
}

type Names = 'addRule' | 'knownTools' | 'approvalArguments' | 'answerApproval';

export const createRuleBindings = ({
  registry,
  shaping,
}: RuleBindingDeps): Pick<Bindings, Names> => ({
  addRule: (_params, wish) => {
    // A slip in the name would make a rule that holds nowhere, and nobody would notice.
    if (wish.server !== undefined) registry.keyAt(wish.server);
    return { rule: shaping.rules.add(wish) };
  },
  knownTools: (_params, { server }) => ({ tools: [...shaping.knownTools(server)] }),
  approvalArguments: (_params, { id }) => shaping.approvals.argumentsOf(id),
  answerApproval: (_params, { id, allow }) => {
    shaping.approvals.answer(id, allow);
    return {};
  },
});
