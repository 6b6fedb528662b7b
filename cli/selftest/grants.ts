/** The codes and tokens of the service: PKCE, rotation, and the end of a sign-in whose spent refresh token comes back. */
import { createHash, randomBytes } from 'node:crypto';

/** What an authorization request asked for. */
export interface Asked {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
}

export interface Grants {
  readonly giveCode: (asked: Asked) => string;
  /** Undefined for whatever is not right about it: `invalid_grant`. */
  readonly redeem: (form: URLSearchParams) => TokenAnswer | undefined;
  readonly renew: (form: URLSearchParams) => TokenAnswer | undefined;
  /** Ends the sign-in that the token belongs to (RFC 7009). */
  readonly revoke: (token: string) => void;
  /** Ends every sign-in, as an administrator would. */
  readonly endAll: () => void;
  readonly isGood: (accessToken: string) => boolean;
  /** How many spent refresh tokens came back. */
  readonly reuses: () => number;
  /** Every code and token ever given out. */
  readonly secrets: readonly string[];
}

interface SignIn {
  readonly clientId: string;
  live: boolean;
  refreshToken: string;
}

/** Life of an access token, s. */
export const TOKEN_SECONDS = 3600;

export const createGrants = (now: () => number): Grants => {
  const codes = new Map<string, Asked>();
  const refreshTokens = new Map<string, SignIn>();
  const accessTokens = new Map<string, { readonly signIn: SignIn; readonly endsAt: number }>();
  const secrets: string[] = [];
  let reuses = 0;

  const make = (kind: string): string => {
    const secret = `selftest-${kind}-${randomBytes(24).toString('base64url')}`;
    secrets.push(secret);
    return secret;
  };

  const tokensOf = (signIn: SignIn): TokenAnswer => {
    const accessToken = make('access');
    signIn.refreshToken = make('refresh');
    refreshTokens.set(signIn.refreshToken, signIn);
    accessTokens.set(accessToken, { signIn, endsAt: now() + TOKEN_SECONDS * 1000 });
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: TOKEN_SECONDS,
      refresh_token: signIn.refreshToken,
    };
  };

  return {
    giveCode: (asked) => {
      const code = make('code');
      codes.set(code, asked);
      return code;
    },
    redeem: (form) => {
      const code = form.get('code') ?? '';
      const asked = codes.get(code);
      codes.delete(code);
      const isRight =
        asked !== undefined &&
        asked.clientId === form.get('client_id') &&
        asked.redirectUri === form.get('redirect_uri') &&
        asked.challenge === challengeOf(form.get('code_verifier') ?? '');
      return isRight
        ? tokensOf({ clientId: asked.clientId, live: true, refreshToken: '' })
        : undefined;
    },
    renew: (form) => {
      const token = form.get('refresh_token') ?? '';
      const signIn = refreshTokens.get(token);
      if (signIn?.live !== true || signIn.clientId !== form.get('client_id')) return undefined;
      if (signIn.refreshToken === token) return tokensOf(signIn);
      // Somebody holds a token that was given up: nobody can tell who the thief is, so it ends for all (OAuth 2.1, 4.3.1).
      reuses += 1;
      signIn.live = false;
      return undefined;
    },
    revoke: (token) => {
      const signIn = refreshTokens.get(token) ?? accessTokens.get(token)?.signIn;
      if (signIn !== undefined) signIn.live = false;
    },
    endAll: () => {
      for (const signIn of refreshTokens.values()) signIn.live = false;
    },
    isGood: (accessToken) => {
      const found = accessTokens.get(accessToken);
      return found?.signIn.live === true && now() < found.endsAt;
    },
    reuses: () => reuses,
    secrets,
  };
};

const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');
