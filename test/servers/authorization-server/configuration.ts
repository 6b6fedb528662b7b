/** What does oidc-provider have to be told so that it behaves as an MCP authorization server should? */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  type AdapterFactory,
  type ClientMetadata,
  type Configuration,
  errors,
  interactionPolicy,
  type JWK,
  type ResourceServer,
} from 'oidc-provider';
import { devicePages } from './device-pages.ts';

/** Read anew for every token, so a test may change them while the server runs. */
export interface TokenLifetimes {
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  idTokenSeconds: number;
  deviceCodeSeconds: number;
}

export interface ConfigurationParts {
  readonly adapter: AdapterFactory;
  readonly lifetimes: TokenLifetimes;
  readonly scopes: readonly string[];
  readonly clients: readonly ClientMetadata[];
  /** Client ID metadata documents by address; served from here because their addresses must be https. */
  readonly clientDocuments: Readonly<Record<string, unknown>>;
  readonly signingKey: JWK;
  readonly pushed: 'no' | 'offered' | 'required';
  readonly device: boolean;
  /** Tells who somebody is (`profile`, `email`). */
  readonly tellsWho: boolean;
  readonly wantsPkce: boolean;
  /** With which clients may sign to prove themselves. */
  readonly keyAlgorithms: readonly string[] | undefined;
  readonly issuerPath: string;
  readonly defaultResource: () => string | undefined;
  readonly rotates: (req: IncomingMessage) => boolean;
  readonly refusesResource: (req: IncomingMessage) => boolean;
}

type KeyAlgorithm = NonNullable<
  NonNullable<Configuration['enabledJWA']>['clientAuthSigningAlgValues']
>[number];

const DAY = 24 * 60 * 60;

export const createConfiguration = (parts: ConfigurationParts): Configuration => ({
  adapter: parts.adapter,
  clients: parts.clients,
  jwks: { keys: [parts.signingKey] },
  scopes: ['openid', 'offline_access', ...parts.scopes],
  clientDefaults: {
    grant_types: ['authorization_code'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
    token_endpoint_auth_method: 'client_secret_basic',
  },
  // Tests wait for tokens to expire; oidc-provider's 15 seconds of grace would make that untrue.
  clockTolerance: 0,
  cookies: { keys: [randomBytes(16).toString('hex')] },
  clientBasedCORS: () => false,
  findAccount: (_ctx, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, email: `${accountId}@example.com`, name: accountId }),
  }),
  ...(parts.tellsWho ? { claims: { email: ['email'], profile: ['name'] } } : {}),
  ...(parts.keyAlgorithms === undefined
    ? {}
    : { enabledJWA: { clientAuthSigningAlgValues: [...parts.keyAlgorithms] as KeyAlgorithm[] } }),
  pkce: { required: () => parts.wantsPkce },
  interactions: {
    url: (_ctx, { uid }) => `${parts.issuerPath}/interaction/${uid}`,
    policy: withAccountChoice(),
  },
  renderError: (ctx, { error, error_description: description }) => {
    ctx.type = 'text/plain';
    ctx.body = `${error}: ${description ?? ''}`;
  },

  // oidc-provider by itself wants offline_access for a refresh token; most real servers do not.
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  // By itself it ties refresh tokens to the browser's session, and stops rotating after a year.
  expiresWithSession: () => false,
  rotateRefreshToken: (ctx) => parts.rotates(ctx.req),
  ttl: {
    AccessToken: () => parts.lifetimes.accessTokenSeconds,
    ClientCredentials: () => parts.lifetimes.accessTokenSeconds,
    RefreshToken: () => parts.lifetimes.refreshTokenSeconds,
    AuthorizationCode: 60,
    IdToken: () => parts.lifetimes.idTokenSeconds,
    DeviceCode: () => parts.lifetimes.deviceCodeSeconds,
    Interaction: 600,
    Session: DAY,
    Grant: 365 * DAY,
  },

  features: {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    pushedAuthorizationRequests: {
      enabled: parts.pushed !== 'no',
      requirePushedAuthorizationRequests: parts.pushed === 'required',
    },
    deviceFlow: { enabled: parts.device, ...devicePages },
    clientCredentials: { enabled: true },
    registration: { enabled: true, issueRegistrationAccessToken: true },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
    revocation: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
    },
    clientIdMetadataDocument: {
      enabled: Object.keys(parts.clientDocuments).length > 0,
      ack: 'draft-02',
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, _client, oneOf) => oneOf?.[0] ?? parts.defaultResource() ?? [],
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource) => {
        if (parts.refusesResource(ctx.req)) throw new errors.InvalidTarget();
        return resourceServerOf(parts, resource);
      },
    },
  },

  fetch: async (input) => {
    const address = input instanceof Request ? input.url : String(input);
    const document = parts.clientDocuments[address];
    return document === undefined ? new Response(null, { status: 404 }) : Response.json(document);
  },
});

/** It knows `prompt=select_account` as well (OpenID Connect Core section 3.1.2.1). */
const withAccountChoice = (): ReturnType<typeof interactionPolicy.base> => {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  return policy;
};

/** How tokens for a resource look. */
export const resourceServerOf = (
  { scopes, lifetimes }: Pick<ConfigurationParts, 'scopes' | 'lifetimes'>,
  resource: string,
): ResourceServer => ({
  scope: scopes.join(' '),
  audience: resource,
  accessTokenTTL: lifetimes.accessTokenSeconds,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'ES256' } },
});

export const createSigningKey = (): JWK => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' });
  return { kty: kty ?? 'EC', crv, x, y, d, alg: 'ES256', use: 'sig', kid: 'test-key' };
};
