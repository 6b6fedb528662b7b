/** One request: what it was about, whose it was, what became of it, and when. */
import { bytesText, durationText, failures, outcomeOf } from '../../../shared/activity.ts';
import type { ActivityEntry } from '../../../shared/contract/activity.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Disclosure } from '../../components/disclosure.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { TimeAgo } from '../../components/time-ago.tsx';
import { activityStrings } from '../../strings/activity.ts';
import { strings } from '../../strings.ts';
import { capital, shortAccount, shortName } from '../../words.ts';
import { Captured } from './captured.tsx';

interface OneRequestProps {
  readonly entry: ActivityEntry;
  readonly servers: readonly ServerView[];
  /** What was said in it can be looked at. */
  readonly isCaptured: boolean;
}

export const OneRequest = ({ entry, servers, isCaptured }: OneRequestProps) => {
  const { id, at, aiClient, method, name, outcome, durationMs, bytesOut } = entry;
  const failed = failures.includes(outcome);
  return (
    <li className="request">
      <div className="request-what">
        <p className="request-name">
          <ForeignText text={name ?? method} />
          {name !== undefined && <ForeignText className="muted activity-small" text={method} />}
        </p>
        <p className="request-whose activity-small muted">
          <ForeignText text={aiClient} />
          <ForeignText text={whereOf(entry, servers)} />
        </p>
      </div>
      <div className="request-outcome">
        <p className={failed ? 'account-warning' : 'muted'}>{capital(outcomeOf(entry))}</p>
        <p className="facts-line request-when activity-small muted">
          <span>{activityStrings.what(durationText(durationMs), bytesText(bytesOut))}</span>
          <TimeAgo at={at} />
        </p>
      </div>
      {isCaptured && (
        <div className="request-said">
          <Disclosure words={strings.capture.said}>{() => <Captured id={id} />}</Disclosure>
        </div>
      )}
    </li>
  );
};

const whereOf = (
  { server: id, account }: ActivityEntry,
  servers: readonly ServerView[],
): string => {
  const server = servers.find((one) => one.id === id);
  if (server === undefined) return id;
  const known = server.accounts.find((one) => one.id === account);
  return known === undefined ? shortName(server.title) : shortAccount(server, known);
};
