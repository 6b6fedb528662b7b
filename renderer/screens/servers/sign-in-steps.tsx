/** How far a sign-in is, in three steps: found how, the person in the browser, tokens exchanged and saved. */
import type { ReactNode } from 'react';
import type { AccountView, ServerView, SignInStep } from '../../../shared/contract/snapshot.ts';
import { Icon } from '../../components/icon.tsx';
import { stepWords } from '../../state/announcement.ts';
import { strings } from '../../strings.ts';

const stages = [
  { name: 'find', steps: ['discovering', 'registering'] },
  { name: 'browser', steps: ['opening-browser', 'waiting-for-browser'] },
  { name: 'save', steps: ['exchanging', 'saving'] },
] as const satisfies readonly { name: string; steps: readonly SignInStep[] }[];
type Stage = (typeof stages)[number];

export interface SignInCourse {
  readonly step: SignInStep;
  readonly failed: boolean;
}

/** Where the sign-in of an account is, or where the last one failed; undefined where there is nothing to show. */
export const courseOf = ({
  signIn,
  lastSignIn,
  problem,
}: Pick<AccountView, 'signIn' | 'lastSignIn' | 'problem'>): SignInCourse | undefined => {
  if (signIn !== undefined) return { step: signIn.step, failed: false };
  // What is wrong by now may be something else.
  const isSame = problem !== undefined && problem.code === lastSignIn?.problem?.code;
  return isSame && lastSignIn?.step !== undefined
    ? { step: lastSignIn.step, failed: true }
    : undefined;
};

interface SignInStepsProps {
  readonly server: Pick<ServerView, 'signIn'>;
  readonly account: Pick<AccountView, 'signIn'>;
  readonly course: SignInCourse;
  /** What there is to do or to say at the step that it is at. */
  readonly children: ReactNode;
}

export const SignInSteps = ({ server, account, course, children }: SignInStepsProps) => {
  const needsPerson = (server.signIn?.kind ?? 'person') === 'person';
  const shown = stages.filter(({ name }) => needsPerson || name !== 'browser');
  const at = shown.findIndex((stage) => hasStep(stage, course.step));
  return (
    <ol className="steps" aria-label={strings.stages.title}>
      {shown.map((stage, place) => {
        const state = place < at ? 'done' : place > at ? 'next' : course.failed ? 'failed' : 'now';
        return (
          <li
            key={stage.name}
            className={`step step-${state}`}
            aria-current={state === 'now' ? 'step' : undefined}
          >
            <span className="step-mark" aria-hidden="true">
              {icons[state] === undefined ? place + 1 : <Icon name={icons[state]} />}
            </span>
            <div className="step-text">
              <p className="step-title">
                {titleOf(stage, account)}
                <span className="unseen">, {strings.stages.state[state]}</span>
              </p>
              {state === 'now' && account.signIn !== undefined && (
                <p className="account-time">{stepWords(account.signIn)}</p>
              )}
              {place === at && children}
            </div>
          </li>
        );
      })}
    </ol>
  );
};

const icons = { done: 'check', now: 'busy', failed: 'attention', next: undefined } as const;

const hasStep = ({ steps }: Stage, step: SignInStep): boolean =>
  (steps as readonly SignInStep[]).includes(step);

const titleOf = ({ name }: Stage, { signIn }: Pick<AccountView, 'signIn'>): string =>
  strings.stages[name === 'browser' && signIn?.device !== undefined ? 'code' : name];
