/** The window's words about what AI clients have asked. */
import { durationText } from '../../shared/activity.ts';
import type { ActivityOutcome, ActivitySpan, ActivitySum } from '../../shared/contract/activity.ts';

const count = (calls: number): string => `${calls} ${calls === 1 ? 'request' : 'requests'}`;

const percent = (share: number): string =>
  share > 0 && share < 0.01 ? 'under 1 %' : `${Math.round(share * 100)} %`;

const answered = ({ medianMs, p95Ms }: ActivitySum): string =>
  medianMs === undefined || p95Ms === undefined
    ? ''
    : `Half were answered within ${durationText(medianMs)}, 95 % within ${durationText(p95Ms)}.`;

const lasts: Readonly<Record<ActivitySpan, string>> = {
  hour: 'the last hour',
  day: 'the last 24 hours',
  week: 'the last 7 days',
};

/** One piece of each span. */
const pieces: Readonly<Record<ActivitySpan, string>> = {
  hour: 'the 2 minutes',
  day: 'the hour',
  week: 'the 6 hours',
};

export const activityStrings = {
  title: 'Activity',
  about:
    'What AI clients have asked. What was said, arguments and results, is not kept unless you want it to be.',
  loading: 'Loading…',
  tryAgain: 'Try again',
  never: 'No AI client has asked anything yet.',
  none: 'Nothing of that kind is remembered.',
  everything: 'Show everything',
  server: 'Server',
  aiClient: 'AI client',
  outcome: 'Outcome',
  onlyErrors: 'Only errors',
  outcomes: {
    answered: 'Answered',
    'tool-error': 'Tool error',
    error: 'Error',
    cancelled: 'Cancelled',
    gone: 'Gone before the answer',
  } satisfies Record<ActivityOutcome, string>,
  name: 'Tool or method',
  namePlaceholder: 'create_issue',
  any: 'All',

  requests: 'Requests',
  some: (first: number, last: number, found: number): string =>
    found === 1 ? 'One request' : `${first}–${last} of ${found.toLocaleString()}`,
  newerPage: 'Newer',
  olderPage: 'Older',
  pages: 'Pages of requests',
  fresh: (newer: number) => (newer === 1 ? '1 new request' : `${newer} new requests`),
  someFresh: 'There are new requests.',
  what: (duration: string, bytes: string) => `${duration}, ${bytes}`,
  save: 'Save what is chosen',
  csv: 'Save as CSV',
  json: 'Save as JSON',

  over: {
    title: 'Over time',
    spans: { hour: 'Hour', day: 'Day', week: 'Week' } satisfies Record<ActivitySpan, string>,
    span: 'How far back',
    now: 'now',
    point: 'Moment',
    calls: 'Requests',
    failed: 'Errors',
    latency: 'Latency',
    median: 'half',
    p95: '95 %',
    percent,
    total: ({ calls, failed }: ActivitySum, span: ActivitySpan): string => {
      if (calls === 0) return `No request in ${lasts[span]}.`;
      const words = `${count(calls)} in ${lasts[span]}`;
      return failed === 0 ? `${words}, none failed.` : `${words}, ${failed} failed.`;
    },
    when: (from: string, to: string) => `${from} to ${to}`,
    piece: (when: string, sum: ActivitySum): string => {
      const failed = sum.failed === 0 ? '' : `, ${sum.failed} failed`;
      const calls = sum.calls === 0 ? 'no request' : count(sum.calls);
      return `${when}: ${calls}${failed}. ${answered(sum)}`.trim();
    },
    busiest: (calls: number, span: ActivitySpan, from: string) =>
      `Most of them, ${calls}, in ${pieces[span]} from ${from}.`,
    share: (share: number) => `${share === 0 ? 'None' : percent(share)} failed.`,
    worst: (share: number, span: ActivitySpan, from: string) =>
      `Most, ${percent(share)}, in ${pieces[span]} from ${from}.`,
    answered,
    notAnswered: 'None was answered.',
    slowest: (ms: number, span: ActivitySpan, from: string) =>
      `The longest 95 % took was ${durationText(ms)}, in ${pieces[span]} from ${from}.`,
    table: 'Show as a table',
    columns: {
      from: 'From',
      calls: 'Requests',
      failed: 'Failed',
      median: 'Half within',
      p95: '95 % within',
    },
    length: (ms: number | undefined) => (ms === undefined ? '–' : durationText(ms)),
  },
} as const;
