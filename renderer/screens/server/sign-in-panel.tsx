/** Who is signed in, how a sign-in that runs comes along, and what there is to know of the server beside it. */
import { useRef } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { useKeptFocus } from '../../state/use-kept-focus.ts';
import { strings } from '../../strings.ts';
import { AccountRow } from '../servers/account-row.tsx';
import { ProviderNote } from '../servers/provider-note.tsx';
import { SourceNote } from '../servers/source-note.tsx';
import { UsedBy } from '../servers/used-by.tsx';

interface SignInPanelProps {
  readonly server: ServerView;
  readonly onSettings: () => void;
}

export const SignInPanel = ({ server, onSettings }: SignInPanelProps) => {
  const panel = useRef<HTMLElement>(null);
  const keepsFocus = useKeptFocus(panel);
  return (
    <section
      className="card sign-in-panel"
      ref={panel}
      tabIndex={-1}
      aria-label={strings.accounts.title}
      {...keepsFocus}
    >
      <ul className="accounts">
        {server.accounts.map((account) => (
          <li key={account.id}>
            <AccountRow server={server} account={account} onSettings={onSettings} stepwise />
          </li>
        ))}
      </ul>
      <SourceNote server={server} />
      <UsedBy server={server} />
      {server.kind === 'identity-provider' && <ProviderNote provider={server} />}
    </section>
  );
};
