/** Who may use an MCP server, and how is everybody else told where to get a token? */
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

/** What a resource must know of the authorization server it trusts. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly scopes: readonly string[];
  readonly isLive: (jti: string) => boolean;
}

/** The part of a request that decides which scopes it needs. */
export interface McpCall {
  readonly httpMethod: string;
  /** The JSON-RPC method, when there is one. */
  readonly method: string | undefined;
  /** The tool, prompt or resource, when the call names one. */
  readonly name: string | undefined;
}

export interface ProtectionOptions {
  /** Scopes a call needs; by default all scopes of the authorization server. */
  readonly requires?: (call: McpCall) => readonly string[];
  /** What a 401 says: by default where the metadata is and which scopes to ask for. */
  readonly challenge?: 'full' | 'without-metadata' | 'none';
  /** Where the metadata can be found; `elsewhere` is known from the challenge only. */
  readonly metadataAt?: 'path' | 'root' | 'elsewhere';
}

/** In the shape the MCP SDKs hand to their tools. */
export interface Caller {
  readonly token: string;
  readonly clientId: string;
  readonly scopes: string[];
  readonly expiresAt: number;
  readonly extra: { readonly subject: string };
}

export interface Refusal {
  readonly status: 401 | 403;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string; readonly error_description: string };
}

export interface ProtectedResource {
  /** RFC 9728's `resource`, and the audience tokens must have. */
  readonly resource: string;
  readonly metadataPath: string;
  readonly metadata: () => Record<string, unknown>;
  readonly admit: (authorization: string | undefined, call: McpCall) => Promise<Caller | Refusal>;
  /** The next so many requests are refused although their token is good. */
  readonly refuseNext: (times: number) => void;
}

export const isRefusal = (answer: Caller | Refusal): answer is Refusal => 'status' in answer;

const wellKnown = '/.well-known/oauth-protected-resource';

export const protectResource = (
  issuer: TokenIssuer,
  resource: URL,
  options: ProtectionOptions = {},
): ProtectedResource => {
  const { challenge = 'full', metadataAt = 'path', requires = () => issuer.scopes } = options;
  const keys = createRemoteJWKSet(new URL(issuer.jwksUri));
  const metadataPath = {
    path: wellKnown + resource.pathname,
    root: wellKnown,
    elsewhere: '/about/this-resource.json',
  }[metadataAt];
  let refusals = 0;

  const refuse = (
    status: Refusal['status'],
    error: string,
    needed: readonly string[],
    reason = error,
  ): Refusal => {
    const challengeParams = [
      // RFC 6750 section 3: no error code when the request had no token at all.
      ...(error === 'missing_token' ? [] : [`error="${error}"`]),
      ...(needed.length === 0 ? [] : [`scope="${needed.join(' ')}"`]),
      ...(challenge === 'full' ? [`resource_metadata="${resource.origin}${metadataPath}"`] : []),
    ];
    return {
      status,
      headers:
        challenge === 'none' ? {} : { 'www-authenticate': `Bearer ${challengeParams.join(', ')}` },
      body: { error, error_description: reason },
    };
  };

  return {
    resource: resource.href,
    metadataPath,
    metadata: () => ({
      resource: resource.href,
      authorization_servers: [issuer.issuer],
      scopes_supported: issuer.scopes,
      bearer_methods_supported: ['header'],
      resource_name: 'Test MCP server',
    }),
    admit: async (authorization, call) => {
      const needed = requires(call);
      const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) return refuse(401, 'missing_token', needed);
      if (refusals > 0) {
        refusals -= 1;
        return refuse(401, 'invalid_token', needed, 'refused on request of a test');
      }
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer: issuer.issuer,
          audience: resource.href,
          typ: 'at+jwt',
          requiredClaims: ['sub', 'jti', 'exp', 'client_id'],
        });
        const { sub = '', jti = '', exp = 0, scope, client_id: clientId } = payload;
        if (!issuer.isLive(jti)) return refuse(401, 'invalid_token', needed, 'revoked');
        const scopes = typeof scope === 'string' ? scope.split(' ') : [];
        if (!needed.every((name) => scopes.includes(name))) {
          return refuse(403, 'insufficient_scope', needed);
        }
        return {
          token,
          clientId: String(clientId),
          scopes,
          expiresAt: exp,
          extra: { subject: sub },
        };
      } catch (error) {
        // Only what is wrong with the token is the client's to hear; the rest is a broken test.
        if (!(error instanceof errors.JOSEError)) throw error;
        return refuse(401, 'invalid_token', needed, error.code);
      }
    },
    refuseNext: (times) => {
      refusals += times;
    },
  };
};
