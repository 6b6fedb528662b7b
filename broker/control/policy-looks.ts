/** What a policy says of one part of what is wished, whether a route or a file wishes it. What is on record may stay there. */
import { isDeepStrictEqual } from 'node:util';
import type { DoorSettings } from '../../shared/contract/door.ts';
import type { PolicyFeature } from '../../shared/contract/policy.ts';
import type { SignInException } from '../../shared/contract/sign-in-settings.ts';
import { programIn, type TokenSource } from '../../shared/contract/token-sources.ts';

/** Each throws `policy-forbids` or `policy-faulty`. */
export interface PartPolicy {
  readonly assertFeature: (feature: PolicyFeature) => void;
  /** Whoever is named in settings and is asked for credentials, or vouches for somebody. */
  readonly assertNamed: (settings: object | undefined, onRecord?: object) => void;
}

/** The looks, each of which throws like `PartPolicy`. */
export const createPolicyLooks = ({ assertFeature, assertNamed }: PartPolicy) => ({
  source: (wished: TokenSource | undefined, onRecord?: TokenSource): void => {
    if (programIn(wished) !== undefined && !isDeepStrictEqual(wished, onRecord))
      assertFeature('command-sources');
    assertNamed(wished, onRecord);
  },
  exceptions: (
    wished: readonly SignInException[] = [],
    onRecord: readonly SignInException[] = [],
  ): void => {
    if (wished.some((one) => !onRecord.includes(one))) assertFeature('sign-in-exceptions');
  },
  verifier: (wished: DoorSettings['verify']): void => {
    if (wished === undefined) return;
    assertFeature('http-door');
    assertNamed(wished);
  },
});
