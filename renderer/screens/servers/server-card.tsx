/** One server: what it is, and each account on it. */
import { useLayoutEffect, useRef } from 'react';
import { commandLine } from '../../../shared/command-line.ts';
import type { ServerId } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { strings } from '../../strings.ts';
import { hostOf, initial, shortName } from '../../words.ts';
import { AccountRow } from './account-row.tsx';
import { ExceptionsNote } from './exceptions-note.tsx';
import { ProviderNote } from './provider-note.tsx';
import { RemoveServer } from './remove-server.tsx';
import { serverHeadingId } from './server-heading.ts';
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
  const heading = useRef<HTMLHeadingElement>(null);
  const focused = useRef<Element>(null);
  useLayoutEffect(() => {
    // What had the focus went with the state it belonged to.
    const gone = focused.current?.isConnected === false;
    if (gone && document.activeElement === document.body) heading.current?.focus();
  });

  const headingId = serverHeadingId(server.id);
  return (
    <article
      className="card server"
      ref={card}
      aria-labelledby={headingId}
      onFocus={({ target }) => {
        focused.current = target;
      }}
      onBlur={() => {
        focused.current = null;
      }}
    >
      <div className="server-head">
        <span className="tile" aria-hidden="true">
          {initial(server.title)}
        </span>
        <div className="server-name">
          <h3 ref={heading} id={headingId} tabIndex={-1}>
            <ForeignText text={server.title} />
          </h3>
          <p className="server-host">
            {server.command === undefined ? (
              <ForeignText text={hostOf(server.url)} tip={server.url} />
            ) : (
              <ForeignText className="server-host-command" text={commandLine(server.command)} />
            )}
          </p>
        </div>
        {asksSignIn(server) && (
          <Button
            kind="icon"
            label={strings.deedFor(strings.servers.settings, shortName(server.title))}
            tip={strings.servers.settings}
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

/** A server that is open has nothing to settle, and neither has a program, nor one whose credential comes from elsewhere. */
const asksSignIn = ({ kind, accounts, signIn, source }: ServerView): boolean =>
  source === undefined &&
  (kind === 'identity-provider' ||
    signIn !== undefined ||
    (kind === 'mcp' && accounts.some(({ state }) => state !== 'open')));
