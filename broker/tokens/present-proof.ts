/** A grant's party as it proves itself now: the operator may have given a new secret or key since. */
import { type GivenClient, givenRegistration } from '../oauth/given-client.ts';
import type { TokenParty } from '../oauth/token-endpoint.ts';

/** The client stays the same, its proof need not. Throws like `givenRegistration`. */
export const withPresentProof = (
  { metadata, client, resource }: TokenParty,
  given: GivenClient | undefined,
): TokenParty => ({
  metadata,
  resource,
  client:
    given?.id === client.clientId ? givenRegistration(given, metadata, client.redirectUri) : client,
});
