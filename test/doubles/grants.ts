/** What a sign-in yields, with tokens that no log line may ever show. */
import type { SignedIn } from '../../broker/oauth/sign-in.ts';
import type { Tokens } from '../../broker/oauth/token-endpoint.ts';
import { Secret } from '../../broker/vault/secret.ts';

/** Tokens that end in `name`, so that a test can tell which ones it holds. */
export const someTokens = (
  name: string,
  { expiresIn = 3600, renewable = true }: { expiresIn?: number; renewable?: boolean } = {},
): Tokens => ({
  accessToken: new Secret(`canary-access-${name}`),
  expiresIn,
  ...(renewable ? { refreshToken: new Secret(`canary-refresh-${name}`) } : {}),
});

/** Where these tokens are for. */
export const serverOfGrants = 'https://server.example/mcp';

export const aSignIn = (tokens: Tokens = someTokens('0')): SignedIn => ({
  server: serverOfGrants,
  metadata: {
    issuer: 'https://issuer.example',
    token_endpoint: 'https://issuer.example/token',
    revocation_endpoint: 'https://issuer.example/revoke',
  },
  client: {
    issuer: 'https://issuer.example',
    clientId: 'the-client',
    clientSecret: new Secret('canary-client-secret'),
    authMethod: 'client_secret_basic',
    redirectUri: 'http://127.0.0.1:4000/callback',
  },
  resource: serverOfGrants,
  scopesAsked: ['read'],
  tokens,
});
