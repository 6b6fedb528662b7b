/** The servers, and the ways to more of them and to their settings. */
import { useCallback, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { ServerId } from '../../../shared/contract/ids.ts';
import { Button } from '../../components/button.tsx';
import { Footer } from '../../components/footer.tsx';
import { Icon } from '../../components/icon.tsx';
import { Notices } from '../../components/notices.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { Activity } from '../activity/activity.tsx';
import { AddServer } from '../add-server/add-server.tsx';
import { Ahead } from '../ahead/ahead.tsx';
import { DoorKeys } from '../keys/door-keys.tsx';
import { Policy } from '../policy/policy.tsx';
import { Rules } from '../rules/rules.tsx';
import { Secrets } from '../secrets/secrets.tsx';
import { ThisApp } from '../this-app/this-app.tsx';
import { serverHeadingId } from './server-heading.ts';
import { ServerList } from './server-list.tsx';
import { ServerSettings } from './server-settings.tsx';

interface ServersScreenProps {
  /** The address from a link that the person chose to look at; each is an object of its own. */
  readonly proposed: { readonly url: string } | undefined;
}

export const ServersScreen = ({ proposed }: ServersScreenProps) => {
  const { servers: all } = useSnapshot();
  const servers = all.filter(({ kind }) => kind !== 'identity-provider');
  const providers = all.filter(({ kind }) => kind === 'identity-provider');
  const empty = servers.length === 0;
  const [adding, setAdding] = useState(empty);
  // Stays true when the first server appears, or the panel would vanish in the middle of adding it.
  if (empty && !adding) setAdding(true);
  // Closing the panel of an empty list means beginning anew: it cannot go.
  const [round, setRound] = useState(0);
  const [settingsOf, setSettingsOf] = useState<ServerId>();
  const [taken, setTaken] = useState(proposed);
  const [address, setAddress] = useState<string>();
  if (proposed !== taken) {
    setTaken(proposed);
    setAddress(proposed?.url);
    setAdding(true);
    setRound((count) => count + 1);
    setSettingsOf(undefined);
  }
  const inSettings = all.find(({ id }) => id === settingsOf);
  if (settingsOf !== undefined && inSettings === undefined) setSettingsOf(undefined);

  const heading = useRef<HTMLHeadingElement>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const focusHeading = useCallback(() => heading.current?.focus(), []);
  const backToList = (thenLookAt?: ServerId): void => {
    // At once, or what is to have the focus may not be back yet.
    flushSync(() => {
      setAdding(false);
      setAddress(undefined);
      setRound((count) => count + 1);
      setSettingsOf(undefined);
    });
    const target =
      thenLookAt === undefined ? null : document.getElementById(serverHeadingId(thenLookAt));
    (target ?? addButton.current)?.focus();
  };

  if (inSettings !== undefined) {
    return (
      <>
        <ServerSettings
          key={inSettings.id}
          server={inSettings}
          onClose={() => backToList(inSettings.id)}
        />
        <Footer />
      </>
    );
  }
  const list = { onGone: focusHeading, onSettings: setSettingsOf };
  return (
    <>
      <main>
        <Notices onGone={focusHeading} />
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
        {adding && <AddServer key={round} first={empty} address={address} onClose={backToList} />}
        <ServerList servers={servers} {...list} />
        {providers.length > 0 && (
          <section className="company" aria-labelledby="company">
            <h2 id="company">{strings.company.title}</h2>
            <ServerList servers={providers} {...list} />
          </section>
        )}
        <Ahead />
        <Activity />
        <DoorKeys onGone={focusHeading} />
        <Rules />
        <Secrets />
        <ThisApp />
        <Policy />
      </main>
      <Footer />
    </>
  );
};
