/** The next 30 days from today on: a lane for each account, with what needs the person standing out. */
import { useState } from 'react';
import { ForeignText } from '../../components/foreign-text.tsx';
import { dayText, momentText } from '../../components/moment.ts';
import { forecastStrings } from '../../strings/forecast.ts';
import { clip } from '../../words.ts';
import { AllOrFewer } from './all-or-fewer.tsx';
import { type Coming, DAY, HORIZON, type Lane, lanesOf, needsPerson } from './coming.ts';
import { TimelineLane } from './timeline-lane.tsx';

interface TimelineProps {
  readonly events: readonly Coming[];
  readonly now: number;
}

/** Lanes that can be looked at without scrolling. */
const MOST = 8;
/** As many as a sentence bears. */
const MOST_TOLD = 3;
const WEEKS = [0, 1, 2, 3, 4] as const;

/** Not on narrow screens: what it shows is in the list as well. */
export const Timeline = ({ events, now }: TimelineProps) => {
  const [all, setAll] = useState(false);
  const lanes = lanesOf(events);
  const shown = all ? lanes : lanes.slice(0, MOST);
  const words = forecastStrings;
  return (
    <div className="card timeline">
      <div role="img" aria-label={summaryOf(events)}>
        <div className="timeline-axis muted">
          <span />
          <span className="timeline-days">
            {WEEKS.map((week) => (
              <span key={week}>
                {week === 0 ? words.timeline.today : dayText(now + week * 7 * DAY)}
              </span>
            ))}
          </span>
        </div>
        {shown.map((lane) => (
          <div className="timeline-row" key={lane.id}>
            <Whose lane={lane} />
            <TimelineLane events={lane.events} shareOf={(at) => (at - now) / HORIZON} />
          </div>
        ))}
      </div>
      {lanes.length > MOST && <AllOrFewer all={all} count={lanes.length} onChange={setAll} />}
    </div>
  );
};

const Whose = ({ lane: { title, who } }: { readonly lane: Lane }) => (
  <span className="timeline-whose">
    <ForeignText text={title} />
    {who !== undefined && <ForeignText className="forecast-small muted" text={who} />}
  </span>
);

const summaryOf = (events: readonly Coming[]): string => {
  const { marks, summary, on } = forecastStrings.timeline;
  const needing = events.filter(needsPerson);
  return summary(
    needing
      .slice(0, MOST_TOLD)
      .map(({ title, what, at }) => `${clip(title, 40)}: ${on(marks[what], momentText(at))}`),
    Math.max(0, needing.length - MOST_TOLD),
    events.length - needing.length,
  );
};
