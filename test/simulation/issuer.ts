/** Authorization servers in memory: their terms, what they issued, and every token request they saw. */
import type { ClientRegistration } from '../../broker/oauth/client-registration.ts';
import type { Tokens } from '../../broker/oauth/token-endpoint.ts';
import { Secret } from '../../broker/vault/secret.ts';

/** What a server does with the refresh token that it was just shown. */
export type Rotation =
  /** It stays, and is not told again. */
  | 'stays'
  /** It stays, and is told with every answer. */
  | 'is told again'
  /** A new one comes; the old one is good until the new one has been used. */
  | 'overlaps'
  /** A new one comes; the old one is no good any more. */
  | 'rotates'
  /** A new one comes; who shows the old one again ends the whole sign-in. */
  | 'detects reuse';

export interface Terms {
  readonly kind: 'person' | 'client-credentials';
  /** How long an access token really lives, ms. */
  readonly lifeMs: number;
  readonly expiresIn: 'told' | 'absent' | 'zero';
  /** Undefined: no refresh token at all. */
  readonly rotation: Rotation | undefined;
  /** How long after the sign-in the last refresh token ends, ms. */
  readonly refreshLifeMs: number;
}

/** What one sign-in, or one client of its own, has got from its server. */
export interface Family {
  readonly name: string;
  readonly host: string;
  readonly terms: Terms;
  readonly startedAt: number;
  readonly client: ClientRegistration;
  /** Why nothing of it is good any more. */
  ended?: string;
  generation: number;
}

/** Why a refresh token was refused. */
export type Refusal = 'revoked' | 'ran out' | 'used before';

/** What the server said to a token request that reached it. */
export type Verdict = { readonly granted: Granted } | { readonly refused: Refusal };

export interface Granted {
  readonly family: Family;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** When the access token ends, by the server's clock. */
  readonly until: number;
}

export interface Issuers {
  /** A sign-in by a person, or of a client in its own name. */
  readonly signIn: (name: string, host: string, terms: Terms) => Granted;
  /** What a token request that arrives comes to. */
  readonly serve: (asked: TokenRequest) => Verdict;
  readonly revoke: (family: Family) => void;
  /** Makes the access tokens worthless that there are; new ones can be had. */
  readonly withdrawAccess: (family: Family) => void;
  readonly isGood: (accessToken: string) => boolean;
}

export interface TokenRequest {
  readonly family: Family;
  readonly refreshToken: string | undefined;
}

export const createIssuers = (now: () => number): Issuers => {
  const access = new Map<string, { readonly family: Family; readonly until: number }>();
  /** Refresh tokens and how far their family had come with them. */
  const latest = new Map<Family, { current: string; before: string | undefined }>();

  const grant = (family: Family, refreshToken: string | undefined): Granted => {
    const { name, terms } = family;
    const accessToken = `canary-access-${name}-${++family.generation}`;
    const until = now() + terms.lifeMs;
    access.set(accessToken, { family, until });
    return { family, accessToken, refreshToken, until };
  };

  const nextRefreshToken = (family: Family, shown: string | undefined): string | undefined => {
    const { rotation } = family.terms;
    if (rotation === undefined || rotation === 'stays') return undefined;
    if (rotation === 'is told again') return shown;
    const current = `canary-refresh-${family.name}-${family.generation + 1}`;
    latest.set(family, { current, before: shown });
    return current;
  };

  const refusal = (family: Family, shown: string | undefined): Refusal | undefined => {
    const { terms, startedAt } = family;
    if (family.ended !== undefined) return 'revoked';
    if (terms.kind === 'client-credentials') return undefined;
    if (now() >= startedAt + terms.refreshLifeMs) return 'ran out';
    const { current, before } = latest.get(family) ?? {};
    if (shown === current || (terms.rotation === 'overlaps' && shown === before)) return undefined;
    if (terms.rotation === 'detects reuse') family.ended = 'a refresh token was used twice';
    return 'used before';
  };

  return {
    signIn: (name, host, terms) => {
      const family = {
        ...{ name, host, terms, startedAt: now(), generation: 0 },
        client: clientOf(host, name, terms),
      };
      const current = terms.rotation && `canary-refresh-${name}-0`;
      if (current !== undefined) latest.set(family, { current, before: undefined });
      return grant(family, current);
    },
    serve: ({ family, refreshToken }) => {
      const refused = refusal(family, refreshToken);
      if (refused !== undefined) return { refused };
      return { granted: grant(family, nextRefreshToken(family, refreshToken)) };
    },
    revoke: (family) => {
      family.ended ??= 'revoked';
    },
    withdrawAccess: (family) => {
      for (const [token, issued] of access) if (issued.family === family) access.delete(token);
    },
    isGood: (accessToken) => {
      const issued = access.get(accessToken);
      return issued !== undefined && issued.family.ended === undefined && now() < issued.until;
    },
  };
};

const clientOf = (host: string, name: string, { kind }: Terms): ClientRegistration => ({
  issuer: `https://${host}`,
  clientId: `client-${name}`,
  clientSecret: new Secret(`canary-secret-${name}`),
  authMethod: kind === 'person' ? 'client_secret_post' : 'client_secret_basic',
});

/** The members of a token answer (RFC 6749 section 5.1). */
export const answerTo = ({ family, accessToken, refreshToken }: Granted): object => ({
  access_token: accessToken,
  token_type: 'Bearer',
  ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  ...expiresIn(family.terms),
});

const expiresIn = ({ expiresIn: told, lifeMs }: Terms): { expires_in?: number } =>
  told === 'absent' ? {} : { expires_in: told === 'zero' ? 0 : lifeMs / 1000 };

/** What the sign-in itself yields. */
export const tokensOf = (granted: Granted): Tokens => {
  const { expires_in } = expiresIn(granted.family.terms);
  return {
    accessToken: new Secret(granted.accessToken),
    ...(granted.refreshToken === undefined
      ? {}
      : { refreshToken: new Secret(granted.refreshToken) }),
    ...(expires_in === undefined ? {} : { expiresIn: expires_in }),
  };
};
