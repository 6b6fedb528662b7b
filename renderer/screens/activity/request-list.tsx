/** One page of the requests, the newest first, with the way to the others and to what came meanwhile. */
import { type RefObject, useId } from 'react';
import type { ActivityReply } from '../../../shared/contract/activity.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { activityStrings } from '../../strings/activity.ts';
import { OneRequest } from './one-request.tsx';
import { SaveActivity } from './save-activity.tsx';

/** So few that a page is drawn at once, however many there are. */
export const PAGE = 50;

interface RequestListProps {
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly reply: ActivityReply;
  readonly page: number;
  readonly chosen: RouteBody<'activity'>;
  readonly onPage: (page: number) => void;
  /** The person wants to see what came meanwhile. */
  readonly onFresh: () => void;
  /** The person has chosen what there is nothing of. */
  readonly onEverything: () => void;
}

export const RequestList = (props: RequestListProps) => {
  const { ref, reply, page, chosen, onPage, onFresh, onEverything } = props;
  const { servers, capture } = useSnapshot();
  const id = useId();
  const { entries, found, newer, captured } = reply;
  const words = activityStrings;
  const toTop = (): void => {
    ref.current?.scrollIntoView({ block: 'start' });
    ref.current?.focus({ preventScroll: true });
  };
  return (
    <section className="request-list" aria-labelledby={id}>
      <div className="request-list-body" ref={ref} tabIndex={-1} aria-labelledby={id} role="group">
        <h3 className="unseen" id={id}>
          {words.requests}
        </h3>
        <div className="fresh">
          {newer > 0 && (
            <Button
              kind="primary"
              onPress={() => {
                onFresh();
                toTop();
              }}
            >
              {words.fresh(newer)}
            </Button>
          )}
          <span className="unseen" role="status">
            {newer > 0 && words.someFresh}
          </span>
        </div>
        {entries.length === 0 ? (
          <div className="card activity-none muted">
            <p>{words.none}</p>
            {Object.keys(chosen).length > 0 && (
              <Button
                kind="link"
                onPress={() => {
                  onEverything();
                  toTop();
                }}
              >
                {words.everything}
              </Button>
            )}
          </div>
        ) : (
          <ul className="card requests">
            {entries.map((entry) => (
              <OneRequest
                key={entry.id}
                entry={entry}
                servers={servers}
                isCaptured={capture !== undefined && captured?.includes(entry.id) === true}
              />
            ))}
          </ul>
        )}
      </div>
      {found > 0 && (
        <div className="activity-foot">
          <p className="activity-small muted" role="status">
            {words.some(page * PAGE + 1, page * PAGE + entries.length, found)}
          </p>
          {found > PAGE && (
            <div className="buttons" role="group" aria-label={words.pages}>
              <Turn
                words={words.newerPage}
                over={page === 0}
                onPress={() => {
                  onPage(page - 1);
                  toTop();
                }}
              />
              <Turn
                words={words.olderPage}
                over={(page + 1) * PAGE >= found}
                onPress={() => {
                  onPage(page + 1);
                  toTop();
                }}
              />
            </div>
          )}
          <SaveActivity wish={chosen} />
        </div>
      )}
    </section>
  );
};

interface TurnProps {
  readonly words: string;
  /** There is no page beyond this one. */
  readonly over: boolean;
  readonly onPress: () => void;
}

const Turn = ({ words, over, onPress }: TurnProps) => (
  <Button busy={over} onPress={onPress}>
    {words}
  </Button>
);
