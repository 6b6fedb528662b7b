/** The sign-in service that the person has named for a server, instead of the one that the server names itself. */
import type { SignInException, SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { issuerMetadata } from './issuer-metadata.ts';
import type { ServerMetadata } from './metadata.ts';

export type NamedService = Pick<
  SignInSettings,
  'issuer' | 'authorizeUrl' | 'tokenUrl' | 'resource'
>;

/**
 * Its metadata: of the issuer that was named, or made of the endpoints that were; undefined where neither was.
 *
 * Made of endpoints it promises nothing, so that what it would have to promise is an exception on record. Rejects like
 * `issuerMetadata`.
 */
export const namedMetadata = async (
  fetch: GuardedFetch,
  { issuer, authorizeUrl, tokenUrl }: NamedService,
  exceptions: ReadonlySet<SignInException>,
): Promise<ServerMetadata | undefined> => {
  if (tokenUrl !== undefined)
    return {
      issuer: issuer ?? new URL(tokenUrl).origin,
      token_endpoint: tokenUrl,
      ...(authorizeUrl === undefined ? {} : { authorization_endpoint: authorizeUrl }),
    };
  return issuer === undefined ? undefined : issuerMetadata(fetch, issuer, exceptions);
};

/** What an MCP server is called where it has not been asked: its address, in the form without a last slash. */
export const resourceAt = ({ origin, pathname, search }: URL): string =>
  pathname === '/' ? origin + search : origin + pathname + search;
