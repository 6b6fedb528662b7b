/** Who signs people in to a server: from its challenge to the metadata of its authorization server. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { oauthChallenge } from './challenge.ts';
import { discoverLegacy } from './discover-legacy.ts';
import { firstDocument } from './documents.ts';
import {
  ResourceMetadata,
  resourceMetadataPlaces,
  ServerMetadata,
  serverMetadataPlaces,
  speaksFor,
} from './metadata.ts';

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
}

/**
 * Follows RFC 9728 and RFC 8414 from an MCP server to its authorization server.
 *
 * `challenge` is the `WWW-Authenticate` of the answer to a request without a token, null when there was none.
 * Of several authorization servers the one that `holdsClient` knows is taken, else the first (A8).
 * Rejects with `no-sign-in-service`, `resource-mismatch`, `issuer-mismatch`, `bad-answer` and what the fetch
 * rejects with.
 */
export const discover = async (
  fetch: GuardedFetch,
  server: URL,
  challenge: string | null,
  holdsClient: (issuer: string) => boolean,
): Promise<Discovery> => {
  const parameters = oauthChallenge(challenge)?.parameters;
  const challenged = wordsOf(parameters?.get('scope'));
  const resource = await findResource(fetch, server, parameters?.get('resource_metadata'));
  if (resource === undefined) {
    // Asked for another kind of credential, a server is not one that forgot to say where its sign-in is.
    if (challenge !== null && parameters === undefined) throw noSignInService(server);
    return discoverLegacy(fetch, server, challenged);
  }
  if (!speaksFor(resource.resource, server)) {
    throw new ProblemError('resource-mismatch', 'the server describes itself as another server', {
      hint: 'check the address; if it is right, the operator of the server has to mend this',
    });
  }
  const issuers = resource.authorization_servers ?? [];
  const issuer = issuers.find(holdsClient) ?? issuers[0];
  if (issuer === undefined) throw noSignInService(server);
  return {
    resource: resource.resource,
    issuer,
    guessed: false,
    metadata: await findServerMetadata(fetch, issuer),
    // An empty list names nothing: it is no wish to be let in without any scope.
    scopes: [challenged, resource.scopes_supported].find((scopes) => (scopes?.length ?? 0) > 0),
  };
};

const wordsOf = (text: string | undefined): string[] | undefined =>
  text?.split(' ').filter((word) => word !== '');

const findResource = async (
  fetch: GuardedFetch,
  server: URL,
  named: string | undefined,
): Promise<ResourceMetadata | undefined> => {
  if (named !== undefined && !URL.canParse(named)) {
    throw new ProblemError('bad-answer', 'the server names an unreadable address for its sign-in');
  }
  const places = named === undefined ? resourceMetadataPlaces(server) : [new URL(named)];
  const found = await firstDocument(fetch, places, ResourceMetadata);
  // A document that was named and is not there is a broken server, not one from before there were such documents.
  if (found === undefined && named !== undefined) throw noSignInService(server);
  return found;
};

const findServerMetadata = async (fetch: GuardedFetch, issuer: string): Promise<ServerMetadata> => {
  if (!URL.canParse(issuer)) {
    throw new ProblemError('bad-answer', 'the server names an unreadable authorization server');
  }
  const metadata = await firstDocument(
    fetch,
    serverMetadataPlaces(new URL(issuer)),
    ServerMetadata,
  );
  if (metadata === undefined) {
    throw new ProblemError(
      'no-sign-in-service',
      `${new URL(issuer).host} does not describe how to sign in there`,
      {
        hint: 'the operator of the server has to publish its authorization server metadata',
      },
    );
  }
  // Plain comparison: a document of another issuer, however alike, could mix two servers up (RFC 8414 section 3.3; A12).
  if (metadata.issuer !== issuer) {
    throw new ProblemError(
      'issuer-mismatch',
      `${new URL(issuer).host} describes itself as another issuer`,
      {
        hint: 'the operator of the server has to mend this',
      },
    );
  }
  return metadata;
};

const noSignInService = (server: URL): ProblemError =>
  new ProblemError('no-sign-in-service', `${server.host} wants a sign-in but does not say where`, {
    hint: 'the operator of the server has to publish its protected-resource metadata',
  });
