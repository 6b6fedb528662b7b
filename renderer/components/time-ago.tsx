/** How long ago a moment was; pointing at it shows the moment itself. */
import { timeAgo, timeAgoChangesIn } from '../../shared/expiry.ts';
import { useNow } from '../state/use-now.ts';
import { isMoment, momentText } from './moment.ts';

/** Nothing at all for a number no calendar holds. */
export const TimeAgo = ({ at }: { readonly at: number }) =>
  isMoment(at) ? <Past key={at} at={at} /> : null;

const Past = ({ at }: { readonly at: number }) => {
  const now = useNow(at, timeAgoChangesIn);
  return (
    <time className="time-left" dateTime={new Date(at).toISOString()} title={momentText(at)}>
      {timeAgo(at, now)}
    </time>
  );
};
