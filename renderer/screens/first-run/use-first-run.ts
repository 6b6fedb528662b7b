/** The step that a person is at who began without a server, until all three are done or skipped. */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { stateWords } from '../../../shared/account-words.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { type Step, steps } from '../../state/first-run.ts';
import { useSurroundings } from '../../state/surroundings.ts';

export interface FirstRunStep {
  /** Undefined for whoever is not at it. */
  readonly step: Step | undefined;
  /** Goes on without it. */
  readonly skip: () => void;
}

export const useFirstRun = (servers: readonly ServerView[]): FirstRunStep => {
  const { firstRun } = useSurroundings();
  const { began, skipped } = useSyncExternalStore(firstRun.subscribe, firstRun.state);
  const isEmpty = servers.length === 0;
  const wasEmpty = useRef(began);
  useEffect(() => {
    // With the last one removed everything begins anew; what was skipped without one stays so on the way back here.
    if (isEmpty && !wasEmpty.current) firstRun.begin();
    wasEmpty.current = isEmpty;
  }, [isEmpty, firstRun]);
  const now = stepOf(servers);
  const step =
    began || isEmpty
      ? steps.slice(steps.indexOf(now)).find((one) => !skipped.includes(one))
      : undefined;
  const skip = (): void => {
    if (step === undefined) return;
    // Without a server there is nothing to sign in to, nor to connect.
    firstRun.skip(...(step === 'add' ? steps : [step]));
  };
  return { step, skip };
};

const stepOf = ([first]: readonly ServerView[]): Step => {
  if (first === undefined) return 'add';
  const needs = first.accounts.some(({ state }) => stateWords[state].mood !== 'calm');
  return needs ? 'sign-in' : 'connect';
};
