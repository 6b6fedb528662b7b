/** Several notices of one kind at about the same time become one, which takes the place of those before it. */
import type { Notice } from './notification-rules.ts';
import { plainText } from './plain-text.ts';

/** What a notice is about, apart from whose it is; also what its group is called. */
export const groupTitles = {
  'needs-sign-in': (count: number) => `${count} sign-ins are needed`,
  'cannot-save': (count: number) => `${count} sign-ins cannot be saved`,
  'needs-setup': (count: number) => `${count} servers need setting up`,
  'does-not-run': (count: number) => `${count} servers do not run`,
  'will-not-renew': (count: number) => `${count} sign-ins will not renew themselves`,
  'ends-soon': (count: number) => `${count} sign-ins end soon`,
  back: (count: number) => `${count} servers work again`,
} as const;
export type NoticeKind = keyof typeof groupTitles;

export interface Said {
  readonly kind: NoticeKind;
  /** Of the account, for programs and for people. */
  readonly name: string;
  readonly title: string;
  /** Since when it is so, Unix time in ms. */
  readonly at: number;
  readonly notice: Notice;
}

interface Group {
  readonly at: number;
  /** Titles by name. */
  readonly members: ReadonlyMap<string, string>;
}

/** What comes so soon after another of its kind belongs to it. ms. */
const TOGETHER_MS = 60_000;
const MOST_NAMED = 4;
const LONGEST_NAME = 30;

/** Makes one notice of those that belong together, and remembers which those are. */
export const createNoticeGroups = (): ((said: readonly Said[]) => Notice[]) => {
  const groups = new Map<NoticeKind, Group>();

  const withGroup = (kind: NoticeKind, said: readonly Said[]): Notice[] => {
    const at = Math.max(...said.map((one) => one.at));
    const last = groups.get(kind);
    const before = last !== undefined && at - last.at <= TOGETHER_MS ? last.members : undefined;
    const members = new Map([
      ...(before ?? []),
      ...said.map(({ name, title }) => [name, title] as const),
    ]);
    groups.set(kind, { at, members });
    if (members.size < 2) return said.map(({ notice }) => notice);
    return [
      {
        title: groupTitles[kind](members.size),
        body: `${listed([...members.values()])}. Click to see them.`,
        group: { kind, instead: [...members.keys()], isMore: before !== undefined },
      },
    ];
  };

  return (said) =>
    [...Map.groupBy(said, ({ kind }) => kind)].flatMap(([kind, all]) => withGroup(kind, all));
};

const listed = (titles: readonly string[]): string => {
  const named = titles.slice(0, MOST_NAMED).map((title) => plainText(title, LONGEST_NAME));
  const rest = titles.length - named.length;
  return rest === 0 ? named.join(', ') : `${named.join(', ')} and ${rest} more`;
};
