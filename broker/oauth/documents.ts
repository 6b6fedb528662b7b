/** Fetching the documents that discovery reads. */
import type { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { FetchRequest, GuardedFetch } from '../net/guarded-fetch.ts';

const REDIRECTS = 3;
/** A13: what a server of 2025-03-26 likes to know before it describes itself. */
const HEADERS = { accept: 'application/json', 'mcp-protocol-version': '2025-11-25' };

/** There is no such document. 405 is how servers say it that have something else at every path. */
const ABSENT: ReadonlySet<number> = new Set([404, 405, 410]);

/**
 * The first of `places` that holds a document, and which of them it is; undefined when it is at none.
 *
 * A refusal moves on as well, for a firewall or a cloud service may give one for any path it does not know, but it is no
 * absence: where every place refuses or is empty, what is guessed instead would be a downgrade (L2). A server that has all
 * of its host behind its sign-in ends there, too: nobody could sign in at it. Anything else stops at once.
 *
 * Rejects with `server-trouble`, `bad-answer` and what the fetch rejects with.
 */
export const firstDocument = async <T extends z.ZodType>(
  fetch: GuardedFetch,
  places: readonly URL[],
  schema: T,
  of: Pick<FetchRequest, 'whom'> = {},
): Promise<{ readonly at: URL; readonly document: z.infer<T> } | undefined> => {
  let refusal: ProblemError | undefined;
  for (const place of places) {
    const answer = await fetch(place, {
      ...{ ...of, headers: HEADERS },
      redirects: REDIRECTS,
    });
    if (ABSENT.has(answer.status)) continue;
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
      refusal ??= refused(place, answer.status);
      continue;
    }
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
    return { at: place, document: parsed.data };
  }
  if (refusal !== undefined) throw refusal;
  return undefined;
};

const refused = ({ host }: URL, status: number): ProblemError =>
  new ProblemError(
    'server-trouble',
    `${host} refused to say how to sign in there (status ${status})`,
    {
      hint: 'a proxy or firewall may be in the way; otherwise its operator has to let everybody read how to sign in',
    },
  );
