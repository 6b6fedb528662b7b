/** The two documents that discovery reads, and the rules for trusting them. */
import { z } from 'zod';
import { Scope } from '../../shared/contract/sign-in-settings.ts';

/** Names of scopes (RFC 6749 section 3.3), and no more than a person could be asked for: they end in an address. */
export const Scopes = z.array(Scope).max(1000);

/** RFC 9728 section 2, the members we act on. */
export const ResourceMetadata = z.looseObject({
  resource: z.string(),
  authorization_servers: z.array(z.string()).optional(),
  scopes_supported: Scopes.optional(),
});
export type ResourceMetadata = z.infer<typeof ResourceMetadata>;

/** Where a server can be asked something. What may be asked is the business of whoever asks. */
const Endpoint = z.string().refine((text) => URL.canParse(text), 'not a URL');

/** RFC 8414 section 2 and OpenID Connect Discovery, the members we act on. Kept with the grant. */
export const ServerMetadata = z.object({
  issuer: z.string(),
  authorization_endpoint: Endpoint.optional(),
  token_endpoint: Endpoint,
  registration_endpoint: Endpoint.optional(),
  revocation_endpoint: z.string().optional(),
  // Nothing depends on these two: what is wrong with them must not spoil the rest.
  userinfo_endpoint: Endpoint.optional().catch(undefined),
  introspection_endpoint: Endpoint.optional().catch(undefined),
  prompt_values_supported: z.array(z.string()).optional().catch(undefined),
  device_authorization_endpoint: Endpoint.optional(),
  pushed_authorization_request_endpoint: Endpoint.optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  jwks_uri: z.string().optional(),
  scopes_supported: z.array(z.string()).optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()).optional(),
  // Without it an ID token counts as valid only when it is signed with RS256.
  id_token_signing_alg_values_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  client_id_metadata_document_supported: z.boolean().optional(),
  /** For those who show a certificate (RFC 8705 section 5). */
  mtls_endpoint_aliases: z
    .object({
      token_endpoint: Endpoint.optional(),
      revocation_endpoint: Endpoint.optional(),
      introspection_endpoint: Endpoint.optional(),
      device_authorization_endpoint: Endpoint.optional(),
      pushed_authorization_request_endpoint: Endpoint.optional(),
    })
    .optional()
    .catch(undefined),
});
export type ServerMetadata = z.infer<typeof ServerMetadata>;

/** With the endpoints for those who show a certificate, as far as they are at `origins`, which are shown it. */
export const forShowing = (
  metadata: ServerMetadata,
  origins: readonly string[],
): ServerMetadata => {
  const shown = Object.entries(metadata.mtls_endpoint_aliases ?? {}).filter(
    ([, endpoint]) => endpoint !== undefined && isAmong(origins, endpoint),
  );
  return { ...metadata, ...Object.fromEntries(shown) };
};

const isAmong = (origins: readonly string[], endpoint: string): boolean =>
  origins.some((origin) => new URL(origin).origin === new URL(endpoint).origin);

/** Where the protected-resource metadata of a server may be, in the order to try (RFC 9728 section 3.1; A5). */
export const resourceMetadataPlaces = (server: URL): URL[] =>
  unique([
    new URL(`/.well-known/oauth-protected-resource${pathOf(server)}${server.search}`, server),
    new URL('/.well-known/oauth-protected-resource', server),
  ]);

/** Where the metadata of an issuer may be, in the order to try (A10, A11). A path issuer's root is another issuer's. */
export const serverMetadataPlaces = (issuer: URL): URL[] => {
  const path = pathOf(issuer);
  return unique([
    new URL(`/.well-known/oauth-authorization-server${path}`, issuer),
    new URL(`/.well-known/openid-configuration${path}`, issuer),
    new URL(`${path}/.well-known/openid-configuration`, issuer),
  ]);
};

/**
 * Whether a protected-resource document that says `resource` may speak for `server`: the same origin, and the same
 * path or one above it, and no query but the server's own. RFC 9728 section 3.3 wants identity; deployed servers name
 * a parent (A6, A7).
 */
export const speaksFor = (resource: string, server: URL): boolean => {
  if (!URL.canParse(resource)) return false;
  const named = new URL(resource);
  // A user name would only be there to be mistaken for the host.
  if (named.username !== '' || named.password !== '') return false;
  if (named.origin !== server.origin || named.hash !== '') return false;
  if (named.search !== '' && named.search !== server.search) return false;
  const parent = named.pathname.endsWith('/') ? named.pathname : `${named.pathname}/`;
  return `${server.pathname}/`.startsWith(parent);
};

const pathOf = ({ pathname }: URL): string => pathname.replace(/\/+$/, '');

const unique = (places: URL[]): URL[] => [
  ...new Map(places.map((url) => [url.href, url])).values(),
];
