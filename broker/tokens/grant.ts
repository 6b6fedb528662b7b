/** What one sign-in yielded, in memory and in the vault. */
import { z } from 'zod';
import { Problem } from '../../shared/contract/problems.ts';
import { SignInKind } from '../../shared/contract/sign-in-settings.ts';
import { ClientRegistration } from '../oauth/client-registration.ts';
import { ServerMetadata } from '../oauth/metadata.ts';
import type { SignedIn } from '../oauth/sign-in.ts';
import type { Tokens } from '../oauth/token-endpoint.ts';
import { Trail } from '../oauth/trail.ts';
import { noIdToken } from '../oauth/words.ts';
import { type Secret, secretText } from '../vault/secret.ts';

/** Times are Unix ms. */
const facts = {
  /** Grows with every token: which one a server refused can be told by it. */
  generation: z.number().int(),
  obtainedAt: z.number(),
  /** Absent when the server did not say how long the token lives. */
  expiresAt: z.number().optional(),
  /** When even the refresh token ends, where the server said so. */
  endsAt: z.number().optional(),
  scopes: z.array(z.string()).optional(),
  /** What was asked for at the sign-in, where that was noted. */
  scopesAsked: z.array(z.string()).optional(),
  /** Where all of it was found; absent in grants from before that was noted. */
  trail: Trail.optional().catch(undefined),
  /** How it was got, and is got again. */
  kind: SignInKind.default('person'),
  /** What the server is shown, where that is not the access token. */
  bearer: z.literal('id-token').optional(),
  /** The address of the MCP server: an id may come to mean another server, and a token must not go there (A3). */
  server: z.string(),
  resource: z.string().optional(),
  metadata: ServerMetadata,
  client: ClientRegistration,
  subject: z.string().optional(),
  label: z.string().optional(),
  /** Why it cannot be renewed any more, once a final answer said so. */
  ended: Problem.optional(),
};

/** A grant; its record in the vault has the secrets as text. */
export const Grant = z.object({
  ...facts,
  accessToken: secretText,
  refreshToken: secretText.optional(),
  /** Kept where it is shown to the server, and at an identity provider: other servers' tokens are got with it there. */
  idToken: secretText.optional(),
});
export type Grant = z.output<typeof Grant>;

/** The record that goes into the vault, and nowhere else. */
export const toRecord = (grant: Grant): unknown => Grant.encode(grant);

/** The grant that a sign-in makes. */
export const grantFrom = (
  signedIn: SignedIn,
  kind: SignInKind,
  generation: number,
  now: number,
): Grant => {
  const { tokens, server, metadata, client, resource, bearer, scopesAsked, trail } = signedIn;
  return {
    ...lifeOf(tokens, now, bearer),
    bearer,
    endsAt: endOf(tokens, now),
    generation,
    kind,
    server,
    resource,
    metadata,
    client,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    idToken: tokens.idToken,
    scopes: mutable(tokens.scopes ?? scopesAsked),
    ...{ scopesAsked: mutable(scopesAsked), trail },
    subject: tokens.subject,
    label: tokens.label,
  };
};

/** Whether new tokens can be had without the person: with a refresh token, or as they were had in the first place. */
export const isRenewable = ({ kind, refreshToken, ended }: Grant): boolean =>
  ended === undefined && (kind !== 'person' || refreshToken !== undefined);

/** What the server is shown. */
export const shownOf = ({ bearer, accessToken, idToken }: Grant): Secret =>
  bearer === 'id-token' && idToken !== undefined ? idToken : accessToken;

/** The grant that a renewal makes. An answer without a refresh token keeps the old one (RFC 6749 section 6). */
export const renewedGrant = (old: Grant, tokens: Tokens, now: number): Grant =>
  old.bearer === 'id-token' && tokens.idToken === undefined
    ? // OpenID Connect Core section 12.2 lets a service do so. What the server is shown is none the newer for it.
      {
        ...old,
        ...{
          accessToken: tokens.accessToken,
          refreshToken: tokens.refreshToken ?? old.refreshToken,
        },
        ended: noIdToken(old.metadata),
      }
    : renewed(old, tokens, now);

const renewed = (old: Grant, tokens: Tokens, now: number): Grant => ({
  ...old,
  ...lifeOf(tokens, now, old.bearer),
  // A server that says nothing of it goes on with the same refresh token, or with one of the same end.
  endsAt: endOf(tokens, now) ?? old.endsAt,
  generation: old.generation + 1,
  accessToken: tokens.accessToken,
  refreshToken: tokens.refreshToken ?? old.refreshToken,
  // Only where one was kept to begin with.
  idToken: old.idToken && (tokens.idToken ?? old.idToken),
  scopes: mutable(tokens.scopes) ?? old.scopes,
  ended: undefined,
});

const endOf = ({ refreshExpiresIn }: Tokens, now: number): number | undefined =>
  refreshExpiresIn === undefined
    ? undefined
    : Math.round(now + Math.min(refreshExpiresIn, LONGEST_LIFE_S) * 1000);

/** Whether two answers speak of different people. Servers that do not say cannot be told apart. */
export const isSomebodyElse = (
  { subject }: Pick<Grant, 'subject'>,
  other: { readonly subject?: string | undefined },
): boolean => subject !== undefined && other.subject !== undefined && subject !== other.subject;

/**
 * Whether a grant is to be ended at its server once another takes its place. Of the same person and client it must not:
 * some servers end all that a client holds for the person.
 */
export const isLeftOver = (old: Grant, successor: Grant): boolean =>
  old.metadata.issuer !== successor.metadata.issuer ||
  old.client.clientId !== successor.client.clientId;

/** Whether all that is known of two grants speaks for different people, names included: names change, so it proves nothing. */
export const isKnownAsAnother = (one: Grant, other: Grant): boolean => {
  if (one.subject !== undefined && other.subject !== undefined)
    return one.subject !== other.subject;
  return one.label !== undefined && other.label !== undefined && one.label !== other.label;
};

/** Longer than anybody plans, and short enough to be a date. */
const LONGEST_LIFE_S = 10 * 365 * 24 * 60 * 60;

/** A life of 0 s is how some servers say "no end": taken at its word, it would be renewed without a pause. */
const lifeOf = (
  { expiresIn, idTokenEndsAt }: Tokens,
  now: number,
  bearer: Grant['bearer'],
): Pick<Grant, 'obtainedAt' | 'expiresAt'> => ({
  obtainedAt: now,
  expiresAt: bearer === 'id-token' ? idTokenEndsAt : endAfter(expiresIn, now),
});

const endAfter = (expiresIn: number | undefined, now: number): number | undefined =>
  expiresIn === undefined || !(expiresIn > 0)
    ? undefined
    : Math.round(now + Math.min(expiresIn, LONGEST_LIFE_S) * 1000);

const mutable = (scopes: readonly string[] | undefined): string[] | undefined =>
  scopes === undefined ? undefined : [...scopes];
