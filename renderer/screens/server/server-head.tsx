/** The top of a server's page: the way back, what it is called and where it is, and what can be done with it as a whole. */
import { useEffect, useRef, useState } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { ServerTile } from '../../components/server-tile.tsx';
import { hrefOf } from '../../state/address.ts';
import { useFocusBack } from '../../state/use-focus-back.ts';
import { serverStrings } from '../../strings/server.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';
import { RemoveServer } from '../servers/remove-server.tsx';
import { ServerHost } from '../servers/server-host.tsx';
import { settingsWords } from '../servers/settings-of.ts';
import { RenameServer } from './rename-server.tsx';

interface ServerHeadProps {
  readonly server: ServerView;
  readonly onSettings: () => void;
}

export const ServerHead = ({ server, onSettings }: ServerHeadProps) => {
  const [renaming, setRenaming] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const renameButton = useFocusBack(renaming);
  useEffect(() => {
    heading.current?.focus();
    scrollTo({ top: 0 });
  }, []);
  const settings = settingsWords(server);
  const label = (deed: string): string => strings.deedFor(deed, shortName(server.title));
  const words = serverStrings.rename;
  return (
    <>
      <div className="back">
        <a className="button button-link" href={hrefOf({ screen: 'servers' })}>
          <Icon name="back" />
          {strings.servers.title}
        </a>
      </div>
      <div className="server-head server-page-head">
        <ServerTile icon={server.icon} title={server.title} />
        <div className="server-name">
          <h2 ref={heading} tabIndex={-1} className={renaming ? 'unseen' : undefined}>
            <ForeignText text={server.title} />
          </h2>
          {renaming ? (
            <RenameServer server={server} onClose={() => setRenaming(false)} />
          ) : (
            <ServerHost server={server} />
          )}
        </div>
        {!renaming && (
          <>
            <Button
              kind="icon"
              ref={renameButton}
              label={label(words.button)}
              tip={words.button}
              onPress={() => setRenaming(true)}
            >
              <Icon name="rename" />
            </Button>
            {settings !== undefined && (
              <Button kind="icon" label={label(settings)} tip={settings} onPress={onSettings}>
                <Icon name="settings" />
              </Button>
            )}
            <RemoveServer server={server} />
          </>
        )}
      </div>
    </>
  );
};
