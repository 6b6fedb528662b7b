/** Where in the charts the person points: with the pointer over them, or with the arrow keys once they have the focus. */
import type { PointerEvent } from 'react';
import { activityStrings } from '../../strings/activity.ts';

interface PointInTimeProps {
  readonly count: number;
  readonly at: number | undefined;
  /** What there is to say of each of them. */
  readonly words: (index: number) => string;
  readonly onPoint: (index: number | undefined) => void;
}

/** A slider that nobody sees over the charts: it brings the keys, and what screen readers say. */
export const PointInTime = ({ count, at, words, onPoint }: PointInTimeProps) => {
  const last = count - 1;
  const point = ({ currentTarget, clientX }: PointerEvent<HTMLInputElement>): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const index = Math.floor(((clientX - left) / width) * count);
    onPoint(Math.min(last, Math.max(0, index)));
  };
  return (
    <input
      className="charts-point"
      type="range"
      aria-label={activityStrings.over.point}
      aria-valuetext={words(at ?? last)}
      min={0}
      max={last}
      value={at ?? last}
      onChange={({ target }) => onPoint(Number(target.value))}
      onPointerMove={point}
      onPointerDown={(event) => {
        // Its own thumb would not stand where the bars do.
        event.preventDefault();
        point(event);
      }}
      onPointerLeave={() => onPoint(undefined)}
      onFocus={() => onPoint(at ?? last)}
      onBlur={() => onPoint(undefined)}
    />
  );
};
