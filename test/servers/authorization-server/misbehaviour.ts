/** How can this authorization server be told to misbehave? */
import { createFaultPlan, type FaultPlan, type FaultTerms } from '../fault-plan.ts';
import type { WireFault } from '../wire-faults.ts';

export type MetadataFault =
  /** No `code_challenge_methods_supported`. */
  | 'no-pkce'
  /** PKCE, but without S256. */
  | 'plain-pkce'
  /** Wants requests pushed, and does not say where. */
  | 'nowhere-to-push'
  /** `issuer` names somebody else. */
  | 'another-issuer'
  /** `issuer` differs by a trailing slash only. */
  | 'slash-issuer'
  | 'no-registration'
  /** Does not say that it sends `iss`, and still does. */
  | 'iss-unannounced'
  /** 5 MB of valid JSON. */
  | 'huge'
  | 'missing';
export type RegistrationFault = 'refused' | 'redirect-refused';
export type CallbackFault = 'iss-wrong' | 'iss-absent' | 'iss-slash' | 'state-wrong';
export type ResourceFault = 'refused';
export type TokenFault =
  | 'invalid-client'
  | 'invalid-grant'
  /** The old refresh token stays good and is not repeated (RFC 6749 section 6). */
  | 'no-refresh-token'
  | 'no-expires-in'
  /** RFC 8628 section 3.5. */
  | 'authorization-pending'
  | 'slow-down'
  | 'access-denied'
  | 'expired-token'
  /** An access token where an ID-JAG was asked for. */
  | 'no-jag'
  | 'no-id-token';
/** Of a request that begins a sign-in: pushed, or for a device. */
export type BeginningFault =
  | 'invalid-client'
  | 'invalid-request'
  | 'redirect'
  | 'oversized'
  | 'no-answer';

interface Faults {
  readonly metadata: WireFault | MetadataFault;
  readonly jwks: WireFault;
  readonly registration: WireFault | RegistrationFault;
  readonly authorization: WireFault;
  /** The authorization response, whether it brings a code or an error. */
  readonly callback: CallbackFault;
  /** Requests that carry a `resource` parameter. */
  readonly resource: ResourceFault;
  readonly token: WireFault | TokenFault;
  readonly revocation: WireFault;
  /** RFC 9126. */
  readonly pushed: WireFault | BeginningFault;
  /** RFC 8628, the device authorization endpoint. */
  readonly device: WireFault | BeginningFault;
}

export type FaultPlans = { readonly [E in keyof Faults]: FaultPlan<Faults[E]> };

/** Per endpoint a function that plans a fault; `reset` ends all of them. */
export type Misbehave = {
  readonly [E in keyof Faults]: (fault: Faults[E], terms?: FaultTerms) => void;
} & { readonly reset: () => void };

export const createFaultPlans = (): FaultPlans => ({
  metadata: createFaultPlan(),
  jwks: createFaultPlan(),
  registration: createFaultPlan(),
  authorization: createFaultPlan(),
  callback: createFaultPlan(),
  resource: createFaultPlan(),
  token: createFaultPlan(),
  revocation: createFaultPlan(),
  pushed: createFaultPlan(),
  device: createFaultPlan(),
});

export const misbehaveWith = (plans: FaultPlans): Misbehave => ({
  metadata: plans.metadata.add,
  jwks: plans.jwks.add,
  registration: plans.registration.add,
  authorization: plans.authorization.add,
  callback: plans.callback.add,
  resource: plans.resource.add,
  token: plans.token.add,
  revocation: plans.revocation.add,
  pushed: plans.pushed.add,
  device: plans.device.add,
  reset: () => {
    for (const plan of Object.values(plans)) plan.reset();
  },
});
