/** Tokens of any form: their issuer is asked whether each still holds (RFC 7662). */
import { z } from 'zod';
import type { DoorVerifierOf } from '../../../../shared/contract/door.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { GuardedFetch } from '../../../net/guarded-fetch.ts';
import type { Secret } from '../../../vault/secret.ts';
import { isForOneOf, SKEW_S, scopesIn, textsIn, type Verdict, type Verify } from './verify.ts';

const Answer = z.looseObject({
  active: z.boolean(),
  iss: z.string().optional(),
  sub: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  exp: z.number().optional(),
  nbf: z.number().optional(),
  scope: z.string().optional(),
});

export interface IntrospectionDeps {
  /** Where to ask, and how. Rejects with a `ProblemError`. */
  readonly endpoint: () => Promise<{ readonly address: URL; readonly fetch: GuardedFetch }>;
  /** The client secret. Rejects with `reference-unresolved`. */
  readonly secret: () => Promise<Secret>;
  readonly now: () => number;
}

export const introspectionVerifier =
  (
    settings: Pick<DoorVerifierOf<'introspection'>, 'issuer' | 'clientId' | 'clientAuth'>,
    { endpoint, secret, now }: IntrospectionDeps,
  ): Verify =>
  async (token, audiences) => {
    const { address, fetch } = await endpoint();
    const shown = clientShown(settings, await secret());
    const answer = await fetch(address, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...shown.headers,
      },
      body: new URLSearchParams({
        ...{ token: token.reveal(), token_type_hint: 'access_token' },
        ...shown.form,
      }).toString(),
    });
    if (answer.status !== 200) throw doesNotTell(address, answer.status);
    const parsed = Answer.safeParse(await answer.json().catch(() => undefined));
    if (!parsed.success) throw unreadable(address);
    return verdictOn(parsed.data, audiences, settings.issuer, now() / 1000);
  };

const verdictOn = (
  answer: z.infer<typeof Answer>,
  audiences: readonly string[],
  issuer: string,
  nowS: number,
): Verdict => {
  const { active, iss, sub, aud, exp, nbf, scope } = answer;
  if (!active) return { refused: 'the token does not hold, or holds no longer' };
  if (iss !== undefined && iss !== issuer) return { refused: 'the token is of another issuer' };
  if (!isForOneOf(aud, audiences)) return { refused: 'the token is for another resource' };
  if (exp !== undefined && exp + SKEW_S <= nowS) return { refused: 'the token has expired' };
  if (nbf !== undefined && nbf - SKEW_S > nowS) return { refused: 'the token is not valid yet' };
  if (sub === undefined || sub === '') return { refused: 'the token says no subject' };
  return {
    caller: {
      ...{ subject: sub, claims: answer, groups: textsIn(answer['groups']) },
      ...{ scopes: scopesIn(scope), expiresAt: exp === undefined ? undefined : exp * 1000 },
    },
  };
};

/** RFC 6749 section 2.3.1: in the header, both parts are encoded like a form. */
const clientShown = (
  { clientId, clientAuth }: Pick<DoorVerifierOf<'introspection'>, 'clientId' | 'clientAuth'>,
  secret: Secret,
): {
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
} => {
  if (clientAuth === 'post')
    return { headers: {}, form: { client_id: clientId, client_secret: secret.reveal() } };
  const pair = [clientId, secret.reveal()].map(inForm).join(':');
  const basic = Buffer.from(pair).toString('base64');
  return { headers: { authorization: `Basic ${basic}` }, form: {} };
};

const inForm = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

const doesNotTell = ({ host }: URL, status: number): ProblemError =>
  new ProblemError(
    'server-trouble',
    `${host} does not say whether tokens hold (status ${status})`,
    {
      hint:
        status === 401 || status === 403
          ? 'check the client id and the secret that it is asked with'
          : 'try again later',
    },
  );

const unreadable = ({ host }: URL): ProblemError =>
  new ProblemError('bad-answer', `${host} says whether tokens hold in a form that cannot be read`);
