/** Who has just signed in, where the ID token did not tell: asked of the issuer itself, and never a reason to fail. */
import * as oauth from 'oauth4webapi';
import { plainText } from '../../shared/plain-text.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Clock } from '../ports.ts';
import { clientAuth } from './client-auth.ts';
import { asClient, asServer, carriedBy } from './messages.ts';
import { nameIn } from './name-in-claims.ts';
import type { TokenParty, Tokens } from './token-endpoint.ts';

/** For all that is asked, ms: the person is waiting. */
const PATIENCE_MS = 5_000;
/** OpenID Connect Core section 2. */
const LONGEST_SUBJECT = 255;

export interface WhoAmIDeps {
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

type Told = Pick<Tokens, 'subject' | 'label'>;

/** A label is a nicety: without one there is an account all the same. */
const nothing = (): Told => ({});

/**
 * The tokens, with who they are of where that can be found out: from the UserInfo endpoint (OpenID Connect Core section
 * 5.3), else by introspection (RFC 7662). Only the endpoints in the issuer's own metadata see the token. Never rejects.
 */
export const whoAmI = async (
  { fetch, clock, signal }: WhoAmIDeps,
  party: TokenParty,
  tokens: Tokens,
): Promise<Tokens> => {
  if (tokens.label !== undefined) return tokens;
  const patience = new AbortController();
  const stopWaiting = clock.after(PATIENCE_MS, () => patience.abort());
  const within = AbortSignal.any([signal, patience.signal]);
  const bounded: GuardedFetch = (address, request) =>
    fetch(address, { ...request, signal: within });
  try {
    const told = await userInfo(bounded, party, tokens).catch(nothing);
    if (told.label !== undefined) return { ...tokens, ...told };
    const introspected = await introspection(bounded, party, tokens).catch(nothing);
    return { ...tokens, ...told, ...introspected };
  } finally {
    stopWaiting();
  }
};

const userInfo = async (
  fetch: GuardedFetch,
  { metadata, client }: TokenParty,
  { accessToken, subject }: Tokens,
): Promise<Told> => {
  if (metadata.userinfo_endpoint === undefined) return {};
  const answer = await oauth.userInfoRequest(
    asServer(metadata),
    asClient(client),
    accessToken.reveal(),
    carriedBy(fetch),
  );
  // The library reads a signed answer without looking at the signature.
  if (!isJson(answer)) return {};
  const claims = await oauth.processUserInfoResponse(
    asServer(metadata),
    asClient(client),
    // Token substitution: what is said of anybody else is not about these tokens.
    subject ?? oauth.skipSubjectCheck,
    answer,
  );
  if (claims.sub.length > LONGEST_SUBJECT) return {};
  const label = nameIn(claims);
  return { subject: claims.sub, ...(label === undefined ? {} : { label }) };
};

/** The subject here may be another than that of OpenID Connect for the same person: only the name is taken. */
const introspection = async (
  fetch: GuardedFetch,
  { metadata, client }: TokenParty,
  { accessToken }: Tokens,
): Promise<Told> => {
  if (metadata.introspection_endpoint === undefined) return {};
  const answer = await oauth.introspectionRequest(
    asServer(metadata),
    asClient(client),
    clientAuth(client, metadata),
    accessToken.reveal(),
    carriedBy(fetch),
  );
  if (!isJson(answer)) return {};
  const { active, username } = await oauth.processIntrospectionResponse(
    asServer(metadata),
    asClient(client),
    answer,
  );
  const label = active && typeof username === 'string' ? plainText(username) : '';
  return label === '' ? {} : { label };
};

const isJson = ({ headers }: Response): boolean =>
  /^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? '');
