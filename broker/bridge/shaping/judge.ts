/** What do the rules say of an AI client and a tool? All that fit count, and the strictest of them wins. */
import { opens } from '../../../shared/contract/door-keys.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { Rule, ToolPattern } from '../../../shared/contract/rules.ts';
import { aiClientName } from '../../state/ai-client-name.ts';
import { matches } from './pattern.ts';

/** Who wants to use something, and of which server. */
export interface Whom {
  readonly aiClient: string;
  readonly key: AccountKey;
}

export interface Tool {
  readonly name: string;
  /** The server says that it changes nothing. */
  readonly readOnly: boolean;
}

export type Verdict = 'free' | 'approve' | 'denied' | 'not-read-only';

/** No tool has a longer name; to look for a pattern in what an AI client makes up could take long. */
export const LONGEST_NAME = 512;

/** The rules that hold for them. */
export const rulesFor = (rules: readonly Rule[], { aiClient, key }: Whom): readonly Rule[] =>
  rules.filter(
    (rule) =>
      (rule.aiClient === undefined || isSame(rule.aiClient, aiClient)) &&
      opens(rule.server === undefined ? undefined : [rule.server], key),
  );

/** Of rules that fit. */
export const judge = (rules: readonly Rule[], { name, readOnly }: Tool): Verdict => {
  if (rules.length === 0) return 'free';
  if (name.length > LONGEST_NAME) return 'denied';
  const isIn = (patterns: readonly ToolPattern[]): boolean =>
    patterns.some((pattern) => matches(pattern, name));
  const isDenied = rules.some(
    ({ allow, deny }) => (deny && isIn(deny)) === true || (allow && isIn(allow)) === false,
  );
  if (isDenied) return 'denied';
  if (!readOnly && rules.some((rule) => rule.readOnly === true)) return 'not-read-only';
  return rules.some(({ approve }) => approve && isIn(approve)) ? 'approve' : 'free';
};

/** Names are shown as they are said, but nobody means two AI clients by `Cursor` and `cursor`. */
const isSame = (one: string, other: string): boolean => folded(one) === folded(other);

const folded = (name: string): string => aiClientName(name).normalize('NFKC').toLowerCase();
