/** What AI clients have asked, asked for anew whenever the broker says that there is more. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ActivityReply } from '../../shared/contract/activity.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { useSurroundings } from './surroundings.ts';
import { problemOf } from './use-action.ts';
import { useSnapshot } from './use-snapshot.ts';

interface Known {
  /** The last there was, also while another is under way or after one has failed. */
  readonly reply?: ActivityReply;
  readonly problem?: Problem;
}

/** `wish` should stay the same object while the same is wished for. */
export const useActivity = (
  wish: RouteBody<'activity'>,
): Known & { readonly tryAgain: () => void } => {
  const { client, connection } = useSurroundings();
  const revision = useSnapshot().activity?.revision;
  const [known, setKnown] = useState<Known>({});
  const [round, setRound] = useState(0);
  // The same wish comes to something else with another revision, or when it is tried again.
  const question = useMemo(() => ({ wish, revision, round }), [wish, revision, round]);

  useEffect(() => {
    let wanted = true;
    client.activity(question.wish).then(
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

  const tryAgain = useCallback(() => setRound((count) => count + 1), []);
  return { ...known, tryAgain };
};
