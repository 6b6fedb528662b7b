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
  wanted: (count: number) => `AI clients want to use ${count} servers`,
  'call-waits': (count: number) => `${count} calls wait for you`,
  back: (count: number) => `${count} servers work again`,
} as const;
export type NoticeKind = keyof typeof groupTitles;

export interface Said {
  readonly kind: NoticeKind;
  /** Of the account or the call, for programs and for people. */
  readonly name: string;
  readonly title: string;
  readonly notice: Notice;
}

interface Group {
  readonly at: number;
  /** Titles by name. */
  readonly members: ReadonlyMap<string, string>;
}

/** What comes so soon after another of its kind belongs to it; before it, where the clock was set back. ms. */
const TOGETHER_MS = 60_000;
const MOST_NAMED = 4;
const LONGEST_NAME = 30;

/**
 * Makes one notice of those that belong together, and remembers which those are. What is said at `at` (Unix time in ms) is
 * counted with what was said before, as far as that is still so.
 */
export const createNoticeGroups = (): ((
  said: readonly Said[],
  at: number,
  isStillSo: (kind: NoticeKind, name: string) => boolean,
) => Notice[]) => {
  const groups = new Map<NoticeKind, Group>();

  return (said, at, isStillSo) => {
    const withGroup = (kind: NoticeKind, news: readonly Said[]): Notice[] => {
      const last = groups.get(kind);
      const before =
        last !== undefined && Math.abs(at - last.at) <= TOGETHER_MS
          ? [...last.members].filter(([name]) => isStillSo(kind, name))
          : [];
      const members = new Map([
        ...before,
        ...news.map(({ name, title }) => [name, title] as const),
      ]);
      groups.set(kind, { at, members });
      if (members.size < 2) return news.map(({ notice }) => notice);
      return [
        {
          title: groupTitles[kind](members.size),
          body: `${listed([...members.values()])}. Click to see them.`,
          group: { kind, instead: [...members.keys()], isMore: before.length > 0 },
        },
      ];
    };

    return [...Map.groupBy(said, ({ kind }) => kind)].flatMap(([kind, news]) =>
      withGroup(kind, news),
    );
  };
};

/** Each name once: many calls may be of one tool. */
const listed = (titles: readonly string[]): string => {
  const named = new Set([...new Set(titles)].slice(0, MOST_NAMED));
  const rest = titles.filter((title) => !named.has(title)).length;
  const names = [...named].map((title) => plainText(title, LONGEST_NAME)).join(', ');
  return rest === 0 ? names : `${names} and ${rest} more`;
};
