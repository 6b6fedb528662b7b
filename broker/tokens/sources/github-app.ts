/** The token of a GitHub App where it is installed: a JWT of the app, exchanged for a token of the installation. */
import { z } from 'zod';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import { TokenFailure } from '../../oauth/failures.ts';
import type { Secret } from '../../vault/secret.ts';
import { tokenIn } from './header-value.ts';
import { privateKey, signJwt } from './signed-jwt.ts';
import type { Source, SourceDeps } from './source.ts';

/** GitHub takes ten minutes at most, and wants the beginning a little in the past for clocks that differ. s */
const APP_LIFE_S = 9 * 60;
const CLOCKS_DIFFER_S = 60;

const Installation = z.object({ id: z.number().int() });
const InstallationToken = z.object({ token: z.string(), expires_at: z.iso.datetime() });

export const githubAppSource = (
  { app, key, installation, api }: TokenSourceOf<'github-app'>,
  { resolve, conceal, fetch, now }: Pick<SourceDeps, 'resolve' | 'conceal' | 'fetch' | 'now'>,
): Source => {
  const base = api.replace(/\/+$/, '');

  const ask = async <T>(
    type: z.ZodType<T>,
    method: string,
    path: string,
    jwt: Secret,
  ): Promise<T> => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${jwt.reveal()}`,
        'x-github-api-version': '2022-11-28',
        'user-agent': 'Drawbridge',
      },
    });
    if (!answer.ok) throw refusal(answer, new URL(base).host);
    const { data } = type.safeParse(await answer.json().catch(() => undefined));
    if (data !== undefined) return data;
    throw new ProblemError(
      'bad-answer',
      `${new URL(base).host} answered otherwise than GitHub does`,
    );
  };

  /** Of an organization, a user or a repository: which one it is shows when it is asked. */
  const find = async (owner: string, jwt: Secret): Promise<number> => {
    const paths = owner.includes('/')
      ? [`/repos/${owner}/installation`]
      : [`/orgs/${owner}/installation`, `/users/${owner}/installation`];
    for (const path of paths) {
      try {
        return (await ask(Installation, 'GET', path, jwt)).id;
      } catch (error) {
        if (!(error instanceof NotThere)) throw error;
      }
    }
    throw new ProblemError('source-failed', `the GitHub App is not installed at ${owner}`, {
      hint: 'install it there, or give the number of its installation',
    });
  };

  return {
    isCheap: false,
    mint: async () => {
      const { key: signing } = privateKey(await resolve(key));
      const iat = Math.floor(now() / 1000) - CLOCKS_DIFFER_S;
      const claims = { iss: app, iat, exp: iat + APP_LIFE_S };
      const jwt = await signJwt(claims, { algorithm: 'RS256', key: signing });
      conceal(jwt);
      const id = typeof installation === 'number' ? installation : await find(installation, jwt);
      const path = `/app/installations/${id}/access_tokens`;
      const { token, expires_at } = await ask(InstallationToken, 'POST', path, jwt);
      return { token: tokenIn(token, 'GitHub'), expiresAt: Date.parse(expires_at) };
    },
  };
};

class NotThere extends ProblemError {}

const refusal = ({ status, headers }: Response, host: string): Error => {
  const isLimit = status === 429 || headers.get('x-ratelimit-remaining') === '0';
  if (isLimit || status >= 500) {
    const wait = Number(headers.get('retry-after') ?? 0) * 1000;
    const problem = { code: 'retrying', message: `${host} gives no token right now` } as const;
    return new TokenFailure('later', problem, { retryAfterMs: Math.min(wait || 0, 3_600_000) });
  }
  if (status === 404)
    return new NotThere('source-failed', `${host} knows no such installation`, {
      hint: 'look at the number of the installation, and whether the app is still installed',
    });
  return new ProblemError('source-failed', `${host} does not take the word of the GitHub App`, {
    hint: 'check the id of the app and its private key, and the clock of this machine',
  });
};
