/** The latest that was asked of one server. */
import { useMemo } from 'react';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { hrefOf } from '../../state/address.ts';
import { useActivity } from '../../state/use-activity.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { serverStrings } from '../../strings/server.ts';
import { OneRequest } from '../activity/one-request.tsx';
import type { PartProps } from './server-screen.tsx';

/** More of them are on the screen of all. */
const MOST = 20;

export const ActivityPart = ({ server: { id } }: PartProps) => {
  const { servers, capture } = useSnapshot();
  const wish = useMemo(() => ({ server: id, limit: MOST }), [id]);
  const { reply, problem, askAgain } = useActivity(wish);
  const words = serverStrings;
  return (
    <section className="section" aria-label={words.part.activity}>
      <h3 className="section-title">{words.part.activity}</h3>
      {problem !== undefined && (
        <ProblemNote problem={problem} urgent>
          <Button onPress={askAgain}>{words.tryAgain}</Button>
        </ProblemNote>
      )}
      {reply === undefined && problem === undefined && (
        <p className="card server-none muted" role="status">
          {words.loading}
        </p>
      )}
      {reply?.entries.length === 0 && (
        <p className="card server-none muted">{words.activity.never}</p>
      )}
      {reply !== undefined && reply.entries.length > 0 && (
        <>
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
          <p className="section-about muted">
            {words.activity.latest(reply.entries.length, reply.found)}{' '}
            <a className="text-link" href={hrefOf({ screen: 'activity', server: id })}>
              {words.activity.all}
            </a>
          </p>
        </>
      )}
    </section>
  );
};
