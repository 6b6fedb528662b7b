/** What is asked of a token endpoint for a source, whatever is shown there for it. */
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import { scopeParameter } from '../../oauth/client-credentials.ts';
import type { ClientRegistration } from '../../oauth/client-registration.ts';
import { TokenFailure } from '../../oauth/failures.ts';
import { issuerOf } from '../../oauth/find-sign-in.ts';
import { issuerMetadata } from '../../oauth/issuer-metadata.ts';
import type { ServerMetadata } from '../../oauth/metadata.ts';
import { askTokens, type OtherGrant, type TokenParty } from '../../oauth/token-endpoint.ts';
import { tokenIn } from './header-value.ts';
import type { Minted, SourceDeps } from './source.ts';

/** What the settings of these kinds have in common. */
type Settings = Pick<
  TokenSourceOf<'jwt-bearer'>,
  'issuer' | 'tokenUrl' | 'clientId' | 'clientSecret' | 'scopes' | 'audience' | 'resource'
>;

/** Where it is asked, who asks, and for what. */
export interface TokenRequest extends Pick<TokenParty, 'metadata' | 'client' | 'anonymous'> {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tokenTypes?: OtherGrant['tokenTypes'];
}

/** Asks. Rejects with a `TokenFailure` for what passes, and with `source-failed` for what does not. */
export const requestToken = async (
  { scopes, audience, resource }: Pick<Settings, 'scopes' | 'audience' | 'resource'>,
  { metadata, client, anonymous, type, parameters, tokenTypes = {} }: TokenRequest,
  { fetch, now }: Pick<SourceDeps, 'fetch' | 'now'>,
): Promise<Minted> => {
  const { host } = new URL(metadata.token_endpoint);
  const asked = {
    ...scopeParameter(scopes),
    ...(audience === undefined ? {} : { audience }),
    ...parameters,
  };
  const askedAt = now();
  const { accessToken, expiresIn } = await askTokens(
    fetch,
    { metadata, client, resource, anonymous },
    { type, parameters: asked, tokenTypes },
    askedAt,
  ).catch((error: unknown) => {
    throw inWords(error, host);
  });
  return {
    token: tokenIn(accessToken.reveal(), host),
    expiresAt: expiresIn === undefined ? undefined : askedAt + expiresIn * 1000,
  };
};

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
        : 'check the client id and its secret or key, the audience and the scopes',
      cause: error,
    },
  );
};

/** Rejects with `source-unusable` where nothing says where that is, else like `issuerMetadata`. */
export const tokenEndpointOf = async (
  { issuer, tokenUrl }: Pick<Settings, 'issuer' | 'tokenUrl'>,
  { fetch }: Pick<SourceDeps, 'fetch'>,
): Promise<ServerMetadata> => {
  if (tokenUrl !== undefined)
    return { issuer: issuer ?? new URL(tokenUrl).origin, token_endpoint: tokenUrl };
  if (issuer !== undefined) return issuerMetadata(fetch, issuerOf(new URL(issuer)), new Set());
  throw new ProblemError('source-unusable', 'nothing says where the token is to be asked for', {
    hint: 'give the issuer, or the address of its token endpoint',
  });
};

/** A client with its secret, if it has one. */
export const clientWithSecret = async (
  { clientId = 'anonymous', clientSecret }: Pick<Settings, 'clientId' | 'clientSecret'>,
  { issuer, token_endpoint_auth_methods_supported: methods }: ServerMetadata,
  { resolve }: Pick<SourceDeps, 'resolve'>,
): Promise<ClientRegistration> => {
  if (clientSecret === undefined) return { issuer, clientId, authMethod: 'none' };
  const isPost = methods?.includes('client_secret_basic') === false;
  return {
    ...{ issuer, clientId, clientSecret: await resolve(clientSecret) },
    authMethod: isPost ? 'client_secret_post' : 'client_secret_basic',
  };
};
