/** Does what was planned, a step at a time; what went before a failure stays, and a second try finds it done. */
import type { AppliedFile, FileStep } from '../../../shared/contract/drawbridge-file.ts';
import { toProblem } from '../../../shared/contract/problems.ts';

export interface Planned {
  readonly step: FileStep;
  /** May have more to say of it once it is done. */
  readonly run: () => Promise<readonly string[]>;
}

type Outcome = Pick<AppliedFile, 'steps' | 'done' | 'problem'>;

/** Never rejects: how far it came is what matters. */
export const carryOut = async (plan: readonly Planned[]): Promise<Outcome> => {
  const steps = plan.map(({ step }) => step);
  for (const [index, { step, run }] of plan.entries()) {
    try {
      const notes = step.does === 'nothing' ? [] : await run();
      steps[index] = { ...step, notes: step.does === 'add' ? [...notes] : step.notes };
    } catch (error) {
      return { steps, done: index, problem: toProblem(error) };
    }
  }
  return { steps, done: plan.length };
};

/** What would be done. */
export const lookAt = (plan: readonly Planned[]): Outcome => ({
  steps: plan.map(({ step }) => step),
  done: 0,
});
