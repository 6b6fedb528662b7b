/** Requests, errors and latency over one stretch of time: drawn, told in words, and listed for who wants the numbers. */
import { useState } from 'react';
import { durationText } from '../../../shared/activity.ts';
import { type ActivityReply, ActivitySpan } from '../../../shared/contract/activity.ts';
import { Disclosure } from '../../components/disclosure.tsx';
import { activityStrings } from '../../strings/activity.ts';
import { Chart } from './chart.tsx';
import { PieceTable } from './piece-table.tsx';
import { fromText, most, pieceWords, shareOf, whenText } from './pieces.ts';
import { PointInTime } from './point-in-time.tsx';

interface OverTimeProps extends Pick<ActivityReply, 'total' | 'pieces'> {
  readonly span: ActivitySpan;
  readonly onSpan: (span: ActivitySpan) => void;
}

/** A few errors among thousands should not fill the height of their chart. */
const LEAST_SHARE = 0.1;

export const OverTime = ({ total, pieces, span, onSpan }: OverTimeProps) => {
  const [pointed, setPointed] = useState<number>();
  const words = activityStrings.over;
  const summary = words.total(total, span);
  return (
    <section className="card over-time" aria-label={words.title}>
      <div className="over-time-head">
        <p className="over-time-words">{summary}</p>
        <SpanChoice span={span} onSpan={onSpan} />
      </div>
      {total.calls > 0 && (
        <>
          <div className="charts">
            <Charts total={total} pieces={pieces} span={span} pointed={pointed} />
            <PointInTime
              count={pieces.length}
              at={pointed}
              words={(index) => {
                const one = pieces[index];
                return one === undefined ? '' : pieceWords(one, span);
              }}
              onPoint={setPointed}
            />
          </div>
          <Disclosure words={words.table}>
            {() => <PieceTable pieces={pieces} span={span} summary={summary} />}
          </Disclosure>
        </>
      )}
    </section>
  );
};

interface ChartsProps extends Pick<ActivityReply, 'total' | 'pieces'> {
  readonly span: ActivitySpan;
  readonly pointed: number | undefined;
}

const Charts = ({ total, pieces, span, pointed }: ChartsProps) => {
  const words = activityStrings.over;
  const piece = pointed === undefined ? undefined : pieces[pointed];
  const seen = piece ?? total;
  const busiest = most(pieces, ({ calls }) => calls);
  const worst = most(pieces, shareOf);
  const slowest = most(pieces, ({ p95Ms }) => p95Ms ?? 0);
  const topShare = Math.max(LEAST_SHARE, worst.value);
  return (
    <>
      <Chart
        {...{ pointed, title: words.calls, top: busiest.value, topWords: String(busiest.value) }}
        summary={`${words.total(total, span)} ${words.busiest(busiest.value, span, fromText(busiest.at, span))}`}
        bars={[
          {
            ...{ className: 'bar-calls', comesTo: String(seen.calls) },
            values: pieces.map(({ calls }) => calls),
          },
        ]}
      />
      <Chart
        {...{ pointed, title: words.failed, top: topShare, topWords: words.percent(topShare) }}
        summary={
          words.share(shareOf(total)) +
          (worst.value === 0 ? '' : ` ${words.worst(worst.value, span, fromText(worst.at, span))}`)
        }
        bars={[
          {
            ...{ className: 'bar-failed', comesTo: words.percent(shareOf(seen)) },
            values: pieces.map(shareOf),
          },
        ]}
      />
      <Chart
        {...{ pointed, title: words.latency, top: slowest.value }}
        topWords={slowest.value === 0 ? '' : durationText(slowest.value)}
        summary={
          slowest.value === 0
            ? words.notAnswered
            : `${words.answered(total)} ${words.slowest(slowest.value, span, fromText(slowest.at, span))}`
        }
        bars={[
          {
            ...{ className: 'bar-p95', name: words.p95, comesTo: words.length(seen.p95Ms) },
            values: pieces.map(({ p95Ms }) => p95Ms ?? 0),
          },
          {
            ...{
              className: 'bar-median',
              name: words.median,
              comesTo: words.length(seen.medianMs),
            },
            values: pieces.map(({ medianMs }) => medianMs ?? 0),
          },
        ]}
      />
      <div className="chart-axis activity-small muted" aria-hidden="true">
        {piece === undefined ? (
          <>
            <span>{fromText(pieces[0]?.at, span)}</span>
            <span>{fromText(pieces[Math.floor(pieces.length / 2)]?.at, span)}</span>
            <span>{words.now}</span>
          </>
        ) : (
          <span className="chart-sum">{whenText(piece, span)}</span>
        )}
      </div>
    </>
  );
};

interface SpanChoiceProps {
  readonly span: ActivitySpan;
  readonly onSpan: (span: ActivitySpan) => void;
}

const SpanChoice = ({ span, onSpan }: SpanChoiceProps) => (
  <fieldset className="spans">
    <legend className="unseen">{activityStrings.over.span}</legend>
    {ActivitySpan.options.map((one) => (
      <label key={one}>
        <input
          className="unseen"
          type="radio"
          name="span"
          checked={one === span}
          onChange={() => onSpan(one)}
        />
        <span>{activityStrings.over.spans[one]}</span>
      </label>
    ))}
  </fieldset>
);
