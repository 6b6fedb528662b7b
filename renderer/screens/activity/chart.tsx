/** One small chart: a bar for each piece of the time, told in words to who does not see it. */

const HEIGHT = 40;
const STEP = 10;
const BAR = 7;
/** What happened at all must be seen. */
const LEAST = 2;

interface Bars {
  readonly className: string;
  readonly values: readonly number[];
  /** What the time that is looked at comes to. */
  readonly comesTo: string;
  /** What they are, where there are several. */
  readonly name?: string;
}

interface ChartProps {
  readonly title: string;
  /** What a bar of the whole height stands for. */
  readonly top: number;
  readonly topWords: string;
  readonly summary: string;
  /** The later ones before the earlier ones. */
  readonly bars: readonly Bars[];
  readonly pointed: number | undefined;
}

export const Chart = ({ title, top, topWords, summary, bars, pointed }: ChartProps) => {
  const count = bars[0]?.values.length ?? 0;
  return (
    <div className="chart">
      <p className="chart-title">
        {title}
        {bars.map(({ className, name, comesTo }) => (
          <span key={className} className={name === undefined ? '' : `chart-key ${className}`}>
            {name} <span className="chart-sum">{comesTo}</span>
          </span>
        ))}
      </p>
      <svg
        className="chart-picture"
        viewBox={`0 0 ${count * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${summary}`}
      >
        {pointed !== undefined && (
          <rect className="chart-pointed" x={pointed * STEP} width={STEP} height={HEIGHT} />
        )}
        {bars.map(({ className, values }) =>
          values.map((value, index) => {
            const height = value === 0 ? 0 : Math.max(LEAST, (value / top) * HEIGHT);
            return height === 0 ? null : (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in time.
                key={`${className}${index}`}
                className={className}
                x={index * STEP + (STEP - BAR) / 2}
                y={HEIGHT - height}
                width={BAR}
                height={height}
              />
            );
          }),
        )}
      </svg>
      <p className="chart-top muted" aria-hidden="true">
        {topWords}
      </p>
    </div>
  );
};
