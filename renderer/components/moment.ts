/** Moments as the person's own calendar writes them. */

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Whether a time in ms is one a calendar can hold. */
export const isMoment = (ms: number): boolean => !Number.isNaN(new Date(ms).getTime());

/** "21 Nov 2026, 08:42:10", in the person's language. */
export const momentText = (ms: number): string => format.format(ms);

const clockFace = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** "08:42", in the person's language. */
export const hourText = (ms: number): string => (isMoment(ms) ? clockFace.format(ms) : '');

const dayAndClock = new Intl.DateTimeFormat(undefined, {
  ...{ weekday: 'short', hour: 'numeric', minute: '2-digit' },
});

/** "Sat 08:42", in the person's language. */
export const weekdayText = (ms: number): string => (isMoment(ms) ? dayAndClock.format(ms) : '');

const dayOfMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** "21 Nov", in the person's language. */
export const dayText = (ms: number): string => (isMoment(ms) ? dayOfMonth.format(ms) : '');
