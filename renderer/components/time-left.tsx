/** How long there is until a moment, counting down; pointing at it shows the moment itself. */
import { timeLeft } from '../../shared/expiry.ts';
import { useNow } from '../state/use-now.ts';
import { strings } from '../strings.ts';
import { isMoment, momentText } from './moment.ts';

interface TimeLeftProps {
  readonly until: number;
  /** What pointing at it says of the moment. */
  readonly tip?: (moment: string) => string;
  /** What it says once the moment has come, where nothing expires then. */
  readonly over?: string;
}

/** Nothing at all for a number no calendar holds, which a server is free to send. */
export const TimeLeft = (props: TimeLeftProps) =>
  isMoment(props.until) ? <Countdown key={props.until} {...props} /> : null;

const Countdown = ({ until, tip = strings.account.runsOut, over }: TimeLeftProps) => {
  const now = useNow(until);
  return (
    <time
      className="time-left"
      dateTime={new Date(until).toISOString()}
      title={tip(momentText(until))}
    >
      {over !== undefined && now >= until ? over : timeLeft(until, now)}
    </time>
  );
};
