/** Fetching the documents that discovery reads. */
import type { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';

const REDIRECTS = 3;
/** A13: what a server of 2025-03-26 likes to know before it describes itself. */
const HEADERS = { accept: 'application/json', 'mcp-protocol-version': '2025-11-25' };

/**
 * The first of `places` that holds a document, or undefined. Only "not there" moves on: anything else could hide a downgrade (L2).
 *
 * Rejects with `server-trouble`, `bad-answer` and what the fetch rejects with.
 */
export const firstDocument = async <T extends z.ZodType>(
  fetch: GuardedFetch,
  places: readonly URL[],
  schema: T,
): Promise<z.infer<T> | undefined> => {
  for (const place of places) {
    const answer = await fetch(place, {
      headers: HEADERS,
      redirects: REDIRECTS,
    });
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) continue;
    if (!answer.ok) {
      throw new ProblemError(
        'server-trouble',
        `${place.host} answered with status ${answer.status}`,
        {
          hint: 'try again later',
        },
      );
    }
    const parsed = schema.safeParse(await answer.json().catch(() => undefined));
    if (!parsed.success) {
      throw new ProblemError(
        'bad-answer',
        `${place.host} describes its sign-in in a form that cannot be read`,
      );
    }
    return parsed.data;
  }
  return undefined;
};
