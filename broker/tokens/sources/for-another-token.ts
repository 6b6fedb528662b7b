/** A token for another one that somebody trusted has made: token exchange (RFC 8693), or a JWT as the grant (RFC 7523). */
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import { scopeParameter } from '../../oauth/client-credentials.ts';
import type { ClientRegistration } from '../../oauth/client-registration.ts';
import { issuerMetadata } from '../../oauth/discover.ts';
import { TokenFailure } from '../../oauth/failures.ts';
import { issuerOf } from '../../oauth/find-sign-in.ts';
import type { ServerMetadata } from '../../oauth/metadata.ts';
import { askTokens } from '../../oauth/token-endpoint.ts';
import { tokenIn } from './header-value.ts';
import type { Source, SourceDeps } from './source.ts';

type Settings = TokenSourceOf<'token-exchange' | 'jwt-bearer'>;
type Deps = Pick<SourceDeps, 'resolve' | 'fetch' | 'now'>;

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export const forAnotherToken = (settings: Settings, deps: Deps): Source => ({
  isCheap: false,
  mint: async () => {
    const metadata = await metadataOf(settings, deps);
    const { scopes, audience, resource } = settings;
    const parameters = {
      ...scopeParameter(scopes),
      ...(audience === undefined ? {} : { audience }),
      ...(await grantOf(settings, deps)),
    };
    const client = await clientOf(settings, metadata, deps);
    const anonymous = settings.clientId === undefined ? true : undefined;
    const party = { metadata, client, resource, anonymous } as const;
    const type = settings.kind === 'token-exchange' ? TOKEN_EXCHANGE : JWT_BEARER;
    const askedAt = deps.now();
    // What an exchange gives may call itself N_A, and is used as a bearer token all the same (RFC 8693 section 2.2.1).
    const asked = { type, parameters, tokenTypes: { n_a: () => undefined } };
    const { accessToken, expiresIn } = await askTokens(deps.fetch, party, asked, askedAt).catch(
      (error: unknown) => {
        throw inWords(error, new URL(metadata.token_endpoint).host);
      },
    );
    return {
      token: tokenIn(accessToken.reveal(), new URL(metadata.token_endpoint).host),
      expiresAt: expiresIn === undefined ? undefined : askedAt + expiresIn * 1000,
    };
  },
});

/** Nobody has signed in here, and nobody can: what is wrong is what was shown, or who shows it. */
const inWords = (error: unknown, host: string): unknown => {
  if (!(error instanceof TokenFailure) || error.verdict === 'later' || error.verdict === 'offline')
    return error;
  const isWord = error.verdict === 'sign-in-again';
  return new ProblemError(
    'source-failed',
    isWord
      ? `${host} does not take the token it was shown`
      : `${host} does not give a token to whoever asks like this`,
    {
      hint: isWord
        ? 'it may have run out, be for somebody else, or come from somewhere that is not trusted there'
        : 'check the client id and its secret, the audience and the scopes',
      cause: error,
    },
  );
};

/** Read anew each time: workloads get theirs in files that are replaced. */
const grantOf = async (settings: Settings, { resolve }: Deps): Promise<Record<string, string>> => {
  const named = settings.kind === 'token-exchange' ? settings.subjectToken : settings.assertion;
  const token = tokenIn((await resolve(named)).reveal().trim(), 'what was named').reveal();
  return settings.kind === 'token-exchange'
    ? {
        ...{ subject_token: token, subject_token_type: settings.subjectTokenType },
        requested_token_type: ACCESS_TOKEN,
      }
    : { assertion: token };
};

const metadataOf = async (
  { issuer, tokenUrl }: Settings,
  { fetch }: Deps,
): Promise<ServerMetadata> => {
  if (tokenUrl !== undefined)
    return { issuer: issuer ?? new URL(tokenUrl).origin, token_endpoint: tokenUrl };
  if (issuer !== undefined) return issuerMetadata(fetch, issuerOf(new URL(issuer)), new Set());
  throw new ProblemError('source-unusable', 'nothing says where the token is to be asked for', {
    hint: 'give the issuer, or the address of its token endpoint',
  });
};

const clientOf = async (
  { clientId = 'anonymous', clientSecret }: Settings,
  { issuer, token_endpoint_auth_methods_supported: methods }: ServerMetadata,
  { resolve }: Deps,
): Promise<ClientRegistration> => {
  if (clientSecret === undefined) return { issuer, clientId, authMethod: 'none' };
  const isPost = methods?.includes('client_secret_basic') === false;
  return {
    ...{ issuer, clientId, clientSecret: await resolve(clientSecret) },
    authMethod: isPost ? 'client_secret_post' : 'client_secret_basic',
  };
};
