/** One account on a server: how it stands, for how long, and what can be done. */
import { useEffect } from 'react';
import {
  accountName,
  stateWords,
  waitsForVault,
  wantedWords,
  wordsOf,
} from '../../../shared/account-words.ts';
import type { AccountView, ServerView } from '../../../shared/contract/snapshot.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { pageOpens } from '../../sign-in.ts';
import { stepWords } from '../../state/announcement.ts';
import { useAction } from '../../state/use-action.ts';
import { useFromSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { capital, clip, shortAccount } from '../../words.ts';
import { Awaited } from '../later.ts';
import { AccountButtons } from './account-buttons.tsx';
import { codeInstead, runDeed, signOut } from './account-deeds.ts';
import { AccountProblem } from './account-problem.tsx';
import { AccountTime } from './account-time.tsx';
import { courseOf, SignInSteps } from './sign-in-steps.tsx';

interface AccountRowProps {
  readonly server: ServerView;
  readonly account: AccountView;
  /** Absent where they are shown already. */
  readonly onSettings?: () => void;
  /** A sign-in is shown step by step. */
  readonly stepwise?: boolean;
}

export const AccountRow = ({ server, account, onSettings, stepwise }: AccountRowProps) => {
  // While it mends itself, what went wrong is something to know and not something to worry about.
  const { mood } = stateWords[account.state];
  const key = { server: server.id, account: account.id };
  const noBrowser = useFromSnapshot((snapshot) => snapshot.noBrowser);
  const deed = useAction(runDeed, account.state);
  const leaving = useAction(signOut);
  const coding = useAction(codeInstead);
  const { clear } = leaving;
  useEffect(() => {
    // What became of the last sign-in is no longer news once the next one begins.
    if (account.state === 'signing-in') clear();
  }, [account.state, clear]);
  const several = server.accounts.length > 1;
  const who = accountName(server, account) ?? account.label;
  const failure =
    deed.problem ??
    coding.problem ??
    (account.state === 'needs-sign-in' ? undefined : leaving.problem);
  // The notice above all servers says why, and what can be done.
  const locked = waitsForVault(account);
  const problem = locked ? undefined : account.problem;
  const wanted = account.state === 'needs-sign-in' ? wantedWords(account) : undefined;
  const signingIn = account.state === 'signing-in' ? account.signIn : undefined;
  const course = stepwise === true && !locked ? courseOf(account) : undefined;
  const help = signingIn?.step === 'waiting-for-browser' && (
    <Awaited account={key} signIn={signingIn} onUseCode={() => void coding.run(key)} />
  );
  const trouble = problem !== undefined && (
    <AccountProblem
      server={server}
      account={key}
      problem={problem}
      tone={mood === 'busy' ? 'info' : 'problem'}
      {...(onSettings === undefined ? {} : { onSettings })}
    />
  );
  return (
    <div className="account">
      <StateMark state={account.state} />
      <div className="account-text">
        <p className="account-state">
          <span className="account-words">{capital(wordsOf(server, account))}</span>
          {who !== undefined && <ForeignText className="account-label" text={who} />}
          {several && account.id === server.defaultAccount && (
            <span className="badge">{strings.accounts.isDefault}</span>
          )}
        </p>
        {wanted !== undefined && <p className="account-time">{capital(clip(wanted, 160))}</p>}
        {signingIn === undefined ? (
          <AccountTime account={account} />
        ) : (
          course === undefined && <p className="account-time">{stepWords(signingIn)}</p>
        )}
      </div>
      {course === undefined ? (
        help
      ) : (
        <SignInSteps server={server} account={account} course={course}>
          {help}
          {trouble}
        </SignInSteps>
      )}
      {!locked && (
        <AccountButtons
          name={shortAccount(server, account)}
          server={server}
          account={account}
          busy={deed.busy || leaving.busy || coding.busy}
          onDeed={(chosen) => {
            coding.clear();
            void deed.run(chosen, key, pageOpens({ noBrowser }, server.signIn?.kind));
          }}
          onSignOut={() => void leaving.run(key)}
        />
      )}
      {(failure !== undefined || (trouble !== false && course === undefined)) && (
        <div className="account-notes">
          {failure !== undefined && <ProblemNote problem={failure} urgent />}
          {course === undefined && trouble}
        </div>
      )}
    </div>
  );
};
