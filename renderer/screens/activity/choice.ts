/** Which requests the person has chosen to see. */
import { failures } from '../../../shared/activity.ts';
import { ActivityOutcome } from '../../../shared/contract/activity.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';

export interface Choice {
  /** Empty for all of them, as is the rest. */
  readonly server: string;
  readonly aiClient: string;
  /** An outcome, or `failed` for all that mean that something went wrong. */
  readonly outcome: string;
  /** Part of the name of a tool or a method. */
  readonly name: string;
}

export const everything: Choice = { server: '', aiClient: '', outcome: '', name: '' };

export const FAILED = 'failed';

type Wish = Pick<RouteBody<'activity'>, 'server' | 'aiClient' | 'outcomes' | 'name'>;

export const wishOf = ({ server, aiClient, outcome, name }: Choice): Wish => ({
  ...(server === '' ? {} : { server }),
  ...(aiClient === '' ? {} : { aiClient }),
  ...(outcome === '' ? {} : { outcomes: outcomesOf(outcome) }),
  ...(name.trim() === '' ? {} : { name: name.trim() }),
});

const outcomesOf = (outcome: string): ActivityOutcome[] =>
  outcome === FAILED
    ? [...failures]
    : ActivityOutcome.options.filter((option) => option === outcome);
