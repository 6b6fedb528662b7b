/** All servers, and the ways to more of them. */
import { useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { ServerId } from '../../../shared/contract/ids.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { usePlace } from '../../state/use-place.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { useFirstRun } from '../first-run/use-first-run.ts';
import { AddServer, FirstRun, SearchServers } from '../later.ts';
import { having, MANY } from './search.ts';
import { serverHeadingId } from './server-heading.ts';
import { ServerList } from './server-list.tsx';

export const ServersScreen = ({ lookAt }: { readonly lookAt?: ServerId | undefined }) => {
  const [{ add: proposed }, go] = usePlace();
  const { servers: all } = useSnapshot();
  const servers = useMemo(() => all.filter(({ kind }) => kind !== 'identity-provider'), [all]);
  const providers = all.filter(({ kind }) => kind === 'identity-provider');
  const empty = servers.length === 0;
  const [adding, setAdding] = useState(empty || proposed !== undefined);
  const firstRun = useFirstRun(servers);
  // Stays true when the first server appears, or the panel would vanish in the middle of adding it.
  if (firstRun.step === 'add' && !adding) setAdding(true);
  // Closing the panel of an empty list means beginning anew: it cannot go.
  const [round, setRound] = useState(0);
  const [taken, setTaken] = useState(proposed);
  const [address, setAddress] = useState(proposed?.url);
  if (proposed !== undefined && proposed !== taken) {
    setTaken(proposed);
    setAddress(proposed.url);
    setAdding(true);
    setRound((count) => count + 1);
  }

  const heading = useRef<HTMLHeadingElement>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const focusHeading = useCallback(() => heading.current?.focus(), []);
  const [sought, setSought] = useState('');
  // Typing goes before what it finds.
  const wanted = useDeferredValue(sought);
  const found = useMemo(() => having(wanted, servers), [wanted, servers]);
  const backToList = (thenLookAt?: ServerId): void => {
    // At once, or what is to have the focus may not be back yet.
    flushSync(() => {
      setAdding(false);
      setAddress(undefined);
      if (thenLookAt !== undefined) setSought('');
      setRound((count) => count + 1);
    });
    const target =
      thenLookAt === undefined ? null : document.getElementById(serverHeadingId(thenLookAt));
    (target ?? addButton.current)?.focus();
  };

  const skip = (): void => {
    flushSync(() => {
      firstRun.skip();
      if (firstRun.step === 'add') setAdding(false);
    });
    if (firstRun.step === 'add') addButton.current?.focus();
    else if (firstRun.step === 'connect') focusHeading();
  };
  const openSettings = useCallback(
    (server: ServerId) => go({ screen: 'servers', server, settings: true }),
    [go],
  );
  const list = { lookAt, onGone: focusHeading, onSettings: openSettings };
  return (
    <main>
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
      {firstRun.step !== undefined && (
        <FirstRun step={firstRun.step} isSaid={adding} onSkip={skip} />
      )}
      {adding && (
        <AddServer
          key={round}
          first={firstRun.step === 'add'}
          address={address}
          onClose={backToList}
        />
      )}
      {(servers.length > MANY || sought !== '') && (
        <SearchServers
          words={sought}
          found={wanted.trim() === '' ? undefined : found.length}
          onChange={setSought}
        />
      )}
      <ServerList servers={found} {...list} />
      {providers.length > 0 && (
        <section className="company" aria-labelledby="company">
          <h2 id="company">{strings.company.title}</h2>
          <ServerList servers={providers} {...list} />
        </section>
      )}
    </main>
  );
};
