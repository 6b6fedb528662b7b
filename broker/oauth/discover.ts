/** Who signs people in to a server: from its challenge to the metadata of its authorization server. */
import type { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { oauthChallenge } from './challenge.ts';
import {
  ResourceMetadata,
  resourceMetadataPlaces,
  ServerMetadata,
  serverMetadataPlaces,
  speaksFor,
} from './metadata.ts';

export interface Discovery {
  /** What tokens are asked for, byte for byte as the server spells it (RFC 8707; A25). */
  readonly resource: string;
  readonly issuer: string;
  readonly metadata: ServerMetadata;
  /** The scopes to ask for, or undefined to leave the choice to the server (A27). */
  readonly scopes: readonly string[] | undefined;
}

const REDIRECTS = 3;

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
  const resource = await findResource(fetch, server, parameters?.get('resource_metadata'));
  if (!speaksFor(resource.resource, server)) {
    throw new ProblemError('resource-mismatch', 'the server describes itself as another server', {
      hint: 'check the address; if it is right, the operator of the server has to mend this',
    });
  }
  const issuers = resource.authorization_servers ?? [];
  const issuer = issuers.find(holdsClient) ?? issuers[0];
  if (issuer === undefined) throw noSignInService(server);
  const challenged = parameters
    ?.get('scope')
    ?.split(' ')
    .filter((scope) => scope !== '');
  return {
    resource: resource.resource,
    issuer,
    metadata: await findServerMetadata(fetch, issuer),
    // An empty list names nothing: it is no wish to be let in without any scope.
    scopes: [challenged, resource.scopes_supported].find((scopes) => (scopes?.length ?? 0) > 0),
  };
};

const findResource = async (
  fetch: GuardedFetch,
  server: URL,
  named: string | undefined,
): Promise<ResourceMetadata> => {
  if (named !== undefined && !URL.canParse(named)) {
    throw new ProblemError('bad-answer', 'the server names an unreadable address for its sign-in');
  }
  const places = named === undefined ? resourceMetadataPlaces(server) : [new URL(named)];
  const found = await firstDocument(fetch, places, ResourceMetadata);
  if (found === undefined) throw noSignInService(server);
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

/** The first place that holds a document. Only "not there" moves on: anything else could hide a downgrade (L2). */
const firstDocument = async <T extends z.ZodType>(
  fetch: GuardedFetch,
  places: readonly URL[],
  schema: T,
): Promise<z.infer<T> | undefined> => {
  for (const place of places) {
    const answer = await fetch(place, {
      headers: { accept: 'application/json' },
      redirects: REDIRECTS,
    });
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) continue;
    if (!answer.ok) {
      throw new ProblemError(
        'server-trouble',
        `${place.host} answered with status ${answer.status}`,
        {
          hint: 'try again later',
        },
      );
    }
    const parsed = schema.safeParse(await answer.json().catch(() => undefined));
    if (!parsed.success) {
      throw new ProblemError(
        'bad-answer',
        `${place.host} describes its sign-in in a form that cannot be read`,
      );
    }
    return parsed.data;
  }
  return undefined;
};

const noSignInService = (server: URL): ProblemError =>
  new ProblemError('no-sign-in-service', `${server.host} wants a sign-in but does not say where`, {
    hint: 'the operator of the server has to publish its protected-resource metadata',
  });
