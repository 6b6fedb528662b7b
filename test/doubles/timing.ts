/** How long things take here, and how that compares: a busy machine holds up both sides of a comparison. */
import { expect } from 'vitest';

/** What a deed gives, with the time it took, ms. */
export const took = async <T>(deed: () => T | Promise<T>): Promise<readonly [T, number]> => {
  const began = performance.now();
  return [await deed(), performance.now() - began];
};

const LEAST_ROUNDS = 3;
const MOST_ROUNDS = 20;

/**
 * Fails where `deed` takes `times` as long as `other` or longer: both in turns, and of each the best try, as a pause of
 * the machine is nobody's. So it is tried for longer before it fails.
 */
export const expectUnder = async (
  times: number,
  deed: () => unknown,
  other: () => unknown,
): Promise<void> => {
  let [its, others] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (
    let round = 0;
    round < LEAST_ROUNDS || (round < MOST_ROUNDS && its / others >= times);
    round += 1
  ) {
    others = Math.min(others, (await took(other))[1]);
    its = Math.min(its, (await took(deed))[1]);
  }
  expect(its / others).toBeLessThan(times);
};
