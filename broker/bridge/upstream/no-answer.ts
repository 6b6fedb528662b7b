/** What is said of a server that ended an exchange without the answer, in its own words where it had some. */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { plainText } from '../../../shared/plain-text.ts';

const ErrorAnswer = z.object({ error: z.object({ message: z.string() }) });

/** The words in an error that answers nothing in particular, made fit for a line. */
export const complaintIn = (json: string): string | undefined => {
  const { data } = ErrorAnswer.safeParse(JSON.parse(json));
  return data && plainText(data.error.message, 200);
};

/** How a server ended an exchange. */
export interface Reply {
  /** 0 or 200 where its answer only broke off. */
  readonly status: number;
  readonly complaint?: string | undefined;
  /** The header of this name. */
  readonly retryAfter?: string | undefined;
}

export const noAnswer = (title: string, { status, complaint, retryAfter }: Reply): ProblemError =>
  status >= 400
    ? new ProblemError(
        'server-trouble',
        `${title} answered with status ${status}${complaint === undefined ? '' : `: ${complaint}`}`,
        { hint: waitFor(retryAfter) ?? (status === TOO_MANY_REQUESTS ? tryLater : undefined) },
      )
    : new ProblemError('server-trouble', `the connection to ${title} ended before the answer`, {
        hint: 'it is not known whether the request was carried out',
      });

/** The header `Retry-After`; a server may send two of them, which say nothing together. */
export const retryAfterIn = (headers: IncomingHttpHeaders): string | undefined => {
  const given: unknown = headers['retry-after'];
  return typeof given === 'string' ? given : undefined;
};

const TOO_MANY_REQUESTS = 429;
const tryLater = 'it gets too many requests: try again later';

/** Seconds or a date (RFC 9110 section 10.2.3); anything else says nothing. */
const waitFor = (retryAfter: string | undefined): string | undefined => {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return `it asks to be tried again in ${retryAfter} seconds`;
  const date = retryAfter.endsWith('GMT') ? new Date(retryAfter) : undefined;
  return date === undefined || Number.isNaN(date.getTime())
    ? undefined
    : `it asks to be tried again after ${date.toISOString()}`;
};
