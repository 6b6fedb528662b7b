/** The servers, and the way to more of them. */
import { useCallback, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Footer } from '../../components/footer.tsx';
import { Icon } from '../../components/icon.tsx';
import { Notices } from '../../components/notices.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { AddServer } from '../add-server/add-server.tsx';
import { ServerCard } from './server-card.tsx';
import { serverHeadingId } from './server-heading.ts';

export const ServersScreen = () => {
  const { servers } = useSnapshot();
  const empty = servers.length === 0;
  const [adding, setAdding] = useState(empty);
  // Stays true when the first server appears, or the panel would vanish in the middle of adding it.
  if (empty && !adding) setAdding(true);

  const heading = useRef<HTMLHeadingElement>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const focusHeading = useCallback(() => heading.current?.focus(), []);
  const stopAdding = (thenLookAt?: string): void => {
    setAdding(false);
    // Once the button is back.
    requestAnimationFrame(() => {
      const target =
        thenLookAt === undefined ? null : document.getElementById(serverHeadingId(thenLookAt));
      (target ?? addButton.current)?.focus();
    });
  };

  return (
    <>
      <main>
        <Notices />
        <div className={empty ? 'list-head list-head-empty' : 'list-head'}>
          {/* One element in both cases: it is where focus goes when the last server is removed. */}
          <h2 ref={heading} tabIndex={-1}>
            {empty ? strings.servers.emptyTitle : strings.servers.title}
          </h2>
          {empty && <p className="muted">{strings.servers.emptyText}</p>}
          {!adding && (
            <Button ref={addButton} onPress={() => setAdding(true)}>
              <Icon name="add" />
              {strings.servers.add}
            </Button>
          )}
        </div>
        {adding && <AddServer first={empty} onClose={stopAdding} />}
        <ul className="servers">
          {servers.map((server) => (
            <li key={server.id}>
              <ServerCard server={server} onGone={focusHeading} />
            </li>
          ))}
        </ul>
      </main>
      <Footer />
    </>
  );
};
