/** What a part of the window asks the broker for as long as it is shown, and anew once that may have changed. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { useSurroundings } from './surroundings.ts';
import { problemOf } from './use-action.ts';

interface Known<Reply> {
  /** The last there was, also while another is under way or after one has failed. */
  readonly reply?: Reply;
  readonly problem?: Problem;
}

export interface Asked<Reply> extends Known<Reply> {
  readonly askAgain: () => void;
  /** In the place of what was told: what a deed has just answered. */
  readonly show: (reply: Reply) => void;
}

/**
 * `ask` should be a constant of its module, and `wish` the same object while the same is wished for. `about`: with another
 * text there is something else to be told.
 */
export const useAsked = <Wish, Reply>(
  ask: (client: ControlClient, wish: Wish) => Promise<Reply>,
  wish: Wish,
  about = '',
): Asked<Reply> => {
  const { client, connection } = useSurroundings();
  const [known, setKnown] = useState<Known<Reply>>({});
  const [round, setRound] = useState(0);
  const question = useMemo(() => ({ wish, about, round }), [wish, about, round]);

  useEffect(() => {
    let wanted = true;
    ask(client, question.wish).then(
      (reply) => {
        if (wanted) setKnown({ reply });
      },
      (error: unknown) => {
        const problem = problemOf(error);
        if (problem.code === 'no-session') connection.sessionEnded();
        if (wanted) setKnown((before) => ({ ...before, problem }));
      },
    );
    return () => {
      wanted = false;
    };
  }, [client, connection, ask, question]);

  const askAgain = useCallback(() => setRound((count) => count + 1), []);
  const show = useCallback((reply: Reply) => setKnown({ reply }), []);
  return { ...known, askAgain, show };
};
