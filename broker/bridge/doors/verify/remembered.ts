/** A verifier that has to ask somebody, around which a yes is remembered for a moment: neither long nor for many. */
import { createHash } from 'node:crypto';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { SKEW_S, type Verdict, type Verify } from './verify.ts';

/** A token that was revoked is good for no longer than this, ms. */
const YES_MS = 30_000;
const MOST_REMEMBERED = 1000;
/** Whoever makes up tokens keeps no more requests under way than this. */
const MOST_AT_ONCE = 64;

/** Rejects like `verify`, and with `retrying` when too many tokens are asked about at once. */
export const remembered = (verify: Verify, now: () => number): Verify => {
  /** By the hash of the token, the oldest first. */
  const yes = new Map<
    string,
    { readonly verdict: Verdict; readonly at: number; readonly until: number }
  >();
  const underWay = new Map<string, Promise<Verdict>>();

  const keep = (key: string, verdict: Verdict): void => {
    if (!('caller' in verdict)) return;
    const at = now();
    const end = (verdict.caller.expiresAt ?? Number.POSITIVE_INFINITY) + SKEW_S * 1000;
    yes.set(key, { verdict, at, until: Math.min(at + YES_MS, end) });
    const [oldest] = yes.keys();
    if (yes.size > MOST_REMEMBERED && oldest !== undefined) yes.delete(oldest);
  };
  const recall = (key: string): Verdict | undefined => {
    const found = yes.get(key);
    if (found === undefined) return undefined;
    // A clock that was put back makes nothing younger.
    if (now() >= found.at && now() < found.until) return found.verdict;
    yes.delete(key);
    return undefined;
  };

  return async (token, audiences) => {
    const key = hashOf(token.reveal(), audiences);
    const known = recall(key);
    if (known !== undefined) return known;
    const joined = underWay.get(key);
    if (joined !== undefined) return joined;
    if (underWay.size >= MOST_AT_ONCE) throw tooMany();
    const asked = verify(token, audiences).finally(() => underWay.delete(key));
    underWay.set(key, asked);
    const verdict = await asked;
    keep(key, verdict);
    return verdict;
  };
};

const hashOf = (token: string, audiences: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([token, audiences]))
    .digest('hex');

const tooMany = (): ProblemError =>
  new ProblemError('retrying', 'too many tokens are being looked at at once');
