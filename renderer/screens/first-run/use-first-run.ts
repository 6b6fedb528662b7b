/** How far a person is who began without a server, until all three steps are done or skipped. */
import { useState } from 'react';
import { stateWords } from '../../../shared/account-words.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';

export const steps = ['add', 'sign-in', 'connect'] as const;
export type Step = (typeof steps)[number];

export interface FirstRun {
  /** Undefined for whoever is not at it. */
  readonly step: Step | undefined;
  /** Goes on without it. */
  readonly skip: () => void;
}

export const useFirstRun = (servers: readonly ServerView[]): FirstRun => {
  const isEmpty = servers.length === 0;
  const [began, setBegan] = useState(isEmpty);
  const [skipped, setSkipped] = useState<readonly Step[]>([]);
  const [wasEmpty, setWasEmpty] = useState(isEmpty);
  if (isEmpty !== wasEmpty) {
    setWasEmpty(isEmpty);
    // The last one was removed: a beginning like the first.
    if (isEmpty) {
      setBegan(true);
      setSkipped([]);
    }
  }
  const now = stepOf(servers);
  const step = began
    ? steps.slice(steps.indexOf(now)).find((one) => !skipped.includes(one))
    : undefined;
  const skip = (): void => {
    if (step === undefined) return;
    // Without a server there is nothing to sign in to, nor to connect.
    setSkipped(step === 'add' ? steps : [...skipped, step]);
  };
  return { step, skip };
};

const stepOf = ([first]: readonly ServerView[]): Step => {
  if (first === undefined) return 'add';
  const needs = first.accounts.some(({ state }) => stateWords[state].mood !== 'calm');
  return needs ? 'sign-in' : 'connect';
};
