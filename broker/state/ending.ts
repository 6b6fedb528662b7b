/** Sign-ins that will need the person before long: told ahead, while there is time. */
import type { GrantFacts } from '../tokens/book-entry.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Told this long ahead at most, ms; for short ones, at the last quarter of their life. */
const AHEAD_MS = 3 * DAY_MS;
const SHARE_OF_LIFE = 0.25;

type Ending = Pick<GrantFacts, 'obtainedAt' | 'expiresAt' | 'endsAt' | 'renewable' | 'ended'>;

/** When somebody has to sign in again, Unix ms, where that is known. */
const endOf = ({ renewable, endsAt, expiresAt }: Ending): number | undefined =>
  renewable ? endsAt : expiresAt;

/** Whether the sign-in ends so soon that the person should hear of it. False once it is over. */
export const endsSoon = (facts: Ending, now: number): boolean => {
  const end = endOf(facts);
  if (end === undefined || end <= now || facts.ended !== undefined) return false;
  const ahead = Math.min(AHEAD_MS, (end - facts.obtainedAt) * SHARE_OF_LIFE);
  return end - now <= ahead;
};
