/** Is the bridge paused? In memory only: whoever starts Drawbridge wants it to work. */
import type { PauseView, PauseWish } from '../../shared/contract/pause.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { pauseProblem } from '../../shared/pause-words.ts';
import type { Clock } from '../ports.ts';

export interface Pause {
  /** Another one takes its place. */
  readonly begin: (wish: PauseWish) => void;
  /** Does nothing where there is none. */
  readonly end: () => void;
  /** Undefined while there is none. */
  readonly view: () => PauseView | undefined;
  /** What AI clients are told meanwhile; undefined while there is none. */
  readonly problem: () => ProblemError | undefined;
  /** The same end, with nobody there to be told. */
  readonly close: () => void;
}

export interface PauseDeps {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly onChange: () => void;
  /** Calls are passed on again. */
  readonly onEnd: () => void;
}

export const createPause = ({ clock, onChange, onEnd }: PauseDeps): Pause => {
  let current: PauseView | undefined;
  let cancel = (): void => undefined;

  /** A computer that slept may have missed the end. */
  const view = (): PauseView | undefined =>
    current?.until !== undefined && current.until <= clock.now() ? undefined : current;

  const close = (): void => {
    cancel();
    cancel = () => undefined;
    current = undefined;
  };

  const end = (): void => {
    if (current === undefined) return;
    close();
    onChange();
    onEnd();
  };

  return {
    begin: ({ forMs }) => {
      const since = view()?.since ?? clock.now();
      close();
      current = { since, ...(forMs === undefined ? {} : { until: clock.now() + forMs }) };
      if (forMs !== undefined) cancel = clock.after(forMs, end);
      onChange();
    },
    end,
    view,
    problem: () => {
      const now = view();
      if (now === undefined) return undefined;
      const { code, message, hint } = pauseProblem(now, clock.now());
      return new ProblemError(code, message, hint === undefined ? {} : { hint });
    },
    close,
  };
};
