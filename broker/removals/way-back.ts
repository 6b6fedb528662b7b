/** The way back of what is taken away in pieces. */
import { ProblemError } from '../../shared/contract/problems.ts';

type Step = () => Promise<void> | void;

export interface WayBack {
  readonly add: (step: Step) => void;
  /** The last one taken is the first one back, and each comes back once, however often it is tried. Rejects like the steps. */
  readonly go: () => Promise<void>;
}

export const createWayBack = (): WayBack => {
  const steps: Step[] = [];
  return {
    add: (step) => void steps.push(step),
    go: async () => {
      for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
        await step();
        steps.pop();
      }
    },
  };
};

/** Why it could not be taken is what the person has to know. */
export const isToldAlready = (): void => undefined;

/** What it would come back to is not there any more, or is another by now. */
export const isOtherwiseNow = (): ProblemError =>
  new ProblemError('undo-too-late', 'its server is another by now, or signs in otherwise', {
    hint: 'what was removed can be added again',
  });
