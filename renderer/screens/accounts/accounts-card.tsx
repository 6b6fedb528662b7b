/** Who the person is on a server, once or several times: more accounts, another person, the default one. */
import { useEffect, useRef } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { strings } from '../../strings.ts';
import { AddAccount } from './add-account.tsx';
import { OneAccount } from './one-account.tsx';

interface AccountsCardProps {
  readonly server: ServerView;
  /** A sign-in has begun: how far it is shows in the list of servers. */
  readonly onSigningIn: () => void;
}

export const AccountsCard = ({ server, onSigningIn }: AccountsCardProps) => {
  const heading = useRef<HTMLHeadingElement>(null);
  const count = server.accounts.length;
  const counted = useRef(count);
  useEffect(() => {
    // The button that was pressed went with its account.
    if (count < counted.current && document.activeElement === document.body)
      heading.current?.focus();
    counted.current = count;
  }, [count]);
  if (!hasPeople(server)) return null;
  return (
    <section className="card fields-card accounts-card">
      <h3 className="fields-title" ref={heading} tabIndex={-1}>
        {strings.accounts.title}
      </h3>
      <ul className="own-accounts">
        {server.accounts.map((account) => (
          <li key={account.id}>
            <OneAccount server={server} account={account} onSigningIn={onSigningIn} />
          </li>
        ))}
      </ul>
      <AddAccount server={server} onSigningIn={onSigningIn} />
    </section>
  );
};

/** Where nobody signs in by hand there is nobody else to be; and what is not set up yet comes first. */
const hasPeople = ({ kind, signIn, source, accounts }: ServerView): boolean =>
  kind === 'mcp' &&
  source === undefined &&
  (signIn?.kind ?? 'person') === 'person' &&
  accounts.some(({ state }) => state !== 'open' && state !== 'needs-setup');
