/** Sign-in at a server of 2025-03-26, which is its own authorization server and publishes no resource metadata (L1). */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Discovery } from './discover.ts';
import { firstDocument } from './documents.ts';
import { ServerMetadata } from './metadata.ts';

/**
 * What the server's origin publishes as its metadata, else the endpoints that the revision prescribes.
 *
 * Only for servers whose resource metadata is definitively absent: after any other failure this would be a downgrade
 * (L2). Rejects with `issuer-mismatch` and like `firstDocument`.
 */
export const discoverLegacy = async (
  fetch: GuardedFetch,
  { origin, host }: URL,
  challenged: readonly string[] | undefined,
): Promise<Discovery> => {
  const place = new URL('/.well-known/oauth-authorization-server', origin);
  const published = (await firstDocument(fetch, [place], ServerMetadata))?.document;
  // Here the server speaks for itself alone: with another's issuer and its own token endpoint it would be handed that
  // other's codes and client secret (mix-up).
  if (published !== undefined && published.issuer !== origin) {
    throw new ProblemError('issuer-mismatch', `${host} describes itself as another issuer`, {
      hint: 'the operator of the server has to mend this',
    });
  }
  const metadata = published ?? prescribed(origin);
  return {
    resource: undefined,
    issuer: metadata.issuer,
    metadata,
    guessed: published === undefined,
    trail: {
      issuer: 'fallback',
      ...(published === undefined
        ? { endpoints: 'fallback' }
        : { endpoints: 'metadata', serviceMetadata: place.href }),
      scopes: challenged && 'challenge',
    },
    scopes: challenged,
  };
};

/** The revision prescribes PKCE as well, though there is no document to say so. */
const prescribed = (origin: string): ServerMetadata => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  registration_endpoint: `${origin}/register`,
  code_challenge_methods_supported: ['S256'],
});
