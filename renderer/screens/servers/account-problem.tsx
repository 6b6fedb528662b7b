/** What went wrong with an account, and beside it what the person can do about it. */
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { ProblemNote } from '../../components/note.tsx';
import { Remedies } from '../later.ts';

interface AccountProblemProps {
  readonly server: ServerView;
  readonly account: AccountKey;
  readonly problem: Problem;
  readonly tone: 'problem' | 'info';
  readonly urgent?: boolean;
  readonly onSettings?: () => void;
}

export const AccountProblem = (props: AccountProblemProps) => {
  const { server, account, problem, tone, urgent = false, onSettings } = props;
  return (
    <ProblemNote problem={problem} tone={tone} urgent={urgent}>
      <Remedies server={server} account={account} problem={problem} onSettings={onSettings} />
    </ProblemNote>
  );
};
