/** One account of a server, and what can be done with it besides signing in and out. */
import { useState } from 'react';
import { wordsOf } from '../../../shared/account-words.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { AccountView, ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { pageOpens, signInAsAnother } from '../../sign-in.ts';
import { useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { capital, shortAccount } from '../../words.ts';
import { AccountTime } from '../servers/account-time.tsx';
import { RemoveAccount } from './remove-account.tsx';

const makeDefault = (client: ControlClient, key: AccountKey) => client.makeDefaultAccount(key);

interface OneAccountProps {
  readonly server: ServerView;
  readonly account: AccountView;
  readonly onSigningIn: () => void;
}

export const OneAccount = ({ server, account, onSigningIn }: OneAccountProps) => {
  const snapshot = useSnapshot();
  const switching = useAction(signInAsAnother);
  const choosing = useAction(makeDefault, server.defaultAccount);
  const [asking, setAsking] = useState(false);
  const key = { server: server.id, account: account.id };
  const several = server.accounts.length > 1;
  const isDefault = account.id === server.defaultAccount;
  const words = strings.accounts;
  const name = (deed: string): string => strings.deedFor(deed, shortAccount(server, account));
  const problem = switching.problem ?? choosing.problem;
  const switchTo = async (): Promise<void> => {
    const begun = await switching.run(key, pageOpens(snapshot, server.signIn?.kind));
    if (begun === true) onSigningIn();
  };
  return (
    <div className="own-account">
      <div className="own-account-text">
        <p className="account-state">
          <ForeignText className="own-account-name" text={account.label ?? account.id} />
          {several && isDefault && <span className="badge">{words.isDefault}</span>}
        </p>
        <p className="facts-line account-time">
          {several && account.label !== undefined && <bdi>{account.id}</bdi>}
          <span>{capital(wordsOf(server, account))}</span>
        </p>
        <AccountTime account={account} />
      </div>
      <div className="buttons">
        {account.state !== 'signing-in' && (
          <Button busy={switching.busy} label={name(words.another)} onPress={() => void switchTo()}>
            {words.another}
          </Button>
        )}
        {several && !isDefault && (
          <>
            <Button
              busy={choosing.busy}
              label={name(words.makeDefault)}
              onPress={() => void choosing.run(key)}
            >
              {words.makeDefault}
            </Button>
            <RemoveAccount
              account={key}
              name={name(words.remove)}
              asking={asking}
              onAsk={setAsking}
            />
          </>
        )}
      </div>
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
    </div>
  );
};
