/** How long a token has left, counting down; pointing at it shows the moment itself. */
import { timeLeft } from '../../shared/expiry.ts';
import { useNow } from '../state/use-now.ts';
import { strings } from '../strings.ts';
import { isMoment, momentText } from './moment.ts';

interface TimeLeftProps {
  readonly until: number;
}

/** Nothing at all for a number no calendar holds, which a server is free to send. */
export const TimeLeft = ({ until }: TimeLeftProps) =>
  isMoment(until) ? <Countdown key={until} until={until} /> : null;

const Countdown = ({ until }: TimeLeftProps) => {
  const now = useNow(until);
  return (
    <time
      className="time-left"
      dateTime={new Date(until).toISOString()}
      title={strings.account.runsOut(momentText(until))}
    >
      {timeLeft(until, now)}
    </time>
  );
};
