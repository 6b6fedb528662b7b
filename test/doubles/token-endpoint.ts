/** A token endpoint by script: each renewal asked for waits until the test answers it. */

import type { Tokens } from '../../broker/oauth/token-endpoint.ts';
import type { Grant } from '../../broker/tokens/grant.ts';
import type { AccountKey } from '../../shared/contract/ids.ts';

export interface TokenEndpointDouble {
  readonly renewTokens: (key: AccountKey, grant: Grant) => Promise<Tokens>;
  /** The refresh token that each renewal so far was asked with. */
  readonly asked: () => readonly (string | undefined)[];
  /** Answers the oldest renewal that waits, or else the next to come. An error is thrown at it. */
  readonly answer: (answer: Tokens | Error) => void;
}

export const createTokenEndpointDouble = (): TokenEndpointDouble => {
  const asked: (string | undefined)[] = [];
  const answers: PromiseWithResolvers<Tokens>[] = [];
  const renewals: PromiseWithResolvers<Tokens>[] = [];
  /** The nth answer and the nth renewal are one, whichever comes first. */
  const nth = (list: PromiseWithResolvers<Tokens>[], other: PromiseWithResolvers<Tokens>[]) => {
    const one = other[list.length] ?? Promise.withResolvers<Tokens>();
    list.push(one);
    return one;
  };

  return {
    renewTokens: (_key, grant) => {
      asked.push(grant.refreshToken?.reveal());
      return nth(renewals, answers).promise;
    },
    asked: () => asked,
    answer: (answer) => {
      const { promise, resolve, reject } = nth(answers, renewals);
      promise.catch(() => undefined);
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    },
  };
};
