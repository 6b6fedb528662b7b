/** The sign-ins that AI clients ask their people for: around every leg, with the pages that they lead to. */
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { Clock } from '../../ports.ts';
import type { OpenLeg } from '../leg.ts';
import type { Legs } from '../legs.ts';
import type { ServeOwnPage } from '../own-pages.ts';
import type { Era } from '../session.ts';
import type { Target } from '../target.ts';
import { askSignIn } from './ask-sign-in.ts';
import { createSignInPages, type SignInPagesDeps } from './pages.ts';
import { type ServePageDeps, servePage } from './serve-page.ts';
import { createSignInWaits, type SignInWaitsDeps } from './waits.ts';

export interface AskingLegs {
  /** The same legs, which ask. */
  readonly around: (legs: Legs) => Legs;
  /** For the HTTP door. */
  readonly page: ServeOwnPage;
  /** A sign-in may have ended. */
  readonly look: () => void;
}

export interface AskingLegsDeps
  extends Pick<SignInWaitsDeps, 'isUsable' | 'onUsable'>,
    Pick<SignInPagesDeps, 'base'>,
    Pick<ServePageDeps, 'signIns'> {
  readonly targetOf: (key: AccountKey) => Target | undefined;
  readonly issuerOf: (key: AccountKey) => string | undefined;
  readonly clock: Clock;
}

export const askingLegs = (deps: AskingLegsDeps): AskingLegs => {
  const { signIns, isUsable, onUsable, clock, targetOf, issuerOf } = deps;
  const pages = createSignInPages({ base: deps.base, onUsable, clock });
  const waits = createSignInWaits({ isUsable, onUsable, ended: signIns.ended });
  const issuerHost = (key: AccountKey): string | undefined => URL.parse(issuerOf(key) ?? '')?.host;

  const asking = (target: Target, era: Era, open: OpenLeg): OpenLeg =>
    askSignIn(open, era, { target, pages, waits, issuerHost, after: clock.after });

  return {
    around: (legs) => ({
      ...legs,
      to: (target, era) => asking(target, era, legs.to(target, era)),
    }),
    page: servePage({
      ...{ pages, signIns },
      subjectOf: (key) => {
        const target = targetOf(key);
        return (
          target && {
            title: target.title,
            address: target.upstream.url,
            account: key.account,
            issuerHost: issuerHost(key),
          }
        );
      },
    }),
    look: waits.look,
  };
};
