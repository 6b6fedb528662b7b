/** Which client Drawbridge is at an authorization server, in the order the specification gives (A16). */
import { randomBytes } from 'node:crypto';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { redirectUriOf } from './callback.ts';
import type { ClientRegistration } from './client-registration.ts';
import { type GivenClient, givenRegistration } from './given-client.ts';
import type { ServerMetadata } from './metadata.ts';
import { isAlive, type RegistrationWish, register, update } from './register.ts';

/** Client registrations by issuer, wherever they are kept. */
export interface Registrations {
  readonly find: (issuer: string) => ClientRegistration | undefined;
  readonly keep: (registration: ClientRegistration) => Promise<void>;
  /** The client came to nothing: the next sign-in at its issuer uses another. */
  readonly forget: (client: ClientRegistration) => Promise<void>;
  /** The client is gone, and nobody is to blame. Another one that is kept for its issuer stays. */
  readonly drop: (client: ClientRegistration) => Promise<void>;
  /** Whether a client came to nothing at this issuer before. */
  readonly doubts: (issuer: string) => boolean;
  /** For one sign-in, while it runs. */
  readonly hold: () => Hold;
  /** Whether a grant or a running sign-in goes by this client. */
  readonly isInUse: (client: ClientRegistration) => boolean;
  /** Where the browsers of running sign-ins come back to that go by this client. */
  readonly redirectsInUse: (client: ClientRegistration) => readonly string[];
}

/** The clients that a running sign-in goes by: they are not deleted under it, nor is where its browser comes back to. */
export interface Hold {
  readonly on: (client: ClientRegistration) => void;
  /** Gives back what was held. */
  readonly release: () => readonly ClientRegistration[];
}

export interface IdentityDeps {
  readonly fetch: GuardedFetch;
  readonly registrations: Registrations;
  /** What this sign-in goes by. */
  readonly hold: Pick<Hold, 'on'>;
  readonly given: GivenClient | undefined;
  /** Where our client metadata document is published, if it is. */
  readonly documentUrl: string | undefined;
  /** Unix ms. */
  readonly now: number;
  readonly onRegistering: () => void;
}

interface Back {
  readonly port: number;
  /** The one that is settled: no other will do. */
  readonly redirectUri: string | undefined;
}

/** What the client has to be good for in this sign-in. */
export interface IdentityWish {
  /** Where a browser comes back to; undefined where none does. */
  readonly back: Back | undefined;
  readonly scopes: readonly string[] | undefined;
  /** Grant types beyond those of every registration of ours. */
  readonly grantTypes: readonly string[];
}

/**
 * The client to be at the issuer of `metadata`: one that was given, else our published document, else one registered
 * before that fits, else a new registration. A registration that can be managed (RFC 7592) is looked up before it is
 * used and changed rather than made anew.
 *
 * Rejects like `register`, whose `registration-unavailable` names the redirect an operator has to be told.
 */
export const identify = async (
  deps: IdentityDeps,
  metadata: ServerMetadata,
  wish: IdentityWish,
): Promise<ClientRegistration> => {
  const { registrations, given } = deps;
  const { issuer } = metadata;
  const plainRedirect = plainRedirectOf(wish);
  if (given !== undefined) return givenRegistration(given, metadata, plainRedirect);
  const document = usableDocument(deps, metadata, wish);
  if (document !== undefined)
    return { issuer, clientId: document, authMethod: 'none', redirectUri: plainRedirect };
  const held = registrations.find(issuer);
  const fitting = held && (await fit(deps, metadata, held, wish));
  if (fitting !== undefined) return fitting;
  deps.onRegistering();
  const client = await registerAnew(deps, metadata, held, wish);
  deps.hold.on(client);
  await registrations.keep(client);
  return client;
};

/** The held registration, changed where it can be; undefined when another one is needed. */
const fit = async (
  { fetch, registrations, hold, now }: IdentityDeps,
  metadata: ServerMetadata,
  held: ClientRegistration,
  wish: IdentityWish,
): Promise<ClientRegistration | undefined> => {
  const wanted = extended(held, wish, samePlace(held, wish));
  const otherRedirects = registrations.redirectsInUse(held);
  // Before the server is asked: another sign-in that changes it, or a sign-out, may come meanwhile.
  hold.on({ ...held, redirectUri: wanted.redirectUri });
  if (held.secretEndsAt !== undefined && held.secretEndsAt <= now) return undefined;
  if (fits(held, wanted)) return (await isAlive(fetch, held)) ? held : undefined;
  const changed = await update(fetch, metadata, held, { ...wanted, otherRedirects });
  if (changed !== undefined) await registrations.keep(changed);
  return changed;
};

const registerAnew = async (
  { fetch, registrations }: IdentityDeps,
  metadata: ServerMetadata,
  held: ClientRegistration | undefined,
  wish: IdentityWish,
): Promise<ClientRegistration> => {
  const { back } = wish;
  // The plainest of all, which lists of welcome redirects are most likely to have.
  const plainest = back && (back.redirectUri ?? redirectUriOf(back.port, { host: 'localhost' }));
  const first = registrations.doubts(metadata.issuer) ? plainest : back && ownRedirect(back);
  try {
    return await register(fetch, metadata, extended(held, wish, first));
  } catch (error) {
    const unwelcome = error instanceof ProblemError && error.code === 'redirect-unwelcome';
    if (!unwelcome || first === plainest) throw error;
    return register(fetch, metadata, extended(held, wish, plainest));
  }
};

/** A path of its own for each issuer: an answer that comes to another's is none of this one's (RFC 9700 section 4.4.2). */
const ownRedirect = ({ port, redirectUri }: Back): string =>
  redirectUri ??
  redirectUriOf(port, { path: `/callback/${randomBytes(12).toString('base64url')}` });

/** One that stays the same, for an operator to register. */
const plainRedirectOf = ({ back }: IdentityWish): string | undefined =>
  back && (back.redirectUri ?? redirectUriOf(back.port));

/** The redirect that is settled, else that of the held registration, at the port we could get. */
const samePlace = (held: ClientRegistration, { back }: IdentityWish): string | undefined => {
  if (back === undefined || back.redirectUri !== undefined || held.redirectUri === undefined)
    return back && ownRedirect(back);
  const place = new URL(held.redirectUri);
  place.port = String(back.port);
  return place.href;
};

/** Nothing said at registration, or nothing asked for now, leaves the choice to the server. */
const extended = (
  held: ClientRegistration | undefined,
  wish: IdentityWish,
  redirectUri: string | undefined,
): RegistrationWish => ({
  redirectUri: redirectUri ?? held?.redirectUri,
  redirectToTell: plainRedirectOf(wish),
  scopes: wish.scopes && union(held?.scopes, wish.scopes),
  grantTypes: union(held?.grantTypes, wish.grantTypes),
});

const union = (one: readonly string[] = [], other: readonly string[] = []): readonly string[] => [
  ...new Set([...one, ...other]),
];

/** Registered with another port than the one we could get: a server that compares exactly would refuse it. */
const fits = (held: ClientRegistration, wanted: RegistrationWish): boolean =>
  held.redirectUri === wanted.redirectUri &&
  (held.scopes === undefined || covers(held.scopes, wanted.scopes)) &&
  covers(held.grantTypes, wanted.grantTypes);

const covers = (held: readonly string[] = [], wanted: readonly string[] = []): boolean =>
  wanted.every((one) => held.includes(one));

/** The document's address is the client id, where the server reads such documents (A17) and has not refused ours. */
const usableDocument = (
  { documentUrl, registrations }: IdentityDeps,
  metadata: ServerMetadata,
  { grantTypes }: IdentityWish,
): string | undefined => {
  if (metadata.client_id_metadata_document_supported !== true || grantTypes.length > 0)
    return undefined;
  const mayRegister = metadata.registration_endpoint !== undefined;
  return mayRegister && registrations.doubts(metadata.issuer) ? undefined : documentUrl;
};
