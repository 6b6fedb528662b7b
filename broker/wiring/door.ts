/** What opens the HTTP door of a shared host: where its settings are, and how verifiers reach those who vouch. */
import type { Problem } from '../../shared/contract/problems.ts';
import { openVerifier } from '../bridge/doors/verify/open-verifier.ts';
import type { VerificationDeps } from '../bridge/doors/verify/verification.ts';
import { createAuthorityFetch } from '../net/authority-fetch.ts';
import { locate } from '../net/locate.ts';
import { issuerMetadata } from '../oauth/issuer-metadata.ts';
import type { Clock } from '../ports.ts';
import { readSmallText } from '../storage/small-text.ts';
import type { Resolve } from '../tokens/sources/references.ts';
import type { Foundations } from './foundations.ts';

export interface DoorWiring {
  readonly foundations: Foundations;
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly undo: AsyncDisposableStack;
}

export const wireDoor = ({
  foundations: { settings, net, log, policy, outbound },
  clock,
  resolve,
  undo,
}: DoorWiring): Pick<VerificationDeps, 'store' | 'open'> => {
  const authority = createAuthorityFetch(clock, policy.assertHost, outbound);
  undo.defer(authority.close);
  return {
    store: {
      read: () => settings.all().door,
      write: (door) => settings.set('door', door),
    },
    open: (verifier) =>
      openVerifier(verifier, {
        fetchFor: async (named) => net.fetchFor(await locate(named)),
        fetchTrusting: authority.trusting,
        lookUpIssuer: (fetch, issuer) => issuerMetadata(fetch, issuer, new Set()),
        readText: (file) => readSmallText(file),
        ...{ resolve, conceal: log.conceal, env: process.env, now: clock.now },
      }),
  };
};

/** Why an administrator lets nobody in at the HTTP door: nobody at all, or not on the word of those who would be asked. */
export const doorClosedBy =
  ({ policy, settings }: Pick<Foundations, 'policy' | 'settings'>) =>
  (): Problem | undefined =>
    policy.problemOf(() => {
      policy.assertFeature('http-door');
      policy.assertNamed(settings.all().door.verify);
    });
