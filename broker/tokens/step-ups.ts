/** What a server refused for want of scope, until the person has allowed it or said no. */
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { plainText } from '../../shared/plain-text.ts';
import { oauthChallenge } from '../oauth/challenge.ts';
import type { Clock } from '../ports.ts';

export interface StepUps {
  /**
   * Reads the `WWW-Authenticate` of a 403. When it asks for scopes (RFC 6750 section 3.1), they are remembered for
   * the person and told as a problem; not those that the person has refused, nor those signed in for too often in
   * vain (A28, A29). Undefined for a refusal of another kind.
   */
  readonly refused: (key: AccountKey, challenge: string | undefined) => Problem | undefined;
  /** The scopes that the person should be asked for. */
  readonly wanted: (key: AccountKey) => readonly string[];
  /** What to tell the person, while there is something to ask. */
  readonly problem: (key: AccountKey) => Problem | undefined;
  /** A sign-in begins, which asks for what is wanted now. */
  readonly begin: (key: AccountKey) => void;
  /** The person has been asked: they signed in, or refused. What came to be wanted meanwhile still is. */
  readonly settled: (key: AccountKey, outcome: 'signed-in' | 'refused') => void;
  readonly forget: (key: AccountKey) => void;
}

interface Asked {
  wanted: readonly string[];
  /** Those of the last sign-in that began, until the person has answered. */
  asking: readonly string[];
  /** How often the person signed in for a scope. */
  readonly signedInFor: Map<string, number>;
  /** Scopes that the person refused, and when (Unix ms). */
  readonly denied: Map<string, number>;
}

/** A few, the first sign-in included, and conformance counts (A29). */
const MOST_ATTEMPTS = 3;
const DENIAL_MS = 24 * 60 * 60_000;
/** A server that lists more is not asking for access but filling a screen. */
const MOST_SCOPES = 50;

export const createStepUps = (clock: Clock, onChange: () => void): StepUps => {
  const accounts = new Map<string, Asked>();

  const of = (key: AccountKey): Asked => {
    const known = accounts.get(keyText(key));
    if (known !== undefined) return known;
    const fresh: Asked = { wanted: [], asking: [], signedInFor: new Map(), denied: new Map() };
    accounts.set(keyText(key), fresh);
    return fresh;
  };

  const mayAsk = ({ denied, signedInFor }: Asked, scope: string): boolean =>
    (denied.get(scope) ?? Number.NEGATIVE_INFINITY) <= clock.now() - DENIAL_MS &&
    (signedInFor.get(scope) ?? 0) < MOST_ATTEMPTS - 1;

  return {
    refused: (key, challenge) => {
      const asked = of(key);
      const scopes = scopesIn(challenge).filter((scope) => mayAsk(asked, scope));
      if (scopes.length === 0) return undefined;
      const wanted = [...new Set([...asked.wanted, ...scopes])].slice(0, MOST_SCOPES);
      const isNews = wanted.length > asked.wanted.length;
      asked.wanted = wanted;
      if (isNews) onChange();
      return moreAccess(scopes);
    },
    wanted: (key) => accounts.get(keyText(key))?.wanted ?? [],
    problem: (key) => {
      const wanted = accounts.get(keyText(key))?.wanted ?? [];
      return wanted.length === 0 ? undefined : moreAccess(wanted);
    },
    begin: (key) => {
      const asked = accounts.get(keyText(key));
      if (asked !== undefined) asked.asking = asked.wanted;
    },
    settled: (key, outcome) => {
      const asked = accounts.get(keyText(key));
      if (asked === undefined || asked.asking.length === 0) return;
      for (const scope of asked.asking) {
        if (outcome === 'refused') asked.denied.set(scope, clock.now());
        else asked.signedInFor.set(scope, (asked.signedInFor.get(scope) ?? 0) + 1);
      }
      asked.wanted = asked.wanted.filter((scope) => !asked.asking.includes(scope));
      asked.asking = [];
      onChange();
    },
    forget: (key) => void accounts.delete(keyText(key)),
  };
};

const scopesIn = (challenge: string | undefined): string[] => {
  const parameters = oauthChallenge(challenge ?? null)?.parameters;
  if (parameters?.get('error') !== 'insufficient_scope') return [];
  return (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
};

const moreAccess = (scopes: readonly string[]): Problem => ({
  code: 'needs-more-access',
  message: `the server asks for more access: ${plainText(scopes.join(' '), 200)}`,
  hint: 'sign in again to allow it; what is allowed already goes on working',
});
