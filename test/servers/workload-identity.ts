/** An authorization server that takes the word of a workload's platform: token exchange (RFC 8693) and JWT bearer (RFC 7523). */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { errors, Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { startLoopbackServer } from './loopback-server.ts';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export const WORKLOAD_CLIENT = 'drawbridge-as-a-workload';
export const WORKLOAD_SECRET = 'fake-secret-of-a-workload';
const LIFE_S = 3600;

export interface WorkloadIdentity extends AsyncDisposable {
  readonly issuer: string;
  readonly tokenUrl: string;
  /** What the platform gives a workload, to be read from a file. */
  readonly subjectToken: (options?: { audience?: string; lifeS?: number }) => Promise<string>;
  /** Whether this server issued it. */
  readonly issued: (token: string | undefined) => boolean;
  /** What was asked at the token endpoint, without secrets. */
  readonly asked: readonly Readonly<Record<string, string | undefined>>[];
}

export const startWorkloadIdentity = async (): Promise<WorkloadIdentity> => {
  const platform = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issued = new Set<string>();
  const asked: Record<string, string | undefined>[] = [];
  let issuer = '';
  const server = await startLoopbackServer((origin) => {
    issuer = origin;
    const provider = new Provider(origin, {
      clients: [
        {
          ...{ client_id: WORKLOAD_CLIENT, client_secret: WORKLOAD_SECRET },
          ...{ redirect_uris: [], response_types: [], grant_types: [TOKEN_EXCHANGE, JWT_BEARER] },
        },
      ],
      features: { devInteractions: { enabled: false } },
      ttl: { AccessToken: LIFE_S },
    });
    const take =
      (name: 'subject_token' | 'assertion') =>
      async (ctx: TokenEndpointGrantContext): Promise<void> => {
        const params = ctx.oidc.params as Readonly<Record<string, string | undefined>>;
        const { [name]: word = '', ...rest } = params;
        asked.push(rest);
        const sub = await subjectOf(word, platform.publicKey, origin);
        const { client } = ctx.oidc;
        const grant = new provider.Grant({ accountId: sub, clientId: client.clientId });
        const token = new provider.AccessToken({
          ...{ accountId: sub, client, gty: name, scope: params['scope'] ?? '' },
          grantId: await grant.save(),
        });
        ctx.oidc.entity('AccessToken', token);
        const value = await token.save();
        issued.add(value);
        ctx.body = { access_token: value, token_type: 'Bearer', expires_in: LIFE_S };
      };
    provider.registerGrantType(TOKEN_EXCHANGE, take('subject_token'), [
      ...['audience', 'resource', 'scope', 'requested_token_type'],
      ...['subject_token', 'subject_token_type'],
    ]);
    provider.registerGrantType(JWT_BEARER, take('assertion'), ['assertion', 'audience', 'scope']);
    const answer = provider.callback();
    return (req, res) => void answer(req, res);
  });
  return {
    issuer,
    tokenUrl: `${issuer}/token`,
    asked,
    issued: (token = '') => issued.has(token),
    subjectToken: ({ audience = issuer, lifeS = 600 } = {}) =>
      new SignJWT({ sub: 'system:serviceaccount:tools:drawbridge' })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer('https://platform.example')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + lifeS)
        .sign(platform.privateKey),
    [Symbol.asyncDispose]: server.close,
  };
};

const subjectOf = async (word: string, key: KeyObject, audience: string): Promise<string> => {
  try {
    const expected = { issuer: 'https://platform.example', audience };
    return (await jwtVerify(word, key, expected)).payload.sub ?? '';
  } catch {
    throw new errors.InvalidGrant('the word of the platform does not hold');
  }
};
