/** A fetch that remembers what was asked and what kind of answer came; never what was in it. */
import type { DoctorReport } from '../../shared/contract/doctor.ts';
import { toProblem } from '../../shared/contract/problems.ts';
import { plainText } from '../../shared/plain-text.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';

export interface TracedFetch {
  readonly fetch: GuardedFetch;
  readonly requests: DoctorReport['requests'];
}

export const traceFetch = (fetch: GuardedFetch): TracedFetch => {
  const requests: DoctorReport['requests'] = [];
  return {
    requests,
    fetch: async (address, request = {}) => {
      const asked = { method: request.method ?? 'GET', url: shownAddress(new URL(address)) };
      try {
        const answer = await fetch(address, request);
        const type = answer.headers.get('content-type');
        requests.push({
          ...asked,
          status: answer.status,
          ...(type === null ? {} : { type: plainText(type, 60) }),
        });
        return answer;
      } catch (error) {
        requests.push({ ...asked, problem: toProblem(error).code });
        throw error;
      }
    },
  };
};

/** Some servers have their key in the address: in the query, or as a part of the path that nobody would choose. */
export const shownAddress = (address: URL): string => {
  const path = address.pathname
    .split('/')
    .map((part) => (looksLikeKey(part) ? '...' : part))
    .join('/');
  const query = address.search === '' ? '' : '?...';
  return `${address.origin}${path}${query}`;
};

const LONGEST_WORD = 20;

const looksLikeKey = (part: string): boolean =>
  part.length >= LONGEST_WORD && /\d/.test(part) && /^[\w~+%=-]+$/.test(part);
