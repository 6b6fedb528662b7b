/** Where the client id for a sign-in will come from, told before there is one. */
import type { ClientSource, SignInKind } from '../../shared/contract/sign-in-settings.ts';
import type { ServerMetadata } from './metadata.ts';

/** How tokens are got; the word of an identity provider may be in a file instead. */
export type TokensFrom = SignInKind | 'id-token-file';

export interface ClientWish {
  readonly kind: TokensFrom;
  /** Whether the person gave one. */
  readonly given: boolean;
  /** Where our client metadata document is published, if it is. */
  readonly documentUrl: string | undefined;
  readonly holdsClient: (issuer: string) => boolean;
}

/** In the order in which `identify` and, for sign-ins without a person, `findParty` look for one (A16). */
export const clientSource = (
  metadata: ServerMetadata,
  { kind, given, documentUrl, holdsClient }: ClientWish,
): ClientSource => {
  if (given) return 'given';
  const readsDocuments = metadata.client_id_metadata_document_supported === true;
  const takesDocument = kind === 'person' || kind === 'enterprise';
  if (takesDocument && readsDocuments && documentUrl !== undefined) return 'published';
  // Nobody registers what nobody signs in with.
  if (kind !== 'person') return 'none';
  if (holdsClient(metadata.issuer)) return 'registered';
  return metadata.registration_endpoint === undefined ? 'none' : 'dynamic';
};
