/** The sign-ins under way: one an account, however often it is asked for. */
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import { type Problem, ProblemError, toProblem } from '../../shared/contract/problems.ts';
import type { SignInKind } from '../../shared/contract/sign-in-settings.ts';
import type { SignInStep } from '../../shared/contract/snapshot.ts';
import type { Logger } from '../log/logger.ts';
import type { DeviceCode } from '../oauth/ask-device.ts';
import type { Offer } from '../oauth/authorize.ts';
import type { ClientRegistration } from '../oauth/client-registration.ts';
import { TokenFailure } from '../oauth/failures.ts';
import type { SignedIn } from '../oauth/sign-in.ts';
import type { Clock } from '../ports.ts';
import type { TokenBook } from './book.ts';
import { type Grant, grantFrom } from './grant.ts';
import type { Obtain, SignInChoice } from './obtain.ts';
import { retryDelay } from './retry-delay.ts';
import { endOf, type Wait, waitUntil } from './wait.ts';

export interface SignIns {
  /**
   * Starts a sign-in, or joins the one that runs, and returns its step at once. Throws `sign-in-running` when that one is
   * not what is asked for.
   */
  readonly start: (key: AccountKey, choice?: Partial<SignInChoice>) => SignInStep;
  /** The address to open, once known. Rejects with why the sign-in ended, or `not-found` when none runs. */
  readonly link: (key: AccountKey) => Promise<string>;
  /** Ends it and resolves once everything it held is closed. Nothing to cancel is fine. */
  readonly cancel: (key: AccountKey) => Promise<void>;
  /**
   * Takes the address that a browser on another machine ended at. Throws `not-found` when no sign-in waits for one, and
   * `sign-in-mismatch` when it is not the answer to it.
   */
  readonly paste: (key: AccountKey, address: string) => void;
  readonly running: (key: AccountKey) => RunningSignIn | undefined;
  /** Why the last sign-in failed, until the next one starts. */
  readonly failure: (key: AccountKey) => Problem | undefined;
  /** Why it failed last, and since when it may be tried again by itself (Unix ms). */
  readonly setback: (key: AccountKey) => Setback | undefined;
  /** How the last sign-in ended, until the next one starts. */
  readonly ended: (key: AccountKey) => SignInEnd | undefined;
  /** How the last ones ended is no news any more: it may be otherwise by now. */
  readonly forget: (key: AccountKey) => void;
  readonly stop: () => Promise<void>;
}

export interface Setback {
  readonly problem: Problem;
  /** What the server asked us to wait is over then. */
  readonly retryAt: number;
}

interface Failures {
  readonly problem: Problem;
  readonly inARow: number;
  readonly wait: Wait;
}

/** With tokens, unless there is a problem. */
export interface SignInEnd {
  readonly problem?: Problem;
  /** How far it had come by then. */
  readonly step?: SignInStep;
}

export interface RunningSignIn {
  readonly choice: SignInChoice;
  readonly step: SignInStep;
  /** Unix ms. */
  readonly startedAt: number;
  readonly device: DeviceCode | undefined;
}

export interface SignInsDeps {
  readonly book: Pick<TokenBook, 'keep'>;
  readonly clock: Clock;
  /** Random in [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: Logger;
  /** Opens the vault if it is closed and rejects when it stays so: a sign-in that cannot be kept is not begun. */
  readonly openVault: () => Promise<void>;
  readonly obtain: Pick<Obtain, 'signIn'>;
  /** Makes tokens worthless that could not be kept; best effort, and nobody waits. */
  readonly discard: (key: AccountKey, grant: Grant) => void;
  readonly onChange: (key: AccountKey) => void;
  /** Tokens were kept that were got as this client. */
  readonly onClient: (key: AccountKey, client: ClientRegistration) => void;
  /** How the person answered, when they did. */
  readonly onAnswer: (key: AccountKey, answer: 'signed-in' | 'refused') => void;
}

interface Attempt extends RunningSignIn {
  readonly abort: AbortController;
  readonly link: PromiseWithResolvers<string>;
  done: Promise<void>;
  step: SignInStep;
  device: DeviceCode | undefined;
  offer: Offer | undefined;
}

/** In the browser of this machine, for what the server asks for. */
const USUAL: SignInChoice = {
  openBrowser: true,
  onDevice: false,
  chooseAccount: false,
  moreScopes: [],
};

export const createSignIns = (deps: SignInsDeps): SignIns => {
  const attempts = new Map<string, Attempt>();
  const ends = new Map<string, SignInEnd>();
  const setbacks = new Map<string, Failures>();

  const setBack = (key: AccountKey, error: unknown): void => {
    const problem = toProblem(error);
    const inARow = (setbacks.get(keyText(key))?.inARow ?? 0) + 1;
    const wait = Math.max(retryDelay(inARow, deps.random()), askedWait(error));
    setbacks.set(keyText(key), {
      problem,
      inARow,
      wait: waitUntil(deps.clock, deps.clock.now() + wait),
    });
  };

  const keep = async (
    key: AccountKey,
    signedIn: SignedIn,
    kind: SignInKind,
    { chooseAccount }: SignInChoice,
  ): Promise<void> => {
    const grant = (generation: number): Grant =>
      grantFrom(signedIn, kind, generation, deps.clock.now());
    try {
      await deps.book.keep(key, grant, { mayBeAnother: chooseAccount });
    } catch (error) {
      // Nobody holds these tokens any more: they would live on at the server.
      deps.discard(key, grant(0));
      throw error;
    }
    deps.onClient(key, signedIn.client);
  };

  const run = async (key: AccountKey, attempt: Attempt, choice: SignInChoice): Promise<void> => {
    const changed = (change: Partial<Attempt>): void => {
      Object.assign(attempt, change);
      deps.onChange(key);
    };
    try {
      await deps.openVault();
      await deps.obtain.signIn(key, choice, {
        onStep: (step) => changed({ step }),
        onLink: attempt.link.resolve,
        onOffer: (offer) => changed({ offer }),
        onDeviceCode: (device) => changed({ device }),
        signal: attempt.abort.signal,
        keep: (signedIn, kind) => keep(key, signedIn, kind, choice),
      });
      ends.set(keyText(key), {});
      deps.log.info('signed-in', { key: keyText(key) });
      setbacks.delete(keyText(key));
      deps.onAnswer(key, 'signed-in');
    } catch (error) {
      const { aborted } = attempt.abort.signal;
      const failure = aborted
        ? new ProblemError('sign-in-cancelled', 'the sign-in was cancelled')
        : error;
      ends.set(keyText(key), { problem: toProblem(failure), step: attempt.step });
      if (!aborted) setBack(key, failure);
      if (toProblem(failure).code === 'access-denied') deps.onAnswer(key, 'refused');
      deps.log.warn('sign-in-failed', { key: keyText(key), error: failure });
      attempt.link.reject(failure);
    } finally {
      // One that needs nobody has no address to open.
      attempt.link.reject(notRunning());
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
    start: (key, choice = {}) => {
      const under = attempts.get(keyText(key));
      if (under !== undefined) {
        assertSame(under.choice, choice);
        return under.step;
      }
      const attempt: Attempt = {
        choice: { ...USUAL, ...choice },
        startedAt: deps.clock.now(),
        abort: new AbortController(),
        link: Promise.withResolvers<string>(),
        done: Promise.resolve(),
        step: 'discovering',
        device: undefined,
        offer: undefined,
      };
      // Nobody may be waiting for the link; the failure is recorded either way.
      attempt.link.promise.catch(() => undefined);
      ends.delete(keyText(key));
      attempts.set(keyText(key), attempt);
      attempt.done = run(key, attempt, attempt.choice);
      deps.onChange(key);
      return attempt.step;
    },
    link: (key) => attempts.get(keyText(key))?.link.promise ?? Promise.reject(notRunning()),
    paste: (key, address) => {
      const offer = attempts.get(keyText(key))?.offer;
      if (offer === undefined) throw notRunning();
      const parameters = URL.parse(address.trim())?.searchParams;
      if (parameters !== undefined && offer(parameters)) return;
      throw new ProblemError('sign-in-mismatch', 'this address is not the answer to this sign-in', {
        hint: 'paste the whole address that the browser ended at, with everything after the question mark',
      });
    },
    cancel,
    running: (key) => attempts.get(keyText(key)),
    failure: (key) => {
      const problem = ends.get(keyText(key))?.problem;
      // The person who cancels knows it: there is nothing to show.
      return problem?.code === 'sign-in-cancelled' ? undefined : problem;
    },
    setback: (key) => {
      const { problem, wait } = setbacks.get(keyText(key)) ?? {};
      return problem && wait && { problem, retryAt: endOf(wait, deps.clock) };
    },
    ended: (key) => ends.get(keyText(key)),
    forget: (key) => {
      setbacks.delete(keyText(key));
      if (ends.delete(keyText(key))) deps.onChange(key);
    },
    stop: async () => {
      for (const attempt of attempts.values()) attempt.abort.abort();
      await Promise.all([...attempts.values()].map(({ done }) => done));
    },
  };
};

/** What the server itself asked us to wait, ms: the failure of the token request is what caused the problem. */
const askedWait = (error: unknown): number =>
  error instanceof Error && error.cause instanceof TokenFailure
    ? (error.cause.retryAfterMs ?? 0)
    : 0;

/** What is asked for must not be dropped in silence; whoever asks for nothing special may join any. */
const assertSame = (
  running: SignInChoice,
  { onDevice = false, moreScopes = [] }: Partial<SignInChoice>,
): void => {
  const isOther =
    (onDevice && !running.onDevice) ||
    moreScopes.some((scope) => !running.moreScopes.includes(scope));
  if (!isOther) return;
  throw new ProblemError('sign-in-running', 'another sign-in to this server is under way', {
    hint: 'finish or cancel that one, then begin again',
  });
};

const notRunning = (): ProblemError =>
  new ProblemError('not-found', 'no sign-in is running', { hint: 'start one first' });
