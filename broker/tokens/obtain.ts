/** How the tokens of an account are got, and got again: one row a kind of sign-in. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { SignInKind } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { AssertVisitable } from '../net/visit.ts';
import { renewAsClient, signInAsClient } from '../oauth/client-credentials.ts';
import { renewForCompany, signInForCompany, type Voucher } from '../oauth/enterprise.ts';
import { sortError } from '../oauth/failures.ts';
import type { SignInTarget } from '../oauth/find-sign-in.ts';
import type { SettledSignIn } from '../oauth/settled.ts';
import { type SignedIn, type SignInDeps, signIn } from '../oauth/sign-in.ts';
import { refresh, type TokenParty, type Tokens } from '../oauth/token-endpoint.ts';
import type { Whom } from '../oauth/whom.ts';
import type { Clock } from '../ports.ts';
import { aged } from './aged.ts';
import type { Grant } from './grant.ts';
import type { IssuerBudget } from './issuer-budget.ts';
import { withPresentProof } from './present-proof.ts';
import type { Settlements } from './settle.ts';
import type { StepUps } from './step-ups.ts';

/** What a running sign-in tells, and is told. */
export type SignInHooks = Pick<
  SignInDeps,
  'onStep' | 'onLink' | 'onOffer' | 'onDeviceCode' | 'signal'
> & {
  /** Makes the tokens durable. */
  readonly keep: (signedIn: SignedIn, kind: SignInKind) => Promise<void>;
};

/** How the person wants to sign in this time. */
export interface SignInChoice {
  readonly openBrowser: boolean;
  readonly onDevice: boolean;
  /** Whoever the browser is signed in as; it may be somebody else than before. */
  readonly chooseAccount: boolean;
  readonly moreScopes: readonly string[];
}

export interface Obtain {
  /** A sign-in from its beginning until its tokens are kept. Rejects with a `ProblemError`. */
  readonly signIn: (key: AccountKey, choice: SignInChoice, hooks: SignInHooks) => Promise<void>;
  /** Fresh tokens for a grant, without a person. Rejects with `TokenFailure`. */
  readonly renew: (key: AccountKey, grant: Grant) => Promise<Tokens>;
}

export interface ObtainDeps {
  readonly clock: Clock;
  readonly budget: Pick<IssuerBudget, 'turn'>;
  readonly targetOf: (key: AccountKey) => SignInTarget;
  readonly kindOf: (key: AccountKey) => SignInKind;
  readonly fetchOf: (key: AccountKey) => GuardedFetch;
  readonly visitsOf: (key: AccountKey) => AssertVisitable;
  readonly settlements: Pick<Settlements, 'of' | 'presentClient'>;
  readonly stepUps: Pick<StepUps, 'begin'>;
  readonly registrations: SignInDeps['registrations'];
  readonly holderOf: SignInDeps['holderOf'];
  readonly openBrowser: (address: URL) => Promise<void>;
  readonly whom: (key: AccountKey, choose: boolean) => Whom;
  /** The word of the identity provider that the server names. */
  readonly voucherFor: (key: AccountKey) => Promise<Voucher>;
}

interface Row {
  readonly signIn: (
    key: AccountKey,
    choice: SignInChoice,
    hooks: SignInHooks,
    settled: SettledSignIn,
  ) => Promise<void>;
  readonly renew: (key: AccountKey, grant: Grant, party: TokenParty) => Promise<Tokens>;
}

export const createObtain = (deps: ObtainDeps): Obtain => {
  const { clock, targetOf, fetchOf, settlements, voucherFor } = deps;

  /** Cancelling ends what is asked of machines, too. */
  const fetchUntil = (key: AccountKey, signal: AbortSignal): GuardedFetch => {
    const fetch = fetchOf(key);
    return (address, request) => fetch(address, { signal, ...request });
  };

  const unattended = (key: AccountKey, hooks: SignInHooks, settled: SettledSignIn) => ({
    fetch: fetchUntil(key, hooks.signal),
    settled,
    now: clock.now,
    onStep: hooks.onStep,
  });

  const saved = async (signedIn: SignedIn, kind: SignInKind, hooks: SignInHooks): Promise<void> => {
    hooks.onStep('saving');
    await hooks.keep(signedIn, kind);
  };

  const rows: Readonly<Record<SignInKind, Row>> = {
    person: {
      signIn: (key, { openBrowser, onDevice, chooseAccount }, hooks, settled) =>
        signIn(targetOf(key), {
          ...hooks,
          ...{ clock, onDevice },
          fetch: fetchUntil(key, hooks.signal),
          assertVisitable: deps.visitsOf(key),
          registrations: deps.registrations,
          holderOf: deps.holderOf,
          settled,
          whom: deps.whom(key, chooseAccount),
          openBrowser: openBrowser && settled.noBrowser !== true ? deps.openBrowser : undefined,
          keep: (signedIn) => hooks.keep(signedIn, 'person'),
        }),
      renew: (key, { refreshToken }, party) =>
        refreshToken === undefined
          ? Promise.reject(new Error('a grant without a refresh token was to be renewed'))
          : refresh(fetchOf(key), party, refreshToken, clock.now()),
    },
    'client-credentials': {
      signIn: async (key, _choice, hooks, settled) =>
        saved(
          await signInAsClient(targetOf(key), unattended(key, hooks, settled)),
          'client-credentials',
          hooks,
        ),
      renew: (key, { scopes }, party) => renewAsClient(fetchOf(key), party, scopes, clock.now()),
    },
    enterprise: {
      signIn: async (key, _choice, hooks, settled) =>
        saved(
          await signInForCompany(targetOf(key), {
            ...unattended(key, hooks, settled),
            voucher: () => voucherFor(key),
          }),
          'enterprise',
          hooks,
        ),
      renew: async (key, { scopes }, party) =>
        renewForCompany(fetchOf(key), party, await voucherFor(key), scopes, clock.now()),
    },
  };

  return {
    signIn: async (key, choice, hooks) => {
      // In one breath with the reading of what is settled: nothing can come to be wanted in between.
      deps.stepUps.begin(key);
      const settled = settlements.of(key, choice.moreScopes);
      const row = rows[deps.kindOf(key)];
      const client = await settlements.presentClient(key.server);
      await row.signIn(key, choice, hooks, { ...settled, client });
    },
    renew: async (key, grant) => {
      try {
        await deps.budget.turn(grant.metadata.issuer);
        const party = withPresentProof(grant, await settlements.presentClient(key.server));
        const askedAt = clock.now();
        const tokens = await rows[grant.kind].renew(key, grant, party);
        return aged(tokens, clock.now() - askedAt);
      } catch (error) {
        throw sortError(error, new URL(grant.metadata.issuer).host);
      }
    },
  };
};
