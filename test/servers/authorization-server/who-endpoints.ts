/** Who is an access token of? Asked by whoever holds it (OpenID Connect), or by a client (RFC 7662). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import { sendJson } from '../loopback-server.ts';

export type WhoEndpoint = 'userinfo' | 'introspection';

/** oidc-provider itself tells nothing of tokens that are for another resource. */
export const whoPaths: Readonly<Record<WhoEndpoint, string>> = {
  userinfo: '/userinfo',
  introspection: '/token/introspection',
};

interface Asked {
  readonly req: IncomingMessage;
  readonly params: URLSearchParams;
  readonly isLive: (jti: string) => boolean;
}

export const answerWho = (
  endpoint: WhoEndpoint,
  { req, params, isLive }: Asked,
  res: ServerResponse,
): void => {
  const [, bearer = ''] = /^Bearer (.+)$/.exec(req.headers.authorization ?? '') ?? [];
  const claims = claimsOf(endpoint === 'userinfo' ? bearer : params.get('token'));
  const { sub = '', jti = '' } = claims;
  const lives = isLive(jti);
  if (endpoint === 'introspection')
    return sendJson(
      res,
      200,
      lives ? { active: true, username: sub, ...claims } : { active: false },
    );
  if (!lives) return sendJson(res, 401, { error: 'invalid_token' });
  return sendJson(res, 200, { sub, email: `${sub}@example.com`, name: sub });
};

const claimsOf = (token: string | null) => {
  try {
    return decodeJwt(token ?? '');
  } catch {
    // Not one of ours.
    return {};
  }
};
