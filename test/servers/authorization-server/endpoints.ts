/** Which endpoint does a request reach? */

const rows = [
  ['metadata', /^\/\.well-known\/(oauth-authorization-server|openid-configuration)$/],
  ['jwks', /^\/jwks$/],
  ['registration', /^\/reg(\/|$)/],
  ['authorization', /^\/auth$/],
  ['resume', /^\/auth\//],
  ['interaction', /^\/interaction\//],
  ['revocation', /^\/token\/revocation$/],
  ['token', /^\/token$/],
  ['userinfo', /^\/userinfo$/],
  ['introspection', /^\/token\/introspection$/],
  ['pushed', /^\/request$/],
  ['device', /^\/device\/auth$/],
  ['verification', /^\/device(\/|$)/],
] as const;

export type EndpointName = (typeof rows)[number][0] | 'other';

/** `path` is relative to the issuer's own path. */
export const endpointOf = (path: string): EndpointName =>
  rows.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other';

const metadataPaths = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
];

/**
 * The path as oidc-provider, mounted at `issuerPath`, knows it; null when it is not the issuer's.
 *
 * RFC 8414 section 3.1 inserts the well-known part before the issuer's path, OpenID Connect appends
 * it after; a client may ask either way.
 */
export const mountedPath = (path: string, issuerPath: string): string | null => {
  if (issuerPath === '') return path;
  const inserted = metadataPaths.find((wellKnown) => path === wellKnown + issuerPath);
  if (inserted !== undefined) return inserted;
  return path.startsWith(`${issuerPath}/`) ? path.slice(issuerPath.length) : null;
};
