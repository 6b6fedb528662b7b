/** Whatever a Kubernetes API server takes for a good token: service accounts, and people where the cluster knows them. */
import { z } from 'zod';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { GuardedFetch } from '../../../net/guarded-fetch.ts';
import type { Secret } from '../../../vault/secret.ts';
import type { Verify } from './verify.ts';

const PATH = '/apis/authentication.k8s.io/v1/tokenreviews';
const KIND = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' };

const Answer = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    audiences: z.array(z.string()).default([]),
    user: z
      .looseObject({
        // Of a token that it does not take, it says an empty user.
        username: z.string().default(''),
        uid: z.string().optional(),
        groups: z.array(z.string()).default([]),
      })
      .optional(),
  }),
});

export interface TokenReviewDeps {
  readonly api: URL;
  readonly fetch: GuardedFetch;
  /** What Drawbridge shows to be let ask, as it is now. Rejects with a `ProblemError`. */
  readonly ownToken: () => Promise<Secret>;
}

export const tokenReviewVerifier =
  ({ api, fetch, ownToken }: TokenReviewDeps): Verify =>
  async (token, audiences) => {
    const own = await ownToken();
    const answer = await fetch(new URL(PATH, api), {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: `Bearer ${own.reveal()}`,
      },
      body: JSON.stringify({ ...KIND, spec: { token: token.reveal(), audiences } }),
    });
    if (!answer.ok) throw doesNotTell(api, answer.status);
    const parsed = Answer.safeParse(await answer.json().catch(() => undefined));
    if (!parsed.success) throw unreadable(api);
    const { authenticated, audiences: named, user } = parsed.data.status;
    if (!authenticated) return { refused: 'the cluster does not take the token' };
    // One that names none knows nothing of audiences: then the token is for the cluster itself.
    if (!named.some((one) => audiences.includes(one)))
      return { refused: 'the token is for another resource' };
    if (user === undefined || user.username === '') return { refused: 'the token says no subject' };
    const { username: subject, groups } = user;
    return { caller: { subject, groups, claims: user, scopes: [] } };
  };

const doesNotTell = ({ host }: URL, status: number): ProblemError =>
  new ProblemError('server-trouble', `${host} does not review tokens (status ${status})`, {
    hint:
      status === 401 || status === 403
        ? 'the service account of Drawbridge has to be allowed to create tokenreviews (system:auth-delegator)'
        : 'try again later',
  });

const unreadable = ({ host }: URL): ProblemError =>
  new ProblemError('bad-answer', `${host} reviews tokens in a form that cannot be read`);
