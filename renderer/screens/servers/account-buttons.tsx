/** The buttons of an account. */
import type { AccountView, ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { strings } from '../../strings.ts';
import { canSignOut, type Deed, firstDeed } from './account-deeds.ts';

interface AccountButtonsProps {
  /** Whose, for those who cannot see where they stand. */
  readonly name: string;
  readonly server: Pick<ServerView, 'source'>;
  readonly account: Pick<AccountView, 'state' | 'endsSoon'>;
  readonly busy: boolean;
  readonly onDeed: (deed: Deed) => void;
  readonly onSignOut: () => void;
}

export const AccountButtons = (props: AccountButtonsProps) => {
  const { name, server, account, busy, onDeed, onSignOut } = props;
  const first = firstDeed(server, account);
  const out = canSignOut(server, account.state);
  const label = (words: string): string => strings.deedFor(words, name);
  if (first === undefined && !out) return null;
  // The keys make one button change its words, rather than go and take the focus with it.
  return (
    <div className="buttons">
      {first !== undefined && (
        <Button
          key="first"
          kind={first.kind}
          busy={busy}
          label={label(first.words)}
          onPress={() => onDeed(first)}
        >
          {first.words}
        </Button>
      )}
      {out && (
        <Button
          key={first === undefined ? 'first' : 'second'}
          busy={busy}
          label={label(strings.account.signOut)}
          onPress={onSignOut}
        >
          {strings.account.signOut}
        </Button>
      )}
    </div>
  );
};
