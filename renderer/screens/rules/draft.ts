/** A rule while it is being written, and what it comes to. */
import { RuleWish, ToolPattern } from '../../../shared/contract/rules.ts';

export type Choice = 'free' | 'ask' | 'off';

export interface Draft {
  /** Empty for every one, as is the server. */
  readonly aiClient: string;
  readonly server: string;
  readonly readOnly: boolean;
  /** As they are typed. */
  readonly allow: string;
  readonly deny: string;
  readonly approve: string;
  /** What was chosen for tools of the server, by their names. */
  readonly choices: Readonly<Record<string, Choice>>;
}

export const emptyDraft: Draft = {
  ...{ aiClient: '', server: '', readOnly: false, allow: '', deny: '', approve: '' },
  choices: {},
};

export const patternFields = ['allow', 'deny', 'approve'] as const;
export type PatternField = (typeof patternFields)[number];

export type Written =
  | { readonly wish: RuleWish }
  /** Fields that cannot stay so; none of them where nothing is said. */
  | { readonly wrong: ReadonlySet<PatternField> };

export const writtenIn = (draft: Draft): Written => {
  const patterns = {
    allow: typed(draft.allow),
    deny: typed(draft.deny),
    approve: typed(draft.approve),
  };
  const wrong = patternFields.filter((field) =>
    patterns[field].some((pattern) => !ToolPattern.safeParse(pattern).success),
  );
  if (wrong.length > 0) return { wrong: new Set(wrong) };
  const chosen = (wanted: Choice): string[] =>
    Object.entries(draft.choices)
      .filter(([, choice]) => choice === wanted)
      .map(([name]) => patternFor(name));
  const said = {
    allow: patterns.allow,
    deny: [...new Set([...patterns.deny, ...chosen('off')])],
    approve: [...new Set([...patterns.approve, ...chosen('ask')])],
  };
  const aiClient = draft.aiClient.trim();
  const wish = RuleWish.safeParse({
    ...(aiClient === '' ? {} : { aiClient }),
    ...(draft.server === '' ? {} : { server: draft.server }),
    ...(draft.readOnly ? { readOnly: true } : {}),
    ...Object.fromEntries(Object.entries(said).filter(([, list]) => list.length > 0)),
  });
  if (wish.success) return { wish: wish.data };
  return { wrong: new Set(patternFields.filter((field) => said[field].length > 100)) };
};

const typed = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');

const LONGEST_PATTERN = 128;

/** A name that no pattern can hold to the letter is meant with a `?` or `*` there, which is a little more, and never less. */
const patternFor = (name: string): string => {
  const pattern = name.replace(/[\s,\p{Cc}\p{Cf}]/gu, '?');
  return pattern.length <= LONGEST_PATTERN ? pattern : `${pattern.slice(0, LONGEST_PATTERN - 1)}*`;
};
