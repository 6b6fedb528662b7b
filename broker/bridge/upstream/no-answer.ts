/** What is said of a server that ended an exchange without the answer, in its own words where it had some. */
import { z } from 'zod';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { plainText } from '../../../shared/plain-text.ts';

const ErrorAnswer = z.object({ error: z.object({ message: z.string() }) });

/** The words in an error that answers nothing in particular, made fit for a line. */
export const complaintIn = (json: string): string | undefined => {
  const { data } = ErrorAnswer.safeParse(JSON.parse(json));
  return data && plainText(data.error.message, 200);
};

export const noAnswer = (
  title: string,
  status: number,
  complaint: string | undefined,
): ProblemError =>
  status >= 400
    ? new ProblemError(
        'server-trouble',
        `${title} answered with status ${status}${complaint === undefined ? '' : `: ${complaint}`}`,
      )
    : new ProblemError('server-trouble', `the connection to ${title} ended before the answer`, {
        hint: 'it is not known whether the request was carried out',
      });
