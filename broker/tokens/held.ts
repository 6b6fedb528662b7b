/** What may be told of a grant to the person whose it is: all of its facts, and no secret. */
import type { HeldSignIn } from '../../shared/contract/account-facts.ts';
import type { ClientSource } from '../../shared/contract/sign-in-settings.ts';
import { plainText } from '../../shared/plain-text.ts';
import type { ClientRegistration } from '../oauth/client-registration.ts';
import { type Grant, isRenewable } from './grant.ts';
import { viewOf } from './token-view.ts';

export interface HeldDeps {
  /** Takes out the secrets that are known. */
  readonly clean: (text: string) => string;
  /** Where the client came from that the grant was made with. */
  readonly clientFrom: (client: ClientRegistration) => ClientSource;
  /** When it will be renewed, Unix ms. */
  readonly renewsAt: number | undefined;
}

/** Longer than any that is in use, and no more than a page has room for. Characters. */
const LONGEST = 2000;
const MOST_SCOPES = 1000;

/** The facts of a grant. */
export const heldIn = (grant: Grant, { clean, clientFrom, renewsAt }: HeldDeps): HeldSignIn => {
  const { client, trail, resource, idToken, subject } = grant;
  return {
    issuer: { url: told(grant.metadata.issuer), from: trail?.issuer ?? 'unknown' },
    client: {
      ...{ id: told(client.clientId), from: clientFrom(client), authMethod: client.authMethod },
      ...{ secretEndsAt: client.secretEndsAt, redirect: client.redirectUri },
    },
    scopes: {
      asked: allTold(grant.scopesAsked),
      from: trail?.scopes,
      granted: allTold(grant.scopes),
    },
    resource:
      resource === undefined
        ? undefined
        : { url: told(resource), from: trail?.resource ?? 'unknown' },
    ...{ subject: subject && told(subject), label: grant.label },
    ...{ obtainedAt: grant.obtainedAt, expiresAt: grant.expiresAt, endsAt: grant.endsAt, renewsAt },
    hasRefreshToken: grant.refreshToken !== undefined,
    ...{ renewable: isRenewable(grant), ended: grant.ended },
    shows: grant.bearer ?? 'access-token',
    accessToken: viewOf(grant.accessToken, clean),
    idToken: idToken && viewOf(idToken, clean),
  };
};

const told = (text: string): string => plainText(text, LONGEST);

const allTold = (texts: readonly string[] | undefined): string[] | undefined =>
  texts?.slice(0, MOST_SCOPES).map(told);
