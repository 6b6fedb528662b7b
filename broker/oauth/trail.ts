/** Where the facts of a sign-in were found: noted on the way there, and kept with what the sign-in yields. */
import { z } from 'zod';
import {
  type EndpointName,
  FactOrigin,
  type FoundEndpoint,
} from '../../shared/contract/account-facts.ts';
import { plainText } from '../../shared/plain-text.ts';
import type { ServerMetadata } from './metadata.ts';

export const Trail = z.object({
  /** The document in which the server says how it is signed in to; absent where none was read. */
  resourceMetadata: z
    .object({ url: z.string(), from: z.enum(['challenge', 'well-known']) })
    .optional(),
  /** The one in which the sign-in service describes itself. */
  serviceMetadata: z.string().optional(),
  /** Who named the sign-in service. */
  issuer: FactOrigin,
  /** Who named its endpoints. */
  endpoints: FactOrigin,
  /** What tokens are asked for; absent where they are for nothing by name. */
  resource: FactOrigin.optional(),
  /** Who named the scopes; absent where nobody did. */
  scopes: FactOrigin.optional(),
});
export type Trail = z.infer<typeof Trail>;

/** Where each endpoint stands in metadata, in the order in which they are told. */
const members = {
  authorize: 'authorization_endpoint',
  'pushed-authorization': 'pushed_authorization_request_endpoint',
  token: 'token_endpoint',
  registration: 'registration_endpoint',
  revocation: 'revocation_endpoint',
  device: 'device_authorization_endpoint',
  userinfo: 'userinfo_endpoint',
  introspection: 'introspection_endpoint',
  keys: 'jwks_uri',
} as const satisfies Partial<Record<EndpointName, keyof ServerMetadata>>;

/** No address that anybody uses is longer. Characters. */
const LONGEST_ADDRESS = 2000;

/** What was found on the way to a sign-in, and who said so. Without a trail nobody remembers who did. */
export const endpointsIn = (
  metadata: ServerMetadata,
  trail: Trail | undefined,
): FoundEndpoint[] => {
  const { resourceMetadata, serviceMetadata } = trail ?? {};
  const says = {
    from: trail?.endpoints ?? 'unknown',
    ...(serviceMetadata === undefined ? {} : { at: serviceMetadata }),
  } as const;
  const documents: FoundEndpoint[] = [
    ...(resourceMetadata === undefined
      ? []
      : [{ what: 'resource-metadata' as const, ...resourceMetadata }]),
    ...(serviceMetadata === undefined
      ? []
      : [{ what: 'service-metadata' as const, url: serviceMetadata, from: 'well-known' as const }]),
  ];
  const named = Object.entries(members).flatMap(([what, member]) => {
    const url = metadata[member];
    return url === undefined
      ? []
      : [{ what: what as EndpointName, url: plainText(url, LONGEST_ADDRESS), ...says }];
  });
  return [...documents, ...named];
};
