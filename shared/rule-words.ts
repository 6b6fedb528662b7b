/** What a rule says, in the words of every surface. */
import type { Rule } from './contract/rules.ts';

/** "Cursor at github", "every AI client at every server". The name of an AI client comes as it was given. */
export const ruleScope = ({ aiClient, server }: Pick<Rule, 'aiClient' | 'server'>): string =>
  `${aiClient ?? 'every AI client'} at ${server ?? 'every server'}`;

/** "only get_*", "never delete_*", "only reading", "asks before create_*": a part for each thing that it says. */
export const ruleParts = ({ allow, deny, readOnly, approve }: Omit<Rule, 'id'>): string[] => [
  ...(allow === undefined ? [] : [`only ${listed(allow)}`]),
  ...(deny === undefined ? [] : [`never ${listed(deny)}`]),
  ...(readOnly === true ? ['only reading'] : []),
  ...(approve === undefined ? [] : [`asks before ${listed(approve)}`]),
];

const MOST_LISTED = 6;

const listed = (patterns: readonly string[]): string => {
  const rest = patterns.length - MOST_LISTED;
  return rest > 0
    ? `${patterns.slice(0, MOST_LISTED).join(', ')} and ${rest} more`
    : patterns.join(', ');
};
