/** What a trial is: something done to a throw-away Drawbridge, or looked at on this machine, that must hold. */
import type { Ports } from '../../broker/ports.ts';
import type { Stage, StageOptions } from './stage.ts';

export interface Trial {
  /** Names it on the command line and in JSON. */
  readonly id: string;
  readonly name: string;
  readonly does: string;
  readonly mustHold: string;
  /** Rejects with `DidNotHold` or `Skipped`. */
  readonly run: (lab: Lab) => Promise<void>;
}

/** What a trial is given. Everything of it is stopped and removed after the trial, however that ended. */
export interface Lab {
  /** A Drawbridge with a folder of its own, before a service of its own. */
  readonly stage: (options?: StageOptions) => Promise<Stage>;
  readonly machine: Machine;
  /** Done after the trial, the last first. */
  readonly afterwards: (deed: () => Promise<void>) => void;
}

/** What there is to look at outside of the throw-away folder. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly keychain: Ports['keychain'];
  /** The person's own: looked at from outside, never opened. */
  readonly dataFolder: string;
  /** When this Drawbridge was built, Unix ms: it cannot be earlier now. */
  readonly builtAt: number;
  /** How far the wall clock has gone ahead of the steady one since the start, ms. */
  readonly drift: () => number;
  readonly now: () => number;
}

/** It did not hold: what was seen instead, in our own words. */
export class DidNotHold extends Error {}

/** It cannot be tried on this machine, and why. */
export class Skipped extends Error {}

/** Rejects what does not hold. `saw` says what was seen instead. */
export function assertHolds(holds: boolean, saw: string): asserts holds {
  if (!holds) throw new DidNotHold(saw);
}

const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 10;

/** Waits until it is so; rejects with `DidNotHold` after a while. */
export const until = async (
  what: string | (() => string),
  isSo: () => boolean,
  patienceMs = PATIENCE_MS,
): Promise<void> => {
  const end = performance.now() + patienceMs;
  while (!isSo()) {
    if (performance.now() > end)
      throw new DidNotHold(`waited in vain until ${typeof what === 'string' ? what : what()}`);
    await pause(LOOK_AGAIN_MS);
  }
};

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
