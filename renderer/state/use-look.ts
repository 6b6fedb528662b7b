/** What the broker answers when it is only asked how something is: kept while it is asked again. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { useSurroundings } from './surroundings.ts';
import { problemOf } from './use-action.ts';

export interface Look<Reply> {
  /** The last there was; undefined until there has been one. */
  readonly reply: Reply | undefined;
  /** Why the last look failed. */
  readonly problem: Problem | undefined;
  readonly again: () => void;
  /** In the place of what was seen: what a deed has just answered. */
  readonly show: (reply: Reply) => void;
}

/**
 * `look` should be a constant of its module. Asks at once, when `about` changes, and when the person comes back to the
 * window: it may have been changed elsewhere.
 */
export const useLook = <Reply>(
  look: (client: ControlClient) => Promise<Reply>,
  about = '',
): Look<Reply> => {
  const { client, connection } = useSurroundings();
  const [known, setKnown] = useState<{ readonly reply?: Reply; readonly problem?: Problem }>({});
  const [round, setRound] = useState(0);
  const question = useMemo(() => ({ look, about, round }), [look, about, round]);

  useEffect(() => {
    let wanted = true;
    question.look(client).then(
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
  }, [client, connection, question]);

  const again = useCallback(() => setRound((count) => count + 1), []);
  useEffect(() => {
    addEventListener('focus', again);
    return () => removeEventListener('focus', again);
  }, [again]);
  const show = useCallback((reply: Reply) => setKnown({ reply }), []);
  return { reply: known.reply, problem: known.problem, again, show };
};
