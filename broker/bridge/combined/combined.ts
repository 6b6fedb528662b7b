/** The combined endpoint: all servers that an AI client may use, presented as one. */
import type { OpenLeg } from '../leg.ts';
import type { Era } from '../session.ts';
import { combinedLegacy } from './legacy.ts';
import type { MembersDeps } from './members.ts';
import { combinedModern } from './modern.ts';

export interface CombinedDeps extends MembersDeps {
  /** Of Drawbridge. */
  readonly version: string;
}

type After = CombinedDeps['clock']['after'];

/** Legs of `era` to all members; each of them is one made with `deps.open`. */
export const combined =
  (era: Era, { clock, ...deps }: CombinedDeps): OpenLeg =>
  (unasked) => {
    const timers = ownTimers(clock.after);
    const open = era === 'legacy' ? combinedLegacy : combinedModern;
    const leg = open({ ...deps, clock: { steady: clock.steady, after: timers.after } })(unasked);
    return {
      ...leg,
      close: () => {
        timers.stop();
        leg.close();
      },
    };
  };

/** Whoever is waited for when the AI client goes: nothing comes of it. */
const ownTimers = (after: After): { readonly after: After; readonly stop: () => void } => {
  const cancels = new Set<() => void>();
  return {
    after: (ms, deed) => {
      const stop = (): void => {
        cancels.delete(stop);
        cancel();
      };
      const cancel = after(ms, () => {
        cancels.delete(stop);
        deed();
      });
      cancels.add(stop);
      return stop;
    },
    stop: () => {
      for (const cancel of [...cancels]) cancel();
    },
  };
};
