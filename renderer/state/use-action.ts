/** One deed of the person: asked for once at a time, with its problem in words. */
import { useCallback, useRef, useState } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import { type Problem, ProblemError, toProblem } from '../../shared/contract/problems.ts';
import { strings } from '../strings.ts';
import { useSurroundings } from './surroundings.ts';

export interface Action<Args extends readonly unknown[], Reply> {
  /** Resolves with the reply, or with undefined when it failed or is still running from before. */
  readonly run: (...args: Args) => Promise<Reply | undefined>;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly reply: Reply | undefined;
  /** Forgets the problem and the reply. */
  readonly clear: () => void;
}

interface Outcome<Reply> {
  readonly about: unknown;
  readonly busy: boolean;
  readonly problem?: Problem;
  readonly reply?: Reply;
}

/**
 * `deed` should be a constant of its module. When `about` is given, an outcome is forgotten once `about` has
 * changed: a failed sign-in is no longer news after one from the tray has succeeded.
 */
export const useAction = <Args extends readonly unknown[], Reply>(
  deed: (client: ControlClient, ...args: Args) => Promise<Reply>,
  about?: unknown,
): Action<Args, Reply> => {
  const { client, connection } = useSurroundings();
  const [stored, setOutcome] = useState<Outcome<Reply>>({ about, busy: false });
  const running = useRef(false);

  const run = useCallback(
    async (...args: Args): Promise<Reply | undefined> => {
      if (running.current) return undefined;
      running.current = true;
      setOutcome({ about, busy: true });
      try {
        const reply = await deed(client, ...args);
        setOutcome({ about, busy: false, reply });
        return reply;
      } catch (error) {
        const problem = problemOf(error);
        if (problem.code === 'no-session') connection.sessionEnded();
        setOutcome({ about, busy: false, problem });
        return undefined;
      } finally {
        running.current = false;
      }
    },
    [client, connection, deed, about],
  );
  const clear = useCallback(() => setOutcome({ about, busy: false }), [about]);

  const news = stored.about === about;
  return {
    run,
    busy: stored.busy,
    problem: news ? stored.problem : undefined,
    reply: news ? stored.reply : undefined,
    clear,
  };
};

/** `fetch` rejects with a TypeError when nothing answers, and a person should read more than "internal". */
export const problemOf = (error: unknown): Problem =>
  error instanceof TypeError && !(error instanceof ProblemError)
    ? strings.notRunning
    : toProblem(error);
