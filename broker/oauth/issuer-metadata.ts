/** What an authorization server says of itself, and whether it is the one that was asked. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { SignInException } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { firstDocument } from './documents.ts';
import { ServerMetadata, serverMetadataPlaces } from './metadata.ts';

/** What a service says of itself, and where. */
export interface ServiceDocument {
  readonly metadata: ServerMetadata;
  readonly at: URL;
}

/** The metadata of an issuer. Rejects like `issuerDocument`. */
export const issuerMetadata = async (
  ...asked: Parameters<typeof issuerDocument>
): Promise<ServerMetadata> => (await issuerDocument(...asked)).metadata;

/**
 * The metadata of an issuer (RFC 8414, OpenID Connect Discovery), and where it stands.
 *
 * Rejects with `no-sign-in-service`, `issuer-mismatch`, `bad-answer` and what the fetch rejects with.
 */
export const issuerDocument = async (
  fetch: GuardedFetch,
  issuer: string,
  exceptions: ReadonlySet<SignInException>,
): Promise<ServiceDocument> => {
  if (!URL.canParse(issuer)) {
    throw new ProblemError('bad-answer', 'the server names an unreadable authorization server');
  }
  const found = await firstDocument(fetch, serverMetadataPlaces(new URL(issuer)), ServerMetadata);
  if (found === undefined) {
    throw new ProblemError(
      'no-sign-in-service',
      `${new URL(issuer).host} does not describe how to sign in there`,
      {
        hint: 'the operator of the server has to publish its authorization server metadata',
      },
    );
  }
  const { at, document: metadata } = found;
  // Plain comparison: a document of another issuer, however alike, could mix two servers up (RFC 8414 section 3.3; A12).
  if (metadata.issuer === issuer) return { metadata, at };
  const onlyTheSlash = withoutSlash(metadata.issuer) === withoutSlash(issuer);
  if (onlyTheSlash && exceptions.has('issuer-slash')) return { metadata, at };
  throw new ProblemError(
    'issuer-mismatch',
    `${new URL(issuer).host} describes itself as another issuer`,
    {
      hint: 'the operator of the server has to mend this',
      exception: onlyTheSlash ? 'issuer-slash' : undefined,
    },
  );
};

const withoutSlash = (issuer: string): string => issuer.replace(/\/$/, '');
