/** The window's words about what is to come. */
import { aboutSo } from '../../shared/expiry.ts';
import type { Forecast } from '../../shared/forecast.ts';

const renewing = (count: number): string =>
  count === 1 ? 'One sign-in renews itself.' : `${count} sign-ins renew themselves.`;

export const forecastStrings = {
  title: 'Forecast',
  closed: 'Nobody can tell while the vault is closed.',
  nothing: 'Nothing is known to come in the next 30 days.',
  nothingAbout:
    'What has to be signed in again, and what renews itself, stands here once there is a sign-in that runs out.',
  reach: 'This is all that is known of the next 30 days.',
  now: 'now',
  needYou: 'Needs you',
  renewing: 'Renews itself',
  what: {
    renews: 'Renews itself',
    lapses: 'Lapses, and has to be signed in again',
    ends: 'Ends, and has to be signed in again',
    'certificate-ends': 'The certificate that it is shown ends',
  } satisfies Record<Forecast['what'], string>,
  every: (every: number) => `Renews itself about every ${aboutSo(every)}`,

  timeline: {
    /** Beside a mark, where there is little room. */
    marks: {
      renews: 'Renews',
      lapses: 'Lapses',
      ends: 'Ends',
      'certificate-ends': 'Certificate ends',
    } satisfies Record<Forecast['what'], string>,
    on: (what: string, moment: string) => `${what} ${moment}`,
    today: 'Today',
    summary: (needing: readonly string[], more: number, renewals: number): string =>
      [
        'Timeline of the next 30 days.',
        needing.length === 0 ? 'Nothing needs you.' : `What needs you: ${needing.join('; ')}.`,
        more === 0 ? '' : `And ${more} more.`,
        renewals === 0 ? '' : renewing(renewals),
      ]
        .filter((part) => part !== '')
        .join(' '),
  },
  all: (count: number) => `Show all ${count}`,
  fewer: 'Show fewer',

  renew: {
    button: 'Renew all now',
    busy: 'Renewing all…',
    done: (renewed: number, all: number): string => {
      if (all === 0) return 'There was nothing to renew.';
      if (renewed === 0)
        return all === 1 ? 'The sign-in is not renewed.' : 'No sign-in is renewed.';
      if (renewed < all) return `${renewed} of ${all} sign-ins are renewed.`;
      if (all === 1) return 'The sign-in is renewed.';
      return `${all === 2 ? 'Both' : `All ${all}`} sign-ins are renewed.`;
    },
    failed: (name: string, why: string) => `${name}: ${why}`,
    close: 'Close',
  },
} as const;
