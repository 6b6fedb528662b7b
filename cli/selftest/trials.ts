/** Everything that is tried, in this order. */
import { doorTrials } from './door-trials.ts';
import { keepingTrials } from './keeping-trials.ts';
import { machineTrials } from './machine-trials.ts';
import { renewalTrials } from './renewal-trials.ts';
import { signInTrials } from './sign-in-trials.ts';
import type { Trial } from './trial.ts';

export const trials: readonly Trial[] = [
  ...signInTrials,
  ...renewalTrials,
  ...keepingTrials,
  ...doorTrials,
  ...machineTrials,
];
