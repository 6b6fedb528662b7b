/** The latest requests, the newest first: chosen by server and AI client, counted by the hour, and saved to a file. */
import { useMemo, useState } from 'react';
import { failures } from '../../../shared/activity.ts';
import { MOST_ACTIVITY } from '../../../shared/contract/activity.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useActivity } from '../../state/use-activity.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { BeginCapture } from './begin-capture.tsx';
import { type Choice, ChooseActivity, everything } from './choose-activity.tsx';
import { HoursChart } from './hours-chart.tsx';
import { OneRequest } from './one-request.tsx';
import { SaveActivity } from './save-activity.tsx';

/** How many are shown at first, and how many times as many with each wish for more. */
const FIRST = 25;
const GROWTH = 4;

export const ActivityLog = () => {
  const { servers, capture } = useSnapshot();
  const [choice, setChoice] = useState<Choice>(everything);
  const [most, setMost] = useState(FIRST);
  const wish = useMemo(() => ({ ...wishOf(choice), limit: most }), [choice, most]);
  const { reply, problem, tryAgain } = useActivity(wish);
  const words = strings.activity;

  return (
    <>
      <p className="activity-small muted">{words.about}</p>
      <BeginCapture />
      <ChooseActivity
        choice={choice}
        aiClients={reply?.aiClients ?? []}
        onChange={(next) => {
          setChoice(next);
          setMost(FIRST);
        }}
      />
      {problem !== undefined && (
        <ProblemNote problem={problem} urgent>
          <Button onPress={tryAgain}>{words.tryAgain}</Button>
        </ProblemNote>
      )}
      {reply === undefined && problem === undefined && (
        <p className="card activity-none muted" role="status">
          {words.loading}
        </p>
      )}
      {reply !== undefined && (
        <>
          <HoursChart hours={reply.hours} />
          {reply.entries.length === 0 ? (
            <p className="card activity-none muted">{words.none}</p>
          ) : (
            <ul className="card requests">
              {reply.entries.map((entry) => (
                <OneRequest
                  key={entry.id}
                  entry={entry}
                  servers={servers}
                  isCaptured={capture !== undefined && reply.captured?.includes(entry.id) === true}
                />
              ))}
            </ul>
          )}
          <div className="activity-foot">
            {reply.found > 0 && (
              <p className="activity-small muted">
                {words.shown(reply.entries.length, reply.found)}
              </p>
            )}
            {reply.found > reply.entries.length && (
              <Button kind="link" onPress={() => setMost(Math.min(MOST_ACTIVITY, most * GROWTH))}>
                {words.more}
              </Button>
            )}
            {reply.found > 0 && <SaveActivity wish={wish} />}
          </div>
        </>
      )}
    </>
  );
};

const wishOf = ({ server, aiClient, onlyErrors }: Choice): RouteBody<'activity'> => ({
  ...(server === '' ? {} : { server }),
  ...(aiClient === '' ? {} : { aiClient }),
  ...(onlyErrors ? { outcomes: [...failures] } : {}),
});
