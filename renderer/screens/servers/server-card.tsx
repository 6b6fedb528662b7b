/** One server: what it is, and each account on it. */
import { useLayoutEffect, useRef } from 'react';
import type { ServerId } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { ServerTile } from '../../components/server-tile.tsx';
import { hrefOf } from '../../state/address.ts';
import { useKeptFocus } from '../../state/use-kept-focus.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';
import { AccountRow } from './account-row.tsx';
import { ExceptionsNote } from './exceptions-note.tsx';
import { ProviderNote } from './provider-note.tsx';
import { RemoveServer } from './remove-server.tsx';
import { serverHeadingId } from './server-heading.ts';
import { ServerHost } from './server-host.tsx';
import { settingsWords } from './settings-of.ts';
import { SourceNote } from './source-note.tsx';
import { UsedBy } from './used-by.tsx';

interface ServerCardProps {
  readonly server: ServerView;
  /** Called when the card leaves the page with the focus in it. */
  readonly onGone: () => void;
  readonly onSettings: (server: ServerId) => void;
}

export const ServerCard = ({ server, onGone, onSettings }: ServerCardProps) => {
  const card = useRef<HTMLElement>(null);
  // A layout effect, because it is taken back while the card still stands in the page.
  useLayoutEffect(() => {
    const element = card.current;
    return () => {
      if (element?.contains(document.activeElement)) onGone();
    };
  }, [onGone]);
  const title = useRef<HTMLAnchorElement>(null);
  const keepsFocus = useKeptFocus(title);

  const settings = settingsWords(server);
  const headingId = serverHeadingId(server.id);
  return (
    <article className="card server" ref={card} aria-labelledby={headingId} {...keepsFocus}>
      <div className="server-head server-head-link">
        <ServerTile icon={server.icon} title={server.title} />
        <div className="server-name">
          <h3>
            <a
              ref={title}
              id={headingId}
              className="server-link"
              href={hrefOf({ screen: 'servers', server: server.id })}
            >
              <ForeignText text={server.title} />
            </a>
          </h3>
          <ServerHost server={server} />
        </div>
        {settings !== undefined && (
          <Button
            kind="icon"
            label={strings.deedFor(settings, shortName(server.title))}
            tip={settings}
            onPress={() => onSettings(server.id)}
          >
            <Icon name="settings" />
          </Button>
        )}
        <RemoveServer server={server} />
      </div>
      <ul className="accounts">
        {server.accounts.map((account) => (
          <li key={account.id}>
            <AccountRow
              server={server}
              account={account}
              onSettings={() => onSettings(server.id)}
            />
          </li>
        ))}
      </ul>
      <SourceNote server={server} />
      <ExceptionsNote server={server} />
      <UsedBy server={server} />
      {server.kind === 'identity-provider' && <ProviderNote provider={server} />}
    </article>
  );
};
