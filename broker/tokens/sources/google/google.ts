/** Tokens of Google: access tokens with scopes, or ID tokens for an audience, for whoever this machine or a key says we are. */
import { decodeJwt } from 'jose';
import type { TokenSourceOf } from '../../../../shared/contract/token-sources.ts';
import type { Secret } from '../../../vault/secret.ts';
import { tokenIn } from '../header-value.ts';
import type { Minted, Source, SourceDeps } from '../source.ts';
import { type Credential, defaultCredential, readCredential } from './credential.ts';
import { metadataToken } from './metadata-server.ts';
import { tokenFor } from './token-for.ts';

export type GoogleDeps = Pick<
  SourceDeps,
  'resolve' | 'conceal' | 'fetch' | 'platform' | 'env' | 'now'
>;

/** What is asked for: an ID token where there is an audience. */
export interface Wish {
  readonly scopes: readonly string[] | undefined;
  readonly audience: string | undefined;
}

/** A token as it came, and its life in s where that was said beside it. */
export interface Given {
  readonly token: string;
  readonly lifeS?: number | undefined;
  readonly expiresAt?: number | undefined;
}

export const googleSource = (settings: TokenSourceOf<'google'>, deps: GoogleDeps): Source => ({
  isCheap: false,
  mint: async () => {
    const wish = { scopes: settings.scopes, audience: settings.audience };
    const askedAt = deps.now();
    const key = settings.key === undefined ? undefined : await deps.resolve(settings.key);
    const credential =
      key === undefined
        ? await defaultCredential(deps.env)
        : readCredential(key.reveal(), 'what was named');
    const given =
      credential === undefined
        ? await metadataToken(wish, deps)
        : await tokenFor(credential, wish, deps);
    return mintedOf(given, credential, wish, askedAt);
  },
});

const mintedOf = (
  { token: text, lifeS, expiresAt }: Given,
  credential: Credential | undefined,
  { audience }: Wish,
  askedAt: number,
): Minted => {
  const token = tokenIn(text, 'Google');
  const told = expiresAt ?? (lifeS === undefined ? undefined : askedAt + lifeS * 1000);
  return {
    token,
    expiresAt: audience === undefined ? told : endOf(token),
    ...(credential?.headers === undefined ? {} : { headers: credential.headers }),
  };
};

/** Of an ID token, which is not checked here: its audience does that. */
const endOf = (token: Secret): number | undefined => {
  try {
    const { exp } = decodeJwt(token.reveal());
    return exp === undefined ? undefined : exp * 1000;
  } catch {
    // Whoever gets it will say what they think of it.
    return undefined;
  }
};
