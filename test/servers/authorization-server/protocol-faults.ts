/** What does each OAuth-shaped fault do to an exchange? */
import type { ServerResponse } from 'node:http';
import { sendJson } from '../loopback-server.ts';
import type {
  BeginningFault,
  CallbackFault,
  MetadataFault,
  RegistrationFault,
  TokenFault,
} from './misbehaviour.ts';

type Document = Record<string, unknown>;

const refusals: Readonly<
  Record<
    | RegistrationFault
    | BeginningFault
    | 'invalid-grant'
    | 'missing'
    | 'authorization-pending'
    | 'slow-down'
    | 'access-denied'
    | 'expired-token',
    readonly [number, Document, Record<string, string>?]
  >
> = {
  refused: [403, { error: 'access_denied', error_description: 'registration is closed' }],
  'redirect-refused': [
    400,
    { error: 'invalid_redirect_uri', error_description: 'only https redirects are accepted' },
  ],
  'invalid-client': [401, { error: 'invalid_client', error_description: 'unknown client' }],
  'invalid-grant': [400, { error: 'invalid_grant', error_description: 'grant not found' }],
  'invalid-request': [400, { error: 'invalid_request', error_description: 'nonsense' }],
  redirect: [302, {}, { location: 'https://elsewhere.invalid/' }],
  oversized: [200, { padding: 'x'.repeat(5 * 1024 * 1024) }],
  'no-answer': [200, { something: 'else' }],
  missing: [404, { error: 'not_found' }],
  'authorization-pending': [400, { error: 'authorization_pending' }],
  'slow-down': [400, { error: 'slow_down' }],
  'access-denied': [400, { error: 'access_denied' }],
  'expired-token': [400, { error: 'expired_token' }],
};

/** Answers in the server's place, or returns false when this fault needs the real answer first. */
export const refuse = (res: ServerResponse, fault: string | undefined): boolean => {
  if (fault === undefined || !Object.hasOwn(refusals, fault)) return false;
  const [status, body, headers] = refusals[fault as keyof typeof refusals];
  sendJson(res, status, body, headers);
  return true;
};

const withoutMembers =
  (...names: readonly string[]) =>
  (answer: Document): Document =>
    Object.fromEntries(Object.entries(answer).filter(([name]) => !names.includes(name)));

const rewrites: Readonly<
  Partial<Record<MetadataFault | TokenFault, (answer: Document) => Document>>
> = {
  'no-pkce': withoutMembers('code_challenge_methods_supported'),
  'plain-pkce': (answer) => ({ ...answer, code_challenge_methods_supported: ['plain'] }),
  'nowhere-to-push': (answer) => ({ ...answer, require_pushed_authorization_requests: true }),
  'another-issuer': (answer) => ({ ...answer, issuer: 'https://somebody-else.invalid' }),
  'slash-issuer': (answer) => ({ ...answer, issuer: `${String(answer.issuer)}/` }),
  'no-registration': withoutMembers('registration_endpoint'),
  'iss-unannounced': withoutMembers('authorization_response_iss_parameter_supported'),
  huge: (answer) => ({ ...answer, padding: 'x'.repeat(5 * 1024 * 1024) }),
  'no-refresh-token': withoutMembers('refresh_token'),
  'no-expires-in': withoutMembers('expires_in'),
  'no-id-token': withoutMembers('id_token'),
  'no-jag': (answer) => ({
    ...answer,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
  }),
};

/** The real answer as the fault leaves it. */
export const rewriteAnswer = (answer: Document, fault: string | undefined): Document =>
  (fault === undefined ? undefined : rewrites[fault as keyof typeof rewrites])?.(answer) ?? answer;

const callbackRewrites: Readonly<Record<CallbackFault, (address: URL) => void>> = {
  'iss-wrong': (address) => address.searchParams.set('iss', 'https://somebody-else.invalid'),
  'iss-slash': (address) =>
    address.searchParams.set('iss', `${address.searchParams.get('iss') ?? ''}/`),
  'iss-absent': (address) => address.searchParams.delete('iss'),
  'state-wrong': (address) => address.searchParams.set('state', 'not-the-state-you-sent'),
};

export const rewriteCallback = (address: URL, fault: CallbackFault): void =>
  callbackRewrites[fault](address);
