/** One account on a server: how it stands, for how long, and what can be done. */
import { useEffect } from 'react';
import { stateWords } from '../../../shared/account-words.ts';
import type { AccountView, ServerView } from '../../../shared/contract/snapshot.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { capital } from '../../words.ts';
import { AccountButtons } from './account-buttons.tsx';
import { runDeed, signOut } from './account-deeds.ts';
import { AccountTime } from './account-time.tsx';
import { SignInProgress } from './sign-in-progress.tsx';
import { SignedOutNote } from './signed-out-note.tsx';

interface AccountRowProps {
  readonly server: ServerView;
  readonly account: AccountView;
}

export const AccountRow = ({ server, account }: AccountRowProps) => {
  // While it mends itself, what went wrong is something to know and not something to worry about.
  const { text, mood } = stateWords[account.state];
  const key = { server: server.id, account: account.id };
  const { noBrowser } = useSnapshot();
  const deed = useAction(runDeed, account.state);
  const leaving = useAction(signOut);
  const { clear } = leaving;
  useEffect(() => {
    // What became of the last sign-in is no longer news once the next one begins.
    if (account.state === 'signing-in') clear();
  }, [account.state, clear]);
  const who = account.label ?? (server.accounts.length > 1 ? account.id : undefined);
  const failure = deed.problem ?? (account.state === 'needs-sign-in' ? undefined : leaving.problem);
  return (
    <div className="account">
      <StateMark state={account.state} />
      <div className="account-text">
        <p className="account-state">
          <span className="account-words">{capital(text)}</span>
          {who !== undefined && <ForeignText className="account-label" text={who} />}
        </p>
        {account.state === 'signing-in' && account.signIn !== undefined ? (
          <SignInProgress account={key} step={account.signIn.step} />
        ) : (
          <AccountTime account={account} />
        )}
      </div>
      <AccountButtons
        title={server.title}
        state={account.state}
        busy={deed.busy || leaving.busy}
        onDeed={(chosen) => void deed.run(chosen, key, noBrowser)}
        onSignOut={() => void leaving.run(key)}
      />
      {(failure !== undefined || account.problem !== undefined) && (
        <div className="account-notes">
          {failure !== undefined && <ProblemNote problem={failure} urgent />}
          {account.problem !== undefined && (
            <ProblemNote problem={account.problem} tone={mood === 'busy' ? 'info' : 'problem'} />
          )}
        </div>
      )}
      {account.state === 'needs-sign-in' && <SignedOutNote revoked={leaving.reply?.revoked} />}
    </div>
  );
};
