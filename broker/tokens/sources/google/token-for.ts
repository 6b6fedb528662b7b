/** A token for what stands in a credential file: one request, or two where one account acts as another. */
import { z } from 'zod';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { Secret } from '../../../vault/secret.ts';
import { askJson } from '../ask-json.ts';
import { privateKey, signJwt } from '../signed-jwt.ts';
import type { Credential, GoogleFile, GoogleFileOf } from './credential.ts';
import type { Given, GoogleDeps, Wish } from './google.ts';

type Deps = Pick<GoogleDeps, 'conceal' | 'fetch' | 'now'>;

/** Everything that the account may do: what it may is said by its roles. */
const WIDEST = 'https://www.googleapis.com/auth/cloud-platform';
/** Google gives no longer ones. s */
const LIFE_S = 3600;

const AccessToken = z.object({ access_token: z.string(), expires_in: z.number().optional() });
const IdToken = z.object({ id_token: z.string() });

/** Rejects with a `ProblemError`, or with a `TokenFailure` for what passes. */
export const tokenFor = ({ file }: Credential, wish: Wish, deps: Deps): Promise<Given> =>
  (rows[file.type] as (file: GoogleFile, wish: Wish, deps: Deps) => Promise<Given>)(
    file,
    wish,
    deps,
  );

/** RFC 7523 section 2.1, with a claim of Google's for ID tokens. */
const ofServiceAccount = async (
  { client_email, private_key, private_key_id: keyId, token_uri }: GoogleFileOf<'service_account'>,
  { scopes = [WIDEST], audience }: Wish,
  { conceal, fetch, now }: Deps,
): Promise<Given> => {
  conceal(private_key);
  const iat = Math.floor(now() / 1000);
  const claims = {
    ...{ iss: client_email, aud: token_uri, iat, exp: iat + LIFE_S },
    ...(audience === undefined ? { scope: scopes.join(' ') } : { target_audience: audience }),
  };
  const { key } = privateKey(private_key);
  const assertion = await signJwt(claims, { algorithm: 'RS256', key, keyId });
  conceal(assertion);
  const grant = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: assertion.reveal(),
  };
  const refused = (): Error =>
    failed(`Google does not take the key of ${client_email}`, {
      hint: 'it may have been deleted, or the account switched off; check the clock of this machine',
    });
  return audience === undefined
    ? accessToken(await askJson(fetch, token_uri, AccessToken, { ...form(grant), refused }))
    : { token: (await askJson(fetch, token_uri, IdToken, { ...form(grant), refused })).id_token };
};

const ofPerson = async (
  { client_id, client_secret, refresh_token, token_uri }: GoogleFileOf<'authorized_user'>,
  { scopes, audience }: Wish,
  { conceal, fetch }: Deps,
): Promise<Given> => {
  for (const secret of [client_secret, refresh_token]) conceal(secret);
  if (audience !== undefined)
    throw failed('Google gives a person no ID token for another audience', {
      hint: 'use a service account: gcloud auth application-default login --impersonate-service-account',
    });
  const grant = {
    ...{ grant_type: 'refresh_token', client_id, client_secret: client_secret.reveal() },
    refresh_token: refresh_token.reveal(),
    ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
  };
  const refused = (): Error =>
    failed('the sign-in to Google on this machine has ended, or lacks a scope', {
      hint: 'gcloud auth application-default login',
    });
  return accessToken(await askJson(fetch, token_uri, AccessToken, { ...form(grant), refused }));
};

const ofImpersonated = async (
  {
    source_credentials,
    service_account_impersonation_url: url,
    delegates,
  }: GoogleFileOf<'impersonated_service_account'>,
  { scopes = [WIDEST], audience }: Wish,
  deps: Deps,
): Promise<Given> => {
  const own = { scopes: [WIDEST], audience: undefined };
  const { token } = await tokenFor({ file: source_credentials }, own, deps);
  deps.conceal(new Secret(token));
  const refused = (): Error =>
    failed('Google does not let this account act as the service account', {
      hint: 'it needs the role Service Account Token Creator there',
    });
  const question = (body: object) => ({
    ...{ method: 'POST', body: JSON.stringify({ delegates, ...body }), refused },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  if (audience !== undefined) {
    const address = url.replace(/:generateAccessToken$/, ':generateIdToken');
    const asked = question({ audience, includeEmail: true });
    return askJson(deps.fetch, address, z.object({ token: z.string() }), asked);
  }
  const Answer = z.object({ accessToken: z.string(), expireTime: z.iso.datetime() });
  const asked = question({ scope: scopes, lifetime: `${LIFE_S}s` });
  const { accessToken: given, expireTime } = await askJson(deps.fetch, url, Answer, asked);
  return { token: given, expiresAt: Date.parse(expireTime) };
};

const rows: {
  readonly [K in GoogleFile['type']]: (
    file: GoogleFileOf<K>,
    wish: Wish,
    deps: Deps,
  ) => Promise<Given>;
} = {
  service_account: ofServiceAccount,
  authorized_user: ofPerson,
  impersonated_service_account: ofImpersonated,
};

const accessToken = ({ access_token, expires_in }: z.output<typeof AccessToken>): Given => ({
  ...{ token: access_token, lifeS: expires_in },
});

const form = (parameters: Readonly<Record<string, string>>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(parameters).toString(),
});

const failed = (message: string, options: { readonly hint: string }): ProblemError =>
  new ProblemError('source-failed', message, options);
