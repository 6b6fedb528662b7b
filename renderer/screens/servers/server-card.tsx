/** One server: what it is, and each account on it. */
import { useLayoutEffect, useRef } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { hostOf, initial } from '../../words.ts';
import { AccountRow } from './account-row.tsx';
import { RemoveServer } from './remove-server.tsx';
import { serverHeadingId } from './server-heading.ts';

interface ServerCardProps {
  readonly server: ServerView;
  /** Called when the card leaves the page with the focus in it. */
  readonly onGone: () => void;
}

export const ServerCard = ({ server, onGone }: ServerCardProps) => {
  const card = useRef<HTMLElement>(null);
  // A layout effect, because it is taken back while the card still stands in the page.
  useLayoutEffect(() => {
    const element = card.current;
    return () => {
      if (element?.contains(document.activeElement)) onGone();
    };
  }, [onGone]);

  const headingId = serverHeadingId(server.id);
  return (
    <article className="card server" ref={card} aria-labelledby={headingId}>
      <div className="server-head">
        <span className="tile" aria-hidden="true">
          {initial(server.title)}
        </span>
        <div className="server-name">
          <h3 id={headingId} tabIndex={-1}>
            <ForeignText text={server.title} />
          </h3>
          <p className="server-host">
            <ForeignText text={hostOf(server.url)} tip={server.url} />
          </p>
        </div>
        <RemoveServer server={server} />
      </div>
      <ul className="accounts">
        {server.accounts.map((account) => (
          <li key={account.id}>
            <AccountRow server={server} account={account} />
          </li>
        ))}
      </ul>
    </article>
  );
};
