/** What AI clients have asked: chosen, drawn over time, and listed page by page while more comes. */
import { useMemo, useRef, useState } from 'react';
import type { ActivitySpan } from '../../../shared/contract/activity.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useActivity } from '../../state/use-activity.ts';
import { activityStrings } from '../../strings/activity.ts';
import { BeginCapture } from './begin-capture.tsx';
import { type Choice, everything, wishOf } from './choice.ts';
import { ChooseActivity } from './choose-activity.tsx';
import { OverTime } from './over-time.tsx';
import { PAGE, RequestList } from './request-list.tsx';
import { useReading } from './use-reading.ts';

/** `server` is the one whose requests are shown at first; empty for all of them. */
export const ActivityLog = ({ server }: { readonly server: string }) => {
  const [choice, setChoice] = useState<Choice>({ ...everything, server });
  const [span, setSpan] = useState<ActivitySpan>('day');
  const [page, setPage] = useState(0);
  /** The newest request of the list while it stands still, so that nothing moves under the person's eyes. */
  const [upTo, setUpTo] = useState<number>();
  const list = useRef<HTMLDivElement>(null);
  const standsStill = useReading(list) || page > 0;

  const chosen = useMemo(() => wishOf(choice), [choice]);
  const wish = useMemo(
    () => ({
      ...{ ...chosen, span, limit: PAGE },
      ...(page === 0 ? {} : { skip: page * PAGE }),
      ...(upTo === undefined ? {} : { upTo }),
    }),
    [chosen, span, page, upTo],
  );
  const { reply, problem, askAgain } = useActivity(wish);
  if (standsStill && upTo === undefined && reply !== undefined) setUpTo(reply.last);
  if (!standsStill && upTo !== undefined) setUpTo(undefined);
  // What is forgotten meanwhile may have been the last page.
  if (reply !== undefined && page > 0 && page * PAGE >= reply.found)
    setPage(Math.max(0, Math.ceil(reply.found / PAGE) - 1));

  const choose = (next: Choice): void => {
    setChoice(next);
    setPage(0);
    setUpTo(undefined);
  };
  const words = activityStrings;
  return (
    <>
      <p className="activity-small muted">{words.about}</p>
      <BeginCapture />
      <ChooseActivity choice={choice} aiClients={reply?.aiClients ?? []} onChange={choose} />
      {problem !== undefined && (
        <ProblemNote problem={problem} urgent>
          <Button onPress={askAgain}>{words.tryAgain}</Button>
        </ProblemNote>
      )}
      {reply === undefined && problem === undefined && (
        <p className="card activity-none muted" role="status">
          {words.loading}
        </p>
      )}
      {reply !== undefined && (
        <>
          <OverTime total={reply.total} pieces={reply.pieces} span={span} onSpan={setSpan} />
          <RequestList
            ref={list}
            reply={reply}
            page={page}
            chosen={chosen}
            onPage={setPage}
            onFresh={() => {
              setPage(0);
              setUpTo(undefined);
            }}
            onEverything={() => choose(everything)}
          />
        </>
      )}
    </>
  );
};
