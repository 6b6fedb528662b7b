/** What renews itself, lapses or ends in the time that can be overlooked, soonest first. */
import { accountName } from '../../../shared/account-words.ts';
import type { Snapshot } from '../../../shared/contract/snapshot.ts';
import { type Forecast, forecast } from '../../../shared/forecast.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { momentText } from '../../components/moment.ts';
import { TimeLeft } from '../../components/time-left.tsx';
import { useSurroundings } from '../../state/surroundings.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';

const HORIZON = 30 * 24 * 60 * 60_000;

export const ForecastList = () => {
  const snapshot = useSnapshot();
  const { clock } = useSurroundings();
  const now = clock.now();
  const events = forecast(snapshot).filter(({ at }) => at > now && at <= now + HORIZON);
  const words = strings.forecast;
  if (events.length === 0) return <p className="card forecast-none muted">{words.nothing}</p>;
  return (
    <>
      <ul className="card forecast">
        {events.map((event) => (
          <Event
            key={`${event.key.server}/${event.key.account ?? ''}/${event.what}`}
            event={event}
            who={whoOf(snapshot, event)}
          />
        ))}
      </ul>
      <p className="forecast-reach muted">{words.reach}</p>
    </>
  );
};

interface EventProps {
  readonly event: Forecast;
  readonly who: string | undefined;
}

const Event = ({ event: { title, what, at }, who }: EventProps) => {
  const renews = what === 'renews';
  return (
    <li className="forecast-event">
      <div className="forecast-whose">
        <p className="forecast-name">
          <ForeignText text={title} />
          {who !== undefined && <ForeignText className="muted" text={who} />}
        </p>
        <p className={renews ? 'forecast-small muted' : 'forecast-small account-warning'}>
          {strings.forecast.what[what]}
        </p>
      </div>
      <div className="forecast-when">
        <p>
          <TimeLeft
            until={at}
            {...(renews && { tip: strings.account.renewsAt, over: strings.forecast.now })}
          />
        </p>
        <p className="forecast-small muted">{momentText(at)}</p>
      </div>
    </li>
  );
};

const whoOf = ({ servers }: Snapshot, { key, label }: Forecast): string | undefined => {
  if (key.account === undefined) return undefined;
  const server = servers.find(({ id }) => id === key.server);
  return (server && accountName(server, { id: key.account, label })) ?? label;
};
