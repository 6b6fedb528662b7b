/** Requests of the last 24 hours, a bar an hour, the failed ones in another colour; said in words beside it. */
import type { ActivityReply } from '../../../shared/contract/activity.ts';
import { hourText } from '../../components/moment.ts';
import { strings } from '../../strings.ts';

type Hour = ActivityReply['hours'][number];

const HEIGHT = 40;
const STEP = 10;
const BAR = 8;
/** What happened at all must be seen. */
const LEAST = 2;

export const HoursChart = ({ hours }: { readonly hours: readonly Hour[] }) => {
  const words = strings.activity;
  const calls = hours.reduce((sum, hour) => sum + hour.calls, 0);
  const failed = hours.reduce((sum, hour) => sum + hour.failed, 0);
  const busiest = hours.reduce((most, hour) => (hour.calls > most.calls ? hour : most), nobody);
  const summary = words.day(calls, failed);
  if (calls === 0) return <p className="activity-small muted">{summary}</p>;
  const heightOf = (count: number): number =>
    count === 0 ? 0 : Math.max(LEAST, (count / busiest.calls) * HEIGHT);
  return (
    <figure className="hours">
      <svg
        className="hours-chart"
        viewBox={`0 0 ${hours.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${summary} ${words.busiest(busiest.calls, hourText(busiest.at))}`}
      >
        {hours.map((hour, index) => {
          const x = index * STEP + (STEP - BAR) / 2;
          const [all, bad] = [heightOf(hour.calls), heightOf(hour.failed)];
          return (
            <g key={hour.at}>
              <title>{words.hour(hourText(hour.at), hour.calls, hour.failed)}</title>
              <rect className="hour-room" x={x} y={0} width={BAR} height={HEIGHT} />
              <rect className="hour-calls" x={x} y={HEIGHT - all} width={BAR} height={all} />
              <rect className="hour-failed" x={x} y={HEIGHT - bad} width={BAR} height={bad} />
            </g>
          );
        })}
      </svg>
      <figcaption className="hours-words activity-small muted">
        <span aria-hidden="true">{words.dayAgo}</span>
        <span>{summary}</span>
        <span aria-hidden="true">{words.now}</span>
      </figcaption>
    </figure>
  );
};

const nobody: Hour = { at: 0, calls: 0, failed: 0 };
