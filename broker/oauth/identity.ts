/** Which client Drawbridge is at an authorization server, in the order the specification gives (A16). */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Secret } from '../vault/secret.ts';
import { type ClientRegistration, chooseAuthMethod } from './messages.ts';
import type { ServerMetadata } from './metadata.ts';
import { register } from './register.ts';

/** Client registrations by issuer, wherever they are kept. */
export interface Registrations {
  readonly find: (issuer: string) => ClientRegistration | undefined;
  readonly keep: (registration: ClientRegistration) => Promise<void>;
  /** It may be dead: the next sign-in uses another. */
  readonly forget: (issuer: string) => Promise<void>;
  /** Whether the client metadata document came to nothing at this issuer before. */
  readonly doubtsDocument: (issuer: string) => boolean;
}

/** A client id that an operator gave to the person. */
export interface GivenClient {
  readonly id: string;
  readonly secret: Secret | undefined;
}

export interface IdentityDeps {
  readonly fetch: GuardedFetch;
  readonly registrations: Registrations;
  readonly given: GivenClient | undefined;
  /** Where our client metadata document is published, if it is. */
  readonly documentUrl: string | undefined;
  readonly onRegistering: () => void;
}

/**
 * The client to be at the issuer of `metadata`: one that was given, else our published document, else one registered
 * before with this very redirect, else a new registration.
 *
 * Rejects like `register`, whose `registration-unavailable` names the redirect an operator has to be told.
 */
export const identify = async (
  deps: IdentityDeps,
  metadata: ServerMetadata,
  redirectUri: string,
  scopes: readonly string[] | undefined,
): Promise<ClientRegistration> => {
  const { fetch, registrations, given, onRegistering } = deps;
  const { issuer } = metadata;
  if (given !== undefined) return givenClient(given, metadata, redirectUri);
  const document = usableDocument(deps, metadata);
  if (document !== undefined)
    return { issuer, clientId: document, authMethod: 'none', redirectUri };
  // Registered with another port than the one we could get: a server that compares exactly would refuse it.
  const held = registrations.find(issuer);
  if (held?.redirectUri === redirectUri && covers(held.scopes, scopes)) return held;
  onRegistering();
  const client = await register(fetch, metadata, redirectUri, union(held?.scopes, scopes));
  await registrations.keep(client);
  return client;
};

/** Nothing said at registration, or nothing asked for now, leaves the choice to the server. */
const covers = (
  held: readonly string[] | undefined,
  asked: readonly string[] | undefined,
): boolean => held === undefined || (asked ?? []).every((scope) => held.includes(scope));

const union = (
  held: readonly string[] | undefined,
  asked: readonly string[] | undefined,
): readonly string[] | undefined =>
  asked === undefined ? undefined : [...new Set([...(held ?? []), ...asked])];

const givenClient = (
  { id, secret }: GivenClient,
  metadata: ServerMetadata,
  redirectUri: string,
): ClientRegistration => {
  const authMethod = secret === undefined ? 'none' : chooseAuthMethod(metadata);
  if (secret !== undefined && authMethod === 'none') {
    throw new ProblemError(
      'registration-unavailable',
      `${new URL(metadata.issuer).host} takes no client secret in a way Drawbridge knows`,
    );
  }
  return {
    issuer: metadata.issuer,
    clientId: id,
    authMethod,
    redirectUri,
    ...(secret === undefined ? {} : { clientSecret: secret.reveal() }),
  };
};

/** The document's address is the client id, where the server reads such documents (A17) and has not refused ours. */
const usableDocument = (
  { documentUrl, registrations }: IdentityDeps,
  metadata: ServerMetadata,
): string | undefined => {
  if (metadata.client_id_metadata_document_supported !== true) return undefined;
  const mayRegister = metadata.registration_endpoint !== undefined;
  return mayRegister && registrations.doubtsDocument(metadata.issuer) ? undefined : documentUrl;
};
