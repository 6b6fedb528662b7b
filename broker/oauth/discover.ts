/** Who signs people in to a server: from its challenge to the metadata of its authorization server. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { SignInException } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { oauthChallenge } from './challenge.ts';
import { discoverLegacy } from './discover-legacy.ts';
import { firstDocument } from './documents.ts';
import { issuerDocument } from './issuer-metadata.ts';
import {
  forShowing,
  ResourceMetadata,
  resourceMetadataPlaces,
  Scopes,
  type ServerMetadata,
  speaksFor,
} from './metadata.ts';
import { type NamedService, namedMetadata, resourceAt } from './named-service.ts';
import type { Trail } from './trail.ts';

/** What the choice and the trust of documents depend on. */
export interface DiscoveryWish {
  /** Of several authorization servers, the one that this says yes to is taken (A8). */
  readonly holdsClient: (issuer: string) => boolean;
  /** Rules that this server is allowed to break. */
  readonly exceptions: ReadonlySet<SignInException>;
  /** Asked instead of what the server names. */
  readonly service?: NamedService | undefined;
  /** The origins that are shown a client certificate: endpoints there are for those who do (RFC 8705 section 5). */
  readonly certificateAt?: readonly string[] | undefined;
}

export interface Discovery {
  /**
   * What tokens are asked for, byte for byte as the server spells it (RFC 8707; A25); undefined for a server of
   * 2025-03-26, which does not know the parameter (A26).
   */
  readonly resource: string | undefined;
  readonly issuer: string;
  readonly metadata: ServerMetadata;
  /** Nothing is published: the endpoints are those that an old revision prescribes. */
  readonly guessed: boolean;
  /** The scopes to ask for, or undefined to leave the choice to the server (A27). */
  readonly scopes: readonly string[] | undefined;
  readonly trail: Trail;
}

/**
 * Follows RFC 9728 and RFC 8414 from an MCP server to its authorization server.
 *
 * A service that the person has named is asked instead, and then the server is not. `challenge` is the `WWW-Authenticate`
 * of the answer to a request without a token, null when there was none.
 *
 * Rejects with `no-sign-in-service`, `resource-mismatch`, `issuer-mismatch`, `bad-answer` and what the fetch
 * rejects with.
 */
export const discover = async (
  fetch: GuardedFetch,
  server: URL,
  challenge: string | null,
  wish: DiscoveryWish,
): Promise<Discovery> => {
  const found = await lookAround(fetch, server, challenge, wish);
  return { ...found, metadata: forShowing(found.metadata, wish.certificateAt ?? []) };
};

const lookAround = async (
  fetch: GuardedFetch,
  server: URL,
  challenge: string | null,
  { holdsClient, exceptions, service = {} }: DiscoveryWish,
): Promise<Discovery> => {
  const parameters = oauthChallenge(challenge)?.parameters;
  const challenged = scopesIn(parameters?.get('scope'));
  const named = await namedMetadata(fetch, service, exceptions);
  if (named !== undefined) {
    const { metadata, at } = named;
    return {
      ...{ issuer: metadata.issuer, metadata, guessed: false },
      resource: service.resource ?? resourceAt(server),
      scopes: challenged,
      trail: {
        ...{ issuer: 'settings', endpoints: at === undefined ? 'settings' : 'metadata' },
        serviceMetadata: at?.href,
        resource: service.resource === undefined ? 'address' : 'settings',
        scopes: challenged && 'challenge',
      },
    };
  }
  const pointer = parameters?.get('resource_metadata');
  const described = await findResource(fetch, server, pointer);
  if (described === undefined) {
    // Asked for another kind of credential, a server is not one that forgot to say where its sign-in is.
    if (challenge !== null && parameters === undefined) throw noSignInService(server);
    const legacy = await discoverLegacy(fetch, server, challenged);
    if (service.resource === undefined) return legacy;
    const trail: Trail = { ...legacy.trail, resource: 'settings' };
    return { ...legacy, resource: service.resource, trail };
  }
  const { document: resource } = described;
  if (!speaksFor(resource.resource, server)) {
    throw new ProblemError('resource-mismatch', 'the server describes itself as another server', {
      hint: 'check the address; if it is right, the operator of the server has to mend this',
    });
  }
  const issuers = resource.authorization_servers ?? [];
  const issuer = issuers.find(holdsClient) ?? issuers[0];
  if (issuer === undefined) throw noSignInService(server);
  const { metadata, at } = await issuerDocument(fetch, issuer, exceptions);
  const published = unlessEmpty(resource.scopes_supported);
  return {
    resource: service.resource ?? resource.resource,
    issuer: metadata.issuer,
    guessed: false,
    metadata,
    scopes: challenged ?? published,
    trail: {
      resourceMetadata: {
        url: described.at.href,
        from: pointer === undefined ? 'well-known' : 'challenge',
      },
      ...{ issuer: 'resource-metadata', endpoints: 'metadata', serviceMetadata: at.href },
      resource: service.resource === undefined ? 'resource-metadata' : 'settings',
      scopes: (challenged && 'challenge') ?? (published && 'resource-metadata'),
    },
  };
};

const scopesIn = (text: string | undefined): string[] | undefined => {
  const scopes = Scopes.optional().safeParse(text?.split(' ').filter((word) => word !== ''));
  if (scopes.success) return unlessEmpty(scopes.data);
  throw new ProblemError('bad-answer', 'the server asks for access that has no proper name');
};

/** An empty list names nothing: it is no wish to be let in without any scope. */
const unlessEmpty = (scopes: string[] | undefined): string[] | undefined =>
  scopes?.length === 0 ? undefined : scopes;

const findResource = async (
  fetch: GuardedFetch,
  server: URL,
  named: string | undefined,
): Promise<{ readonly at: URL; readonly document: ResourceMetadata } | undefined> => {
  if (named !== undefined && !URL.canParse(named)) {
    throw new ProblemError('bad-answer', 'the server names an unreadable address for its sign-in');
  }
  const places = named === undefined ? resourceMetadataPlaces(server) : [new URL(named)];
  const found = await firstDocument(fetch, places, ResourceMetadata, { whom: 'servers' });
  // A document that was named and is not there is a broken server, not one from before there were such documents.
  if (found === undefined && named !== undefined) throw noSignInService(server);
  return found;
};

const noSignInService = (server: URL): ProblemError =>
  new ProblemError('no-sign-in-service', `${server.host} wants a sign-in but does not say where`, {
    hint: 'the operator of the server has to publish its protected-resource metadata',
  });
