/** Asking the person in a browser: the authorization request and the answer that comes back (RFC 6749 section 4.1). */
import type { SignInStep } from '../../shared/contract/snapshot.ts';
import { validateAnswer } from './authorization-answer.ts';
import {
  type AuthorizationDeps,
  type AuthorizationWish,
  authorizationRequest,
} from './authorization-request.ts';
import { type Callback, isRepetitive } from './callback.ts';
import { type Waiting, withinPatience } from './patience.ts';
import type { TokenParty, ValidatedCallback } from './token-endpoint.ts';
import { cancelled } from './words.ts';

/** Takes the parameters of an answer that came another way; false when they are not this sign-in's. */
export type Offer = (parameters: URLSearchParams) => boolean;

export interface AuthorizeDeps extends Waiting, AuthorizationDeps {
  /** The person's browser, or undefined when they open the link themselves. */
  readonly openBrowser: ((address: URL) => Promise<void>) | undefined;
  readonly onStep: (step: SignInStep) => void;
  /** The address to open, as soon as it is known. */
  readonly onLink: (link: string) => void;
  /** From then on an answer may be pasted as well, by a person whose browser is on another machine. */
  readonly onOffer: (offer: Offer) => void;
}

/**
 * Sends the person to the authorization server and resolves with the validated answer.
 *
 * Rejects with `access-denied`, `sign-in-refused`, `sign-in-cancelled`, `sign-in-timed-out`, `sign-in-mismatch`,
 * and, before anything is opened, like `authorizationRequest`.
 */
export const askPerson = async (
  deps: AuthorizeDeps,
  party: TokenParty,
  callback: Callback,
  wish: AuthorizationWish,
): Promise<ValidatedCallback> => {
  const { address, state, codeVerifier } = await authorizationRequest(
    deps,
    party,
    wish,
    deps.clock.now(),
  );
  // Cancelled while a machine was asked: no browser may open after that.
  if (deps.signal.aborted) throw cancelled();
  const belongs = (parameters: URLSearchParams): boolean => parameters.get('state') === state;
  const pasted = Promise.withResolvers<URLSearchParams>();
  deps.onOffer((parameters) => {
    const isAnswer = belongs(parameters) && isWhole(parameters);
    if (isAnswer) pasted.resolve(parameters);
    return isAnswer;
  });
  // Waited for before the browser opens: it may be back sooner than it is known to have opened, or never be known to.
  const arrival = withinPatience(
    deps,
    Promise.race([callback.wait(party.client.redirectUri ?? '', belongs), pasted.promise]),
  );
  deps.onStep('opening-browser');
  deps.onLink(address.href);
  // A browser that does not open is no failure: the link is there, and the person may follow it.
  await Promise.race([deps.openBrowser?.(address).catch(() => undefined), arrival]);
  deps.onStep('waiting-for-browser');
  return { parameters: validateAnswer(party, await arrival, state), codeVerifier };
};

/** The link that was opened has the state in it as well, and is easily taken for where it led. */
const isWhole = (parameters: URLSearchParams): boolean =>
  (parameters.has('code') || parameters.has('error')) && !isRepetitive(parameters);
