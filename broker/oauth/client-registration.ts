/** Who Drawbridge is at one authorization server. */
import { z } from 'zod';
import { secretText } from '../vault/secret.ts';

/** A client id at one issuer, and how it proves itself there. Never used at another issuer (A21). */
export const ClientRegistration = z.object({
  issuer: z.string(),
  clientId: z.string(),
  clientSecret: secretText.optional(),
  /** When the secret ends, Unix ms; absent when it does not. */
  secretEndsAt: z.number().optional(),
  /** PEM or JWK, for `private_key_jwt`. */
  clientKey: secretText.optional(),
  authMethod: z.enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']),
  /** The header has id and secret as they are, against RFC 6749 section 2.3.1. */
  basicUnencoded: z.boolean().optional(),
  /** Absent where no browser comes back. */
  redirectUri: z.string().optional(),
  /** What it was registered for, where that was said: a strict server grants it nothing else. */
  scopes: z.array(z.string()).optional(),
  /** Grant types beyond those of every registration of ours. */
  grantTypes: z.array(z.string()).optional(),
  /** Where it can be read, changed and deleted (RFC 7592). */
  management: z.object({ uri: z.string(), token: secretText }).optional(),
});
export type ClientRegistration = z.output<typeof ClientRegistration>;

type ClientName = Pick<ClientRegistration, 'issuer' | 'clientId'>;

export const isSameClient = (one: ClientName, other: ClientName): boolean =>
  one.issuer === other.issuer && one.clientId === other.clientId;
