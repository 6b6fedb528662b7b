/** Where the sign-in of a server or of an identity provider is, and whether it can be used. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { SignInException } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { askWithoutToken } from './challenge-request.ts';
import { type Discovery, type DiscoveryWish, discover } from './discover.ts';
import { issuerDocument, type ServiceDocument } from './issuer-metadata.ts';
import type { ServerMetadata } from './metadata.ts';
import type { SettledSignIn } from './settled.ts';
import type { Trail } from './trail.ts';

/** What is signed in to: an MCP server at its address, or an identity provider, which is its own issuer. */
export interface SignInTarget {
  readonly url: URL;
  readonly isIdentityProvider: boolean;
}

/** Rejects like `discover`. */
export const findSignIn = async (
  fetch: GuardedFetch,
  { url, isIdentityProvider }: SignInTarget,
  wish: DiscoveryWish,
): Promise<Discovery> =>
  isIdentityProvider
    ? atIssuer(await issuerDocument(fetch, issuerOf(url), wish.exceptions))
    : discover(fetch, url, await askWithoutToken(fetch, url), wish);

/** An issuer without a path is spelled without the slash that `URL` puts there. */
export const issuerOf = (url: URL): string => (url.pathname === '/' ? url.origin : url.href);

/** What an ID token is given for (OpenID Connect Core section 3.1.2.1). */
const OPENID = 'openid';

/** Who the person is comes with these, where there is a choice (OpenID Connect Core section 5.4). */
const ABOUT_THE_PERSON = ['profile', 'email'];

/** What there is to find at an identity provider, which is no resource itself. */
export const atIssuer = ({ metadata, at }: ServiceDocument): Discovery => ({
  resource: undefined,
  issuer: metadata.issuer,
  metadata,
  guessed: false,
  scopes: [
    OPENID,
    ...ABOUT_THE_PERSON.filter((scope) => metadata.scopes_supported?.includes(scope)),
  ],
  trail: { issuer: 'address', endpoints: 'metadata', serviceMetadata: at.href },
});

/**
 * That a person can be sent there with a protected sign-in. Throws `pkce-unsupported`, `no-sign-in-service`.
 *
 * Absent means unsupported, and the flow stops: without PKCE a stolen code is a stolen sign-in (A15).
 */
export const assertSignsIn = (
  metadata: ServerMetadata,
  exceptions: ReadonlySet<SignInException>,
): void => {
  const { host } = new URL(metadata.issuer);
  const methods = metadata.code_challenge_methods_supported;
  const allowed =
    exceptions.has('pkce-off') || (methods === undefined && exceptions.has('pkce-unadvertised'));
  if (methods?.includes('S256') !== true && !allowed) {
    throw new ProblemError(
      'pkce-unsupported',
      `${host} does not offer a protected sign-in (PKCE with S256)`,
      {
        hint: 'ask its operator to switch PKCE on',
        exception: methods === undefined ? 'pkce-unadvertised' : undefined,
      },
    );
  }
  if (metadata.authorization_endpoint === undefined) {
    throw new ProblemError('no-sign-in-service', `${host} has no page to sign in at`);
  }
};

/** What the person settled, else what was challenged or published; `offline_access` only where it is on offer (A27, A30). */
export const scopesFor = (
  { scopes, metadata }: Discovery,
  settled: Pick<SettledSignIn, 'scopes' | 'moreScopes' | 'exceptions'>,
): readonly string[] | undefined => {
  const offersOffline = metadata.scopes_supported?.includes('offline_access') === true;
  const asked = [
    ...(settled.exceptions.has('id-token-as-bearer') ? [OPENID] : []),
    ...(settled.scopes ?? scopes ?? []),
    ...settled.moreScopes,
  ];
  if (asked.length === 0) return undefined;
  return [...new Set([...asked, ...(offersOffline ? ['offline_access'] : [])])];
};

/** Where the facts of a sign-in are from, once what is settled for it counts as well. */
export const trailOf = (
  { trail }: Discovery,
  { scopes, moreScopes, exceptions }: Pick<SettledSignIn, 'scopes' | 'moreScopes' | 'exceptions'>,
): Trail => ({
  ...trail,
  resource: exceptions.has('resource-omitted') ? undefined : trail.resource,
  scopes: scopes === undefined ? (trail.scopes ?? wantedBy(moreScopes)) : 'settings',
});

/** More scopes than were named are for what a server has refused without them. */
const wantedBy = (moreScopes: readonly string[]): Trail['scopes'] =>
  moreScopes.length === 0 ? undefined : 'challenge';

/** What tokens are asked for: as the server spells it, unless it is known to refuse being named. */
export const resourceFor = (
  { resource }: Discovery,
  exceptions: ReadonlySet<SignInException>,
): string | undefined => (exceptions.has('resource-omitted') ? undefined : resource);
