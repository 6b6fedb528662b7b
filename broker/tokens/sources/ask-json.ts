/** One question to a service of a cloud, and its answer in JSON. */
import type { z } from 'zod';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { FetchRequest, GuardedFetch } from '../../net/guarded-fetch.ts';
import { type TokenFailure, tokenFailure } from '../../oauth/failures.ts';

export interface Question extends FetchRequest {
  /** What a refusal means. It gets no part of the answer, which could quote what was asked. */
  readonly refused: (status: number) => Error;
}

/** Rejects with a `TokenFailure` for what passes, with `refused` for what does not, and with `bad-answer`. */
export const askJson = async <T>(
  fetch: GuardedFetch,
  address: string,
  type: z.ZodType<T>,
  { refused, ...request }: Question,
): Promise<T> => {
  const { host } = new URL(address);
  const answer = await fetch(address, request);
  if (answer.status === 429 || answer.status >= 500) throw later(answer, host);
  if (!answer.ok) throw refused(answer.status);
  const { data } = type.safeParse(await answer.json().catch(() => undefined));
  if (data !== undefined) return data;
  throw new ProblemError('bad-answer', `${host} answered otherwise than it does`);
};

const later = ({ headers }: Response, host: string): TokenFailure => {
  const wait = Number(headers.get('retry-after') ?? 0) * 1000;
  return tokenFailure('later', host, { retryAfterMs: Math.min(wait || 0, 3_600_000) });
};
