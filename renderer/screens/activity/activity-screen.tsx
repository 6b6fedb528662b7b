/** Which AI client has asked what of which server, and what became of it. */
import { usePlace } from '../../state/use-place.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { activityStrings } from '../../strings/activity.ts';
import { ActivityLog } from './activity-log.tsx';
import { BeginCapture } from './begin-capture.tsx';

export const ActivityScreen = () => {
  const { activity, servers } = useSnapshot();
  const [place] = usePlace();
  const words = activityStrings;
  // A link may name one that is gone, or that never was.
  const asked = servers.find(({ id }) => id === place.server)?.id ?? '';
  return (
    <main className="activity">
      <h2 className="screen-title" tabIndex={-1}>
        {words.title}
      </h2>
      {activity === undefined ? (
        <>
          <p className="card activity-none muted">{words.never}</p>
          <BeginCapture />
        </>
      ) : (
        <ActivityLog key={asked} server={asked} />
      )}
    </main>
  );
};
