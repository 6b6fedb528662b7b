/** What will happen to the sign-ins, and renewing them all without waiting for it. */
import { useNow } from '../../state/use-now.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { forecastStrings } from '../../strings/forecast.ts';
import { comingIn } from './coming.ts';
import { ForecastList } from './forecast-list.tsx';
import { RenewAll } from './renew-all.tsx';
import { Timeline } from './timeline.tsx';

export const ForecastScreen = () => {
  const { vault } = useSnapshot();
  const words = forecastStrings;
  return (
    <main className="forecast-screen">
      <h2 className="screen-title" tabIndex={-1}>
        {words.title}
      </h2>
      {vault.state === 'closed' ? (
        <p className="card forecast-none muted">{words.closed}</p>
      ) : (
        <>
          <RenewAll />
          <Ahead />
        </>
      )}
    </main>
  );
};

const HOUR = 60 * 60_000;

/** Nobody sees what moves less than this in 30 days. */
const hourly = (): number => HOUR;

const Ahead = () => {
  const snapshot = useSnapshot();
  const now = useNow(0, hourly);
  const events = comingIn(snapshot, now);
  const words = forecastStrings;
  if (events.length === 0)
    return (
      <div className="card forecast-none">
        <p>{words.nothing}</p>
        <p className="forecast-small muted">{words.nothingAbout}</p>
      </div>
    );
  return (
    <>
      <Timeline events={events} now={now} />
      <ForecastList events={events} />
      <p className="forecast-reach muted">{words.reach}</p>
    </>
  );
};
