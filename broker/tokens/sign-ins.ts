/** The sign-ins under way: one an account, however often it is asked for. */
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import { type Problem, ProblemError, toProblem } from '../../shared/contract/problems.ts';
import type { SignInStep } from '../../shared/contract/snapshot.ts';
import type { Logger } from '../log/logger.ts';
import type { SignedIn, SignInDeps } from '../oauth/sign-in.ts';
import type { Clock } from '../ports.ts';
import type { TokenBook } from './book.ts';
import { grantFrom } from './grant.ts';

export interface SignIns {
  /** Starts a sign-in, or joins the one that runs, and returns its step at once. */
  readonly start: (key: AccountKey, options: { readonly openBrowser: boolean }) => SignInStep;
  /** The address to open, once known. Rejects with why the sign-in ended, or `not-found` when none runs. */
  readonly link: (key: AccountKey) => Promise<string>;
  /** Ends it and resolves once everything it held is closed. Nothing to cancel is fine. */
  readonly cancel: (key: AccountKey) => Promise<void>;
  readonly running: (
    key: AccountKey,
  ) => { readonly step: SignInStep; readonly startedAt: number } | undefined;
  /** Why the last sign-in failed, until the next one starts. */
  readonly failure: (key: AccountKey) => Problem | undefined;
  readonly forget: (key: AccountKey) => void;
  readonly stop: () => Promise<void>;
}

type FlowDeps = Pick<SignInDeps, 'onStep' | 'onLink' | 'signal'>;

export interface SignInsDeps {
  readonly book: Pick<TokenBook, 'keep'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Opens the vault if it is closed and rejects when it stays so: a sign-in that cannot be kept is not begun. */
  readonly openVault: () => Promise<void>;
  /** The flow itself, for the server of this account. */
  readonly flow: (key: AccountKey, openBrowser: boolean, deps: FlowDeps) => Promise<SignedIn>;
  readonly onChange: (key: AccountKey) => void;
  /** How the person answered, when they did. */
  readonly onAnswer: (key: AccountKey, answer: 'signed-in' | 'refused') => void;
}

interface Attempt {
  readonly startedAt: number;
  readonly abort: AbortController;
  readonly link: PromiseWithResolvers<string>;
  done: Promise<void>;
  step: SignInStep;
}

export const createSignIns = (deps: SignInsDeps): SignIns => {
  const attempts = new Map<string, Attempt>();
  const failures = new Map<string, Problem>();

  const run = async (key: AccountKey, attempt: Attempt, openBrowser: boolean): Promise<void> => {
    const onStep = (step: SignInStep): void => {
      attempt.step = step;
      deps.onChange(key);
    };
    try {
      await deps.openVault();
      const signedIn = await deps.flow(key, openBrowser, {
        onStep,
        onLink: attempt.link.resolve,
        signal: attempt.abort.signal,
      });
      onStep('saving');
      await deps.book.keep(key, (generation) => grantFrom(signedIn, generation, deps.clock.now()));
      deps.log.info('signed-in', { key: keyText(key) });
      deps.onAnswer(key, 'signed-in');
    } catch (error) {
      const { aborted } = attempt.abort.signal;
      const failure = aborted
        ? new ProblemError('sign-in-cancelled', 'the sign-in was cancelled')
        : error;
      // The person who cancels knows it: there is nothing to show.
      if (!aborted) failures.set(keyText(key), toProblem(failure));
      if (toProblem(failure).code === 'access-denied') deps.onAnswer(key, 'refused');
      deps.log.warn('sign-in-failed', { key: keyText(key), error: failure });
      attempt.link.reject(failure);
    } finally {
      attempts.delete(keyText(key));
      deps.onChange(key);
    }
  };

  const cancel = async (key: AccountKey): Promise<void> => {
    const attempt = attempts.get(keyText(key));
    attempt?.abort.abort();
    await attempt?.done;
  };

  return {
    start: (key, { openBrowser }) => {
      const under = attempts.get(keyText(key));
      if (under !== undefined) return under.step;
      const attempt: Attempt = {
        startedAt: deps.clock.now(),
        abort: new AbortController(),
        link: Promise.withResolvers<string>(),
        done: Promise.resolve(),
        step: 'discovering',
      };
      // Nobody may be waiting for the link; the failure is recorded either way.
      attempt.link.promise.catch(() => undefined);
      failures.delete(keyText(key));
      attempts.set(keyText(key), attempt);
      attempt.done = run(key, attempt, openBrowser);
      deps.onChange(key);
      return attempt.step;
    },
    link: (key) => {
      const attempt = attempts.get(keyText(key));
      if (attempt !== undefined) return attempt.link.promise;
      return Promise.reject(
        new ProblemError('not-found', 'no sign-in is running', { hint: 'start one first' }),
      );
    },
    cancel,
    running: (key) => attempts.get(keyText(key)),
    failure: (key) => failures.get(keyText(key)),
    forget: (key) => void failures.delete(keyText(key)),
    stop: async () => {
      for (const attempt of attempts.values()) attempt.abort.abort();
      await Promise.all([...attempts.values()].map(({ done }) => done));
    },
  };
};
