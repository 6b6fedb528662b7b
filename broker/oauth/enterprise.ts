/**
 * Tokens with the sign-in at a company's identity provider: it vouches for the person (RFC 8693, an ID-JAG), and the
 * server's authorization server takes its word (RFC 7523). MCP extension `enterprise-managed-authorization` (X2).
 */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Secret } from '../vault/secret.ts';
import { findParty, scopeParameter, type UnattendedDeps } from './client-credentials.ts';
import { exchangeProblem } from './exchange-problem.ts';
import { TokenFailure } from './failures.ts';
import type { SignInTarget } from './find-sign-in.ts';
import type { ServerMetadata } from './metadata.ts';
import type { SignedIn } from './sign-in.ts';
import { askTokens, type TokenParty, type Tokens } from './token-endpoint.ts';

/** The identity provider, and its word on who the person is. */
export interface Voucher {
  readonly party: TokenParty;
  readonly fetch: GuardedFetch;
  readonly idToken: Secret;
}

export interface EnterpriseDeps extends UnattendedDeps {
  /** Rejects with `identity-provider` when there is none to be had. */
  readonly voucher: () => Promise<Voucher>;
}

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/**
 * The person is never sent to the server's own authorization server in this mode.
 *
 * Rejects with a `ProblemError`.
 */
export const signInForCompany = async (
  target: SignInTarget,
  deps: EnterpriseDeps,
): Promise<SignedIn> => {
  const { party, scopes, trail } = await findParty(target, deps, deps.settled.documentUrl);
  const voucher = await deps.voucher();
  deps.onStep('exchanging');
  const word = await inWords(voucher.party, wordOf(voucher, party, scopes, deps.now()));
  const asked = takenFor(deps.fetch, party, word, scopes, deps.now());
  const tokens = await inWords(
    party,
    asked.catch((error: unknown) => {
      throw whyNotTaken(error, voucher.party, party);
    }),
  );
  return { ...party, server: target.url.href, tokens, scopesAsked: scopes, trail };
};

/** The same, once the party is known. Rejects with `TokenFailure`, and with `identity-provider` when it does not vouch. */
export const renewForCompany = async (
  fetch: GuardedFetch,
  party: TokenParty,
  voucher: Voucher,
  scopes: readonly string[] | undefined,
  now: number,
): Promise<Tokens> =>
  takenFor(fetch, party, await wordOf(voucher, party, scopes, now), scopes, now);

const inWords = async <T>(party: TokenParty, asked: Promise<T>): Promise<T> => {
  try {
    return await asked;
  } catch (error) {
    throw exchangeProblem(error, party, { given: true });
  }
};

/** What the identity provider says of the person to the server's authorization server. */
const wordOf = async (
  { fetch, idToken, party: provider }: Voucher,
  { metadata, resource }: TokenParty,
  scopes: readonly string[] | undefined,
  now: number,
): Promise<Secret> => {
  const exchange = {
    type: TOKEN_EXCHANGE,
    parameters: {
      ...scopeParameter(scopes),
      requested_token_type: ID_JAG,
      subject_token_type: ID_TOKEN,
      subject_token: idToken.reveal(),
      audience: metadata.issuer,
    },
    // What comes back is no access token, and says so (RFC 8693 section 2.2.1).
    tokenTypes: { n_a: () => undefined },
  };
  // Its resource is the MCP server's, not the identity provider's own.
  const asked = askTokens(fetch, { ...provider, resource }, exchange, now);
  const { accessToken, issuedType } = await asked.catch((error: unknown) => {
    throw whyNoWord(error, provider, metadata);
  });
  // Stops a token for something else from being handed to the server's authorization server.
  if (issuedType === ID_JAG) return accessToken;
  throw noWord(provider, metadata);
};

/** Exchanges the word for tokens (RFC 7523 section 2.1). */
const takenFor = (
  fetch: GuardedFetch,
  party: TokenParty,
  word: Secret,
  scopes: readonly string[] | undefined,
  now: number,
): Promise<Tokens> => {
  const parameters = { ...scopeParameter(scopes), assertion: word.reveal() };
  return askTokens(fetch, party, { type: JWT_BEARER, parameters }, now);
};

/** A final no is the identity provider's: neither the server nor its grant is to blame for it. */
const whyNoWord = (
  error: unknown,
  { metadata: provider }: TokenParty,
  server: ServerMetadata,
): unknown => {
  if (!(error instanceof TokenFailure)) return error;
  const { verdict, cause } = error;
  // Why we did not even ask says more than what came of it.
  if (cause instanceof ProblemError && verdict === 'set-up') return cause;
  const host = hostOf(provider);
  if (verdict === 'sign-in-again')
    return new ProblemError('identity-provider', `${host} no longer takes its own sign-in`, {
      hint: `sign in to ${host} again; one sign-in there serves every server that names it`,
      cause: error,
    });
  if (verdict === 'unsure')
    return new ProblemError('identity-provider', `${host} does not recognise Drawbridge`, {
      hint: 'check the client id, and its secret or key, in the settings of the identity provider',
      cause: error,
    });
  return verdict === 'set-up' ? noWord({ metadata: provider }, server, error) : error;
};

/** What was refused is the provider's word: nothing that the person could say again. */
const whyNotTaken = (error: unknown, provider: TokenParty, party: TokenParty): unknown =>
  error instanceof TokenFailure && error.verdict === 'sign-in-again'
    ? new ProblemError(
        'identity-provider',
        `${hostOf(party.metadata)} does not take the word of ${hostOf(provider.metadata)}`,
        { hint: 'the operator of the server has to allow it', cause: error },
      )
    : error;

const noWord = (
  { metadata: provider }: Pick<TokenParty, 'metadata'>,
  server: ServerMetadata,
  cause?: unknown,
): ProblemError =>
  new ProblemError(
    'identity-provider',
    `${hostOf(provider)} does not vouch for people at ${hostOf(server)}`,
    { hint: 'the operator of the identity provider has to allow it', cause },
  );

const hostOf = ({ issuer }: ServerMetadata): string => new URL(issuer).host;
