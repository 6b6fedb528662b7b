/** Tokens for Drawbridge itself, with nobody to ask (RFC 6749 section 4.4; MCP extension `oauth-client-credentials`). */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { SignInStep } from '../../shared/contract/snapshot.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { ClientRegistration } from './client-registration.ts';
import type { Discovery } from './discover.ts';
import { exchangeProblem } from './exchange-problem.ts';
import { findSignIn, resourceFor, type SignInTarget, scopesFor, trailOf } from './find-sign-in.ts';
import { type GivenClient, givenRegistration } from './given-client.ts';
import type { ServerMetadata } from './metadata.ts';
import type { SettledSignIn } from './settled.ts';
import type { SignedIn } from './sign-in.ts';
import { askTokens, type TokenParty, type Tokens } from './token-endpoint.ts';
import type { Trail } from './trail.ts';

export interface UnattendedDeps {
  readonly fetch: GuardedFetch;
  readonly settled: SettledSignIn;
  /** Unix ms. */
  readonly now: () => number;
  readonly onStep: (step: SignInStep) => void;
}

/** Asks for tokens in Drawbridge's own name. Rejects with a `ProblemError`. */
export const signInAsClient = async (
  target: SignInTarget,
  deps: UnattendedDeps,
): Promise<SignedIn> => {
  const { party, scopes, trail } = await findParty(target, deps);
  deps.onStep('exchanging');
  try {
    const tokens = await renewAsClient(deps.fetch, party, scopes, deps.now());
    return { ...party, server: target.url.href, tokens, scopesAsked: scopes, trail };
  } catch (error) {
    throw exchangeProblem(error, party, { given: true });
  }
};

/** The same, once the party is known. Rejects with `TokenFailure`. */
export const renewAsClient = (
  fetch: GuardedFetch,
  party: TokenParty,
  scopes: readonly string[] | undefined,
  now: number,
): Promise<Tokens> =>
  askTokens(fetch, party, { type: 'client_credentials', parameters: scopeParameter(scopes) }, now);

/** As `scopesFor`, without what only the sign-in of a person is renewed with. */
export const unattendedScopes = (
  found: Discovery,
  settled: SettledSignIn,
): readonly string[] | undefined => {
  const scopes = scopesFor(found, settled)?.filter((scope) => scope !== 'offline_access');
  return scopes?.length === 0 ? undefined : scopes;
};

/** Absent where the choice is left to the server. */
export const scopeParameter = (scopes: readonly string[] | undefined): Record<string, string> =>
  scopes === undefined || scopes.length === 0 ? {} : { scope: scopes.join(' ') };

/**
 * The authorization server of a target, and the client given for it, else `published` where that server reads such
 * documents: nobody registers what nobody signs in with.
 */
export const findParty = async (
  target: SignInTarget,
  { fetch, settled, onStep }: UnattendedDeps,
  published?: string,
): Promise<{ party: TokenParty; scopes: readonly string[] | undefined; trail: Trail }> => {
  const { client, exceptions, service, certificateAt } = settled;
  if (client === undefined && published === undefined) throw noClient();
  onStep('discovering');
  const found = await findSignIn(fetch, target, {
    ...{ exceptions, service, certificateAt },
    holdsClient: () => false,
  });
  return {
    party: {
      metadata: found.metadata,
      client: clientFor(client, found.metadata, published),
      resource: resourceFor(found, exceptions),
    },
    scopes: unattendedScopes(found, settled),
    trail: trailOf(found, settled),
  };
};

const clientFor = (
  given: GivenClient | undefined,
  metadata: ServerMetadata,
  published: string | undefined,
): ClientRegistration => {
  if (given !== undefined) return givenRegistration(given, metadata, undefined);
  if (published === undefined || metadata.client_id_metadata_document_supported !== true)
    throw noClient();
  return { issuer: metadata.issuer, clientId: published, authMethod: 'none' };
};

const noClient = (): ProblemError =>
  new ProblemError('registration-unavailable', 'this server needs a client id of its operator', {
    hint: 'give the client id, and its secret or private key, in the settings of this server',
  });
