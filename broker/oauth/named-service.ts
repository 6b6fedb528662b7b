/** The sign-in service that the person has named for a server, instead of the one that the server names itself. */
import type { SignInException, SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { issuerDocument, type ServiceDocument } from './issuer-metadata.ts';

export type NamedService = Pick<
  SignInSettings,
  'issuer' | 'authorizeUrl' | 'tokenUrl' | 'resource'
>;

/**
 * Its metadata: of the issuer that was named, or made of the endpoints that were, and then it stands nowhere; undefined where
 * neither was.
 *
 * Made of endpoints it promises nothing, so that what it would have to promise is an exception on record. Rejects like
 * `issuerDocument`.
 */
export const namedMetadata = async (
  fetch: GuardedFetch,
  { issuer, authorizeUrl, tokenUrl }: NamedService,
  exceptions: ReadonlySet<SignInException>,
): Promise<(Omit<ServiceDocument, 'at'> & Partial<ServiceDocument>) | undefined> => {
  if (tokenUrl !== undefined)
    return {
      metadata: {
        issuer: issuer ?? new URL(tokenUrl).origin,
        token_endpoint: tokenUrl,
        ...(authorizeUrl === undefined ? {} : { authorization_endpoint: authorizeUrl }),
      },
    };
  return issuer === undefined ? undefined : issuerDocument(fetch, issuer, exceptions);
};

/** What an MCP server is called where it has not been asked: its address, in the form without a last slash. */
export const resourceAt = ({ origin, pathname, search }: URL): string =>
  pathname === '/' ? origin + search : origin + pathname + search;
