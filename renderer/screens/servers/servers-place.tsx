/** All servers, one of them, or its settings. */
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { ServerId } from '../../../shared/contract/ids.ts';
import { usePlace } from '../../state/use-place.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { ServerScreen, ServerSettings } from '../later.ts';
import { serverHeadingId } from './server-heading.ts';
import { ServersScreen } from './servers-screen.tsx';

export const ServersPlace = () => {
  const [place, go] = usePlace();
  const { servers } = useSnapshot();
  const { fromPage } = place;
  const server = servers.find(({ id }) => id === place.server);
  const before = useRef(place.server);
  const [last, setLast] = useState(place.server);
  if (place.server !== undefined && place.server !== last) setLast(place.server);
  useEffect(() => {
    // Back in the list, whichever way: the eye and the focus are where they were.
    if (place.server === undefined && before.current !== undefined) lookAt(before.current);
    before.current = place.server;
  }, [place.server]);
  useEffect(() => {
    // It was removed, here or elsewhere, or the link is an old one.
    if (place.server !== undefined && server === undefined) go({ screen: 'servers' });
  }, [place.server, server, go]);
  if (server === undefined) return <ServersScreen lookAt={last} />;
  if (place.settings === true) {
    return (
      <ServerSettings
        key={server.id}
        server={server}
        onClose={() =>
          flushSync(() => go({ screen: 'servers', ...(fromPage && { server: server.id }) }))
        }
      />
    );
  }
  return <ServerScreen key={server.id} server={server} />;
};

const lookAt = (server: ServerId): void => {
  const heading = document.getElementById(serverHeadingId(server));
  (heading ?? document.querySelector<HTMLElement>('main h2'))?.focus();
};
