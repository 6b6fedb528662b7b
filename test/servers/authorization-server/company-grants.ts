/** How does a company's identity provider vouch for a person, and how is its word taken elsewhere? (RFC 8693, RFC 7523) */
import { randomUUID } from 'node:crypto';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  importJWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
  SignJWT,
} from 'jose';
import {
  errors,
  type JWK,
  type Provider,
  type ResourceServer,
  type TokenEndpointGrantContext,
} from 'oidc-provider';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';
const JAG_TYPE = 'oauth-id-jag+jwt';
const JAG_SECONDS = 300;

/** The same key, as the other library spells its type. */
type JwksKey = Exclude<Parameters<typeof importJWK>[0], Uint8Array>;

/** What a server must know of the identity provider whose word it takes. */
export interface TrustedProvider {
  readonly issuer: string;
  readonly jwksUri: string;
}

/** Registers the exchange of an ID token for an ID-JAG. `clientIds` are ours at each authorization server, by issuer. */
export const registerTokenExchange = (
  provider: Provider,
  signingKey: JWK,
  clientIds: ReadonlyMap<string, string>,
): void => {
  const { d: _private, ...published } = signingKey;
  const keys = createLocalJWKSet({ keys: [published as JwksKey] });
  const exchange = async (ctx: TokenEndpointGrantContext): Promise<void> => {
    const params = ctx.oidc.params as Readonly<Record<string, string | undefined>>;
    const { audience = '', resource, scope, subject_token = '' } = params;
    if (params['subject_token_type'] !== ID_TOKEN || params['requested_token_type'] !== ID_JAG)
      throw new errors.InvalidRequest('an ID token for an ID-JAG, and nothing else');
    const clientId = clientIds.get(audience);
    if (clientId === undefined) throw new errors.InvalidTarget();
    const { sub } = await verified(subject_token, keys, {
      issuer: provider.issuer,
      audience: ctx.oidc.client.clientId,
    });
    const said: JWTPayload = { client_id: clientId, resource, scope };
    ctx.body = {
      access_token: await signJag(signingKey, provider.issuer, audience, {
        ...said,
        ...(sub === undefined ? {} : { sub }),
      }),
      issued_token_type: ID_JAG,
      token_type: 'N_A',
      expires_in: JAG_SECONDS,
      scope,
    };
  };
  provider.registerGrantType(TOKEN_EXCHANGE, exchange, [
    ...['audience', 'resource', 'scope', 'requested_token_type'],
    ...['subject_token', 'subject_token_type'],
  ]);
};

/** Registers the grant that takes the word of `trusted`, each of its words once. */
export const registerJwtBearer = (
  provider: Provider,
  trusted: TrustedProvider,
  resourceServer: (resource: string) => ResourceServer,
): void => {
  const keys = createRemoteJWKSet(new URL(trusted.jwksUri));
  const used = new Set<string>();
  const bearer = async (ctx: TokenEndpointGrantContext): Promise<void> => {
    const { client, params } = ctx.oidc;
    const { assertion = '', resource } = params as Readonly<Record<string, string | undefined>>;
    const said = await verified(assertion, keys, {
      issuer: trusted.issuer,
      audience: provider.issuer,
      typ: JAG_TYPE,
    });
    const { sub = '', jti = '', client_id: clientId, scope } = said;
    if (clientId !== client.clientId || used.has(jti) || said['resource'] !== resource)
      throw new errors.InvalidGrant('not for this client, not for this server, or used before');
    used.add(jti);
    const scopes = typeof scope === 'string' ? scope : '';
    const grant = new provider.Grant({ accountId: sub, clientId: client.clientId });
    grant.addResourceScope(resource ?? '', scopes);
    const token = new provider.AccessToken({
      ...{ accountId: sub, client, gty: 'jwt_bearer', scope: scopes },
      grantId: await grant.save(),
    });
    if (resource !== undefined)
      token.resourceServer = new provider.ResourceServer(resource, resourceServer(resource));
    ctx.oidc.entity('AccessToken', token);
    ctx.body = {
      access_token: await token.save(),
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope: scopes,
    };
  };
  provider.registerGrantType(JWT_BEARER, bearer, ['assertion', 'resource', 'scope']);
};

const verified = async (
  token: string,
  keys: JWTVerifyGetKey,
  expected: { readonly issuer: string; readonly audience: string; readonly typ?: string },
): Promise<JWTPayload> => {
  try {
    return (await jwtVerify(token, keys, expected)).payload;
  } catch (error) {
    // Only what is wrong with the token is the client's to hear; the rest is a broken test.
    if (error instanceof joseErrors.JOSEError) throw new errors.InvalidGrant(error.code);
    throw error;
  }
};

const signJag = async (
  key: JWK,
  issuer: string,
  audience: string,
  claims: JWTPayload,
): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', typ: JAG_TYPE, kid: key.kid ?? '' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${JAG_SECONDS} s`)
    .sign(await importJWK(key as JwksKey, 'ES256'));
