/** Asking the person on another device: a short code to type in there, and asking until they have (RFC 8628). */
import * as oauth from 'oauth4webapi';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { SignInStep } from '../../shared/contract/snapshot.ts';
import { plainText } from '../../shared/plain-text.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { AssertVisitable } from '../net/visit.ts';
import { pause } from '../pause.ts';
import { assertTaken, refused } from './authorization-answer.ts';
import { clientAuth } from './client-auth.ts';
import { TokenFailure } from './failures.ts';
import { asClient, asServer, carriedBy } from './messages.ts';
import type { ServerMetadata } from './metadata.ts';
import { type Waiting, withinPatience } from './patience.ts';
import { askTokens, type TokenParty, type Tokens } from './token-endpoint.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** What the person types in, and where. */
export interface DeviceCode {
  readonly userCode: string;
  readonly address: string;
}

export interface AskDeviceDeps extends Waiting {
  readonly fetch: GuardedFetch;
  readonly assertVisitable: AssertVisitable;
  readonly onStep: (step: SignInStep) => void;
  readonly onDeviceCode: (code: DeviceCode) => void;
  /** The address that has the code in it already, else the one to type it in at. */
  readonly onLink: (link: string) => void;
}

/** RFC 8628 section 3.2: when the server does not say. */
const INTERVAL_MS = 5_000;
/** RFC 8628 section 3.5: what each `slow_down` adds. */
const SLOWER_MS = 5_000;
/** How far trouble alone slows the asking down: a server may ask for more. */
const LONGEST_BACKOFF_MS = 60_000;
const LONGEST_CODE = 40;

/** Throws `device-unsupported`. */
export const assertSignsInDevices = ({
  issuer,
  device_authorization_endpoint: endpoint,
}: ServerMetadata): void => {
  if (endpoint !== undefined) return;
  throw new ProblemError(
    'device-unsupported',
    `${new URL(issuer).host} does not sign people in with a code`,
    { hint: 'sign in with a browser; the address it ends at can be pasted here' },
  );
};

/**
 * Shows the person a code and resolves with tokens once they have let us in.
 *
 * Passing failures are waited out: the code stays good. Rejects with `access-denied`, `sign-in-timed-out`,
 * `sign-in-cancelled`, `sign-in-refused`, `server-trouble`, `bad-answer`, and a final `TokenFailure`.
 */
export const askDevice = async (
  deps: AskDeviceDeps,
  party: TokenParty,
  scopes: readonly string[] | undefined,
): Promise<Tokens> => {
  const code = await deviceCode(deps, party, scopes);
  // All of it looked at before any of it is shown.
  const address = await visitable(deps, code.verification_uri);
  const link = await visitable(deps, code.verification_uri_complete ?? code.verification_uri);
  deps.onDeviceCode({ userCode: typable(code.user_code, party), address });
  deps.onLink(link);
  deps.onStep('waiting-for-browser');
  const limitMs = code.expires_in * 1000;
  // Ends the asking as well, when nobody waits for what comes of it any more.
  const over = new AbortController();
  try {
    return await withinPatience(deps, askUntilAllowed(deps, party, code, over.signal), limitMs);
  } finally {
    over.abort();
  }
};

const visitable = async ({ assertVisitable }: AskDeviceDeps, text: string): Promise<string> => {
  // Nothing that cannot be read is an address; `about:` is refused like any other scheme.
  const address = URL.parse(text) ?? new URL('about:blank');
  await assertVisitable(address);
  return address.href;
};

/** A code that cannot be shown as it is cannot be typed in either. */
const typable = (userCode: string, { metadata }: TokenParty): string => {
  const plain = plainText(userCode, LONGEST_CODE);
  if (plain !== '' && plain === userCode.trim()) return plain;
  throw unreadable(metadata);
};

const deviceCode = async (
  { fetch, clock }: AskDeviceDeps,
  { metadata, client, resource }: TokenParty,
  scopes: readonly string[] | undefined,
): Promise<oauth.DeviceAuthorizationResponse> => {
  const answer = await oauth.deviceAuthorizationRequest(
    asServer(metadata),
    asClient(client),
    clientAuth(client, metadata),
    {
      ...(resource === undefined ? {} : { resource }),
      ...(scopes === undefined || scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    },
    carriedBy(fetch),
  );
  await assertTaken(answer, new URL(metadata.issuer).host, clock.now());
  const code = await oauth
    .processDeviceAuthorizationResponse(asServer(metadata), asClient(client), answer)
    .catch(() => undefined);
  // What has run out already lets nobody in.
  if (code === undefined || code.expires_in <= 0) throw unreadable(metadata);
  return code;
};

const unreadable = ({ issuer }: ServerMetadata): ProblemError =>
  new ProblemError('bad-answer', `${new URL(issuer).host} gave no code that can be used`);

const askUntilAllowed = async (
  { fetch, clock }: AskDeviceDeps,
  party: TokenParty,
  code: oauth.DeviceAuthorizationResponse,
  over: AbortSignal,
): Promise<Tokens> => {
  const { host } = new URL(party.metadata.issuer);
  let intervalMs = Math.max(1000, (code.interval ?? INTERVAL_MS / 1000) * 1000);
  const grant = { type: DEVICE_GRANT, parameters: { device_code: code.device_code } };
  let waitMs = intervalMs;
  for (;;) {
    await pause(clock, waitMs, over);
    try {
      return await askTokens(fetch, party, grant, clock.now());
    } catch (error) {
      if (!(error instanceof TokenFailure)) throw error;
      if (error.error === 'slow_down') intervalMs += SLOWER_MS;
      else if (error.error === 'access_denied' || error.error === 'expired_token')
        throw refused(host, error.error);
      else if (error.verdict === 'later' || error.verdict === 'offline')
        intervalMs = Math.max(intervalMs, Math.min(intervalMs * 2, LONGEST_BACKOFF_MS));
      else if (error.error !== 'authorization_pending') throw error;
      waitMs = Math.max(intervalMs, error.retryAfterMs ?? 0);
    }
  }
};
