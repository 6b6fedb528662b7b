/** What a person may want to be told of or not, and which notices belong to it. */
import type { NoticeTopic } from './contract/shell.ts';
import type { NoticeKind } from './notice-groups.ts';

/** What each notice of an account, or of a call that waits, is about. */
export const topicOf: Readonly<Record<NoticeKind, NoticeTopic>> = {
  'needs-sign-in': 'needs-you',
  'needs-setup': 'needs-you',
  'does-not-run': 'needs-you',
  wanted: 'needs-you',
  'call-waits': 'approvals',
  'cannot-save': 'not-saved',
  'will-not-renew': 'ahead',
  'ends-soon': 'ahead',
  back: 'back',
};
