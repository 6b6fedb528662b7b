/** The client ids, codes and tokens of the demo: what it has given out, and whether what comes back is that. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { createTurns } from '../tokens/single-flight.ts';
import type { DemoKept, SignIn } from './kept.ts';

/** Life of an access token, s: short, so that a person sees it renewed. */
export const TOKEN_SECONDS = 300;
/** Of a code, ms. */
const CODE_MS = 60_000;
/** An answer may be lost on its way: so long the refresh token before the newest is answered like that, ms. */
const LOST_MS = 60_000;
const MOST_CODES = 100;
export const SCOPE = 'demo';

/** Everybody is the same person there: it has no people of its own. */
export const person = { subject: 'guest', name: 'Guest' } as const;

/** What a person has said yes to. */
export interface Agreed {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
}

/** Whom a good access token is of. Times are Unix ms. */
export interface Caller {
  readonly signedInAt: number;
  readonly renewals: number;
  readonly issuedAt: number;
  readonly endsAt: number;
}

/** All reject like `DemoKept` while the vault is closed or cannot be written. */
export interface Grants {
  /** A client id that says itself where browsers of this client come back to. */
  readonly register: (redirects: readonly string[]) => Promise<string>;
  /** Undefined for an id that was not given out here. */
  readonly redirectsOf: (clientId: string) => Promise<readonly string[] | undefined>;
  readonly giveCode: (agreed: Agreed) => string;
  /** Undefined for whatever is not right about it: `invalid_grant`. A code that comes twice ends what it was good for. */
  readonly redeem: (form: URLSearchParams) => Promise<TokenAnswer | undefined>;
  /** The same; and a spent refresh token ends its sign-in. */
  readonly renew: (form: URLSearchParams) => Promise<TokenAnswer | undefined>;
  /** Ends the sign-in that the token belongs to (RFC 7009). */
  readonly revoke: (token: string) => Promise<void>;
  readonly callerOf: (accessToken: string) => Promise<Caller | undefined>;
}

export interface GrantsDeps {
  readonly kept: DemoKept;
  readonly issuer: string;
  /** What tokens are for. */
  readonly resource: string;
  /** Unix ms. */
  readonly now: () => number;
}

/** Told apart by the type in their header: none can pass for another. */
const types = { client: 'demo-client+jwt', access: 'at+jwt', refresh: 'demo-refresh+jwt' } as const;

const Client = z.object({ redirects: z.array(z.string()) });
const Access = z.object({ sign_in: z.string(), iat: z.number(), exp: z.number() });
const Refresh = z.object({ sign_in: z.string(), client_id: z.string(), renewals: z.number() });

interface Code extends Agreed {
  readonly endsAt: number;
  /** The sign-in that it was redeemed for. */
  signIn?: string;
}

export const createGrants = ({ kept, issuer, resource, now }: GrantsDeps): Grants => {
  const codes = new Map<string, Code>();
  /** What is asked for one sign-in happens one after the other. */
  const inTurn = createTurns();
  const seconds = (): number => Math.floor(now() / 1000);
  const keyBytes = async (): Promise<Uint8Array> =>
    Buffer.from((await kept.key()).reveal(), 'base64url');

  const sign = async (type: keyof typeof types, claims: JWTPayload): Promise<string> =>
    new SignJWT({ iss: issuer, iat: seconds(), jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: types[type] })
      .sign(await keyBytes());

  /** The claims of what was signed here as this type and has not run out. */
  const read = async <T>(
    type: keyof typeof types,
    schema: z.ZodType<T>,
    text: string,
  ): Promise<T | undefined> => {
    const key = await keyBytes();
    try {
      const { payload } = await jwtVerify(text, key, {
        ...{ algorithms: ['HS256'], typ: types[type], issuer },
        ...(type === 'access' ? { audience: resource } : {}),
        currentDate: new Date(now()),
      });
      return schema.safeParse(payload).data;
    } catch (error) {
      // Anybody may send anything; what is wrong with it is nobody's business.
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };

  const tokensOf = async (
    id: string,
    clientId: string,
    { renewals }: SignIn,
  ): Promise<TokenAnswer> => ({
    access_token: await sign('access', {
      ...{ sub: person.subject, aud: resource, client_id: clientId, scope: SCOPE },
      ...{ sign_in: id, exp: seconds() + TOKEN_SECONDS },
    }),
    token_type: 'Bearer',
    expires_in: TOKEN_SECONDS,
    refresh_token: await sign('refresh', { sign_in: id, client_id: clientId, renewals }),
    scope: SCOPE,
  });

  const isRight = (code: Code, form: URLSearchParams): boolean =>
    now() < code.endsAt &&
    code.clientId === form.get('client_id') &&
    code.redirectUri === form.get('redirect_uri') &&
    code.challenge === challengeOf(form.get('code_verifier') ?? '');

  /** Whether a refresh token that is not the newest may be one whose answer was lost. */
  const mayBeLost = ({ renewals, renewedAt }: SignIn, presented: number): boolean =>
    presented === renewals - 1 && now() - renewedAt < LOST_MS;

  return {
    register: (redirects) => sign('client', { redirects: [...redirects] }),
    redirectsOf: async (clientId) => (await read('client', Client, clientId))?.redirects,
    giveCode: (agreed) => {
      const code = randomBytes(24).toString('base64url');
      codes.set(code, { ...agreed, endsAt: now() + CODE_MS });
      dropOldest(codes, MOST_CODES);
      return code;
    },
    redeem: async (form) => {
      const text = form.get('code') ?? '';
      const code = codes.get(text);
      if (code === undefined) return undefined;
      if (code.signIn !== undefined) {
        // Somebody has read it on its way (RFC 6749 section 4.1.2).
        await kept.end(code.signIn);
        return undefined;
      }
      if (!isRight(code, form)) {
        codes.delete(text);
        return undefined;
      }
      // Before anything is waited for: the same code may come again meanwhile.
      const id = randomUUID();
      code.signIn = id;
      const signIn = { renewals: 0, since: now(), renewedAt: now() };
      await kept.put(id, signIn);
      return tokensOf(id, code.clientId, signIn);
    },
    renew: async (form) => {
      const presented = await read('refresh', Refresh, form.get('refresh_token') ?? '');
      if (presented === undefined || presented.client_id !== form.get('client_id'))
        return undefined;
      const { sign_in: id, client_id: clientId } = presented;
      return inTurn(id, async () => {
        const signIn = kept.find(id);
        if (signIn === undefined) return undefined;
        if (presented.renewals === signIn.renewals) {
          const next = { ...signIn, renewals: signIn.renewals + 1, renewedAt: now() };
          await kept.put(id, next);
          return tokensOf(id, clientId, next);
        }
        if (mayBeLost(signIn, presented.renewals)) return tokensOf(id, clientId, signIn);
        // Two hold it, and nobody can tell which of them is the thief (OAuth 2.1 section 4.3.1).
        await kept.end(id);
        return undefined;
      });
    },
    revoke: async (token) => {
      try {
        const found =
          (await read('refresh', Refresh, token)) ?? (await read('access', Access, token));
        if (found !== undefined) await kept.end(found.sign_in);
      } catch (error) {
        // With the key it is worth nothing already.
        if (!kept.isWiped()) throw error;
      }
    },
    callerOf: async (accessToken) => {
      const claims = await read('access', Access, accessToken);
      const signIn = claims && kept.find(claims.sign_in);
      if (claims === undefined || signIn === undefined) return undefined;
      return {
        signedInAt: signIn.since,
        renewals: signIn.renewals,
        issuedAt: claims.iat * 1000,
        endsAt: claims.exp * 1000,
      };
    },
  };
};

const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

/** What is waited for in memory must not grow with whoever asks. */
export const dropOldest = (entries: Map<string, unknown>, most: number): void => {
  for (const [oldest] of entries) {
    if (entries.size <= most) return;
    entries.delete(oldest);
  }
};
