/** One lane: a soft band while the sign-in renews itself, and a mark with words where it needs the person. */
import { dayText } from '../../components/moment.ts';
import { forecastStrings } from '../../strings/forecast.ts';
import { type Coming, DAY, needsPerson } from './coming.ts';

interface TimelineLaneProps {
  readonly events: readonly Coming[];
  /** Where a moment is between today and the end. */
  readonly shareOf: (at: number) => number;
}

/** A band that begins later has no room for its words, and neither has one that ends before the others do. */
const LATEST = 0.2;
/** Beyond it, there is room for the words of a mark on its left side only. */
const TURNS = 0.5;
/** At each week. */
const LINES = [7, 14, 21, 28].map((day) => day / 30);

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

export const TimelineLane = ({ events, shareOf }: TimelineLaneProps) => {
  const renewal = events.find(({ what }) => what === 'renews');
  const needing = events.filter(needsPerson);
  const end = needing.find(({ what }) => what === 'ends');
  const until = end === undefined ? 1 : shareOf(end.at);
  return (
    <svg className="timeline-lane" aria-hidden="true">
      {LINES.map((share) => (
        <line
          key={share}
          className="timeline-week"
          x1={percent(share)}
          x2={percent(share)}
          y1="0"
          y2="100%"
        />
      ))}
      {renewal !== undefined && (
        <Renewals
          from={shareOf(renewal.at)}
          until={until}
          every={renewal.every}
          step={
            renewal.every === undefined
              ? 1
              : shareOf(renewal.at + renewal.every) - shareOf(renewal.at)
          }
        />
      )}
      {needing.map((event) => (
        <Mark key={event.id} event={event} share={shareOf(event.at)} />
      ))}
    </svg>
  );
};

interface RenewalsProps {
  readonly from: number;
  readonly until: number;
  readonly every: number | undefined;
  /** From one to the next. */
  readonly step: number;
}

const Renewals = ({ from, until, every, step }: RenewalsProps) => {
  const words = forecastStrings;
  const text = every === undefined ? words.what.renews : words.every(every);
  // What comes several times a day is no row of marks any more.
  const count = every === undefined ? 1 : every < DAY ? 0 : Math.ceil((until - from) / step);
  return (
    <g>
      <title>{text}</title>
      <rect
        className="timeline-band"
        x={percent(from)}
        y="9"
        width={percent(Math.max(0, until - from))}
        height="18"
        rx="5"
      />
      {Array.from({ length: count }, (_, index) => (
        <circle
          // biome-ignore lint/suspicious/noArrayIndexKey: one is like the other.
          key={index}
          className="timeline-renewal"
          cx={percent(from + index * step)}
          cy="18"
          r="3"
        />
      ))}
      {count < 2 && from < LATEST && until === 1 && (
        <Words from={from} until={1}>
          {text}
        </Words>
      )}
    </g>
  );
};

const Mark = ({
  event: { what, at },
  share,
}: {
  readonly event: Coming;
  readonly share: number;
}) => {
  const { marks, on } = forecastStrings.timeline;
  const text = on(marks[what], dayText(at));
  const turned = share > TURNS;
  return (
    <g>
      <title>{text}</title>
      <svg className="timeline-mark" x={percent(share)} overflow="visible">
        <path d="M0 11l7 7-7 7-7-7z" />
      </svg>
      <Words from={turned ? 0 : share} until={turned ? share : 1} turned={turned} needs>
        {text}
      </Words>
    </g>
  );
};

interface WordsProps {
  readonly from: number;
  readonly until: number;
  /** They stand at the end of their room. */
  readonly turned?: boolean;
  /** They ask something of the person. */
  readonly needs?: boolean;
  readonly children: string;
}

/** Not a text of the picture, which would go on beyond the edge of it: this one goes on in the next line. */
const Words = ({ from, until, turned = false, needs = false, children }: WordsProps) => (
  <foreignObject x={percent(from)} width={percent(until - from)} height="100%">
    <p
      className={`timeline-words ${needs ? 'timeline-needs' : ''} ${turned ? 'timeline-turned' : ''}`}
    >
      {children}
    </p>
  </foreignObject>
);
