/** A token for another one that somebody trusted has made: token exchange (RFC 8693), or a JWT as the grant (RFC 7523). */
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import type { Source, SourceDeps } from './source.ts';
import { clientWithSecret, requestToken, tokenEndpointOf } from './token-request.ts';
import { wordOf } from './word.ts';

type Settings = TokenSourceOf<'token-exchange' | 'jwt-bearer'>;
type Deps = Pick<SourceDeps, 'resolve' | 'conceal' | 'run' | 'env' | 'fetch' | 'now'>;

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
/** RFC 7523 section 2.1. */
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export const forAnotherToken = (settings: Settings, deps: Deps): Source => ({
  isCheap: false,
  mint: async (signal) => {
    const metadata = await tokenEndpointOf(settings, deps);
    const request = {
      metadata,
      client: await clientWithSecret(settings, metadata, deps),
      anonymous: settings.clientId === undefined ? true : undefined,
      type: settings.kind === 'token-exchange' ? TOKEN_EXCHANGE : JWT_BEARER,
      parameters: await grantOf(settings, deps, signal),
      // What an exchange gives may call itself N_A, and is used as a bearer token all the same (RFC 8693 section 2.2.1).
      tokenTypes: { n_a: () => undefined },
    } as const;
    return requestToken(settings, request, deps);
  },
});

const grantOf = async (
  settings: Settings,
  deps: Deps,
  signal: AbortSignal,
): Promise<Record<string, string>> => {
  const [named, command] =
    settings.kind === 'token-exchange'
      ? [settings.subjectToken, settings.subjectCommand]
      : [settings.assertion, settings.assertionCommand];
  const word = await wordOf(named, command, deps, signal);
  const token = word?.reveal() ?? '';
  return settings.kind === 'token-exchange'
    ? {
        ...{ subject_token: token, subject_token_type: settings.subjectTokenType },
        requested_token_type: ACCESS_TOKEN,
      }
    : { assertion: token };
};
